print("edited from outside")
