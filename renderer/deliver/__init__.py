"""News of clips, and clips themselves, on their way to other people's servers."""
