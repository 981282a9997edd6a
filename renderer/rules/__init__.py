"""What to look for in a session: rules over its timeline, and the moments that they find."""
