"""Uploads on their way in: from the socket to the recording store, block by block."""
