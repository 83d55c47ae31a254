"""What can be done in the workbench, one kind of action a file: with data, training, people."""
