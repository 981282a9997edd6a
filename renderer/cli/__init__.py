"""The command line: what is typed, and what is told."""

from renderer.cli.app import app, main, run

__all__ = ["app", "main", "run"]
