"""A mirror of the recorded document, kept up to date event by event."""
