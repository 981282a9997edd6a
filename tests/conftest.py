"""Servers that any test may ask for by the names of fixtures; none is started before."""

pytest_plugins = ["tests.services.postgres", "tests.services.redis"]
