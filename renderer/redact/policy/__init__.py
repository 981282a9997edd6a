"""What is to be hidden, and what it is asked of an element."""
