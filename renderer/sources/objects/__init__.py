"""Recordings in object stores: one object, or a prefix of parts."""
