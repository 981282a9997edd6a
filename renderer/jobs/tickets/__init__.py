"""Clips on their way to ticket systems: the worker's side."""
