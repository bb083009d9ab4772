CREATE TABLE example (id int);
