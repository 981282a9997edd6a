"""What the recording itself tells of."""
