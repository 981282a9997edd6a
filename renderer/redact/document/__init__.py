"""What is hidden in the recorded document: found in a first reading, taken out in a second."""
