"""Recordings that were given to this machine to keep: taken in parts, kept by what is in them."""
