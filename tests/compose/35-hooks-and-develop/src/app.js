console.log("young");
