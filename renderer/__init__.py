"""Turns a recorded browser session into a short clip that explains itself. Start reading at `pipeline.py`."""

__version__ = "0.1.0"
