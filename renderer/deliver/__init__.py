"""Clips on their way to where support works: one file per ticket system in `systems`, the story in `deliver.py`."""
