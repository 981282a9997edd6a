"""Recordings are hostile and may be large: reading one happens in a process of its own, never in the one that answers."""
