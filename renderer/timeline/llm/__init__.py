"""Calls of a model, put together from all that tells of them."""
