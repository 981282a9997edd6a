"""Batches that look through sessions: which there are, what rules find in them, and the clips that come of it."""
