"""What is hidden inside a text, whatever it stands in."""
