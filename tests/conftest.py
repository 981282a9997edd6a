"""Databases and servers that any test may ask for by the names of fixtures; none is made or started before."""

pytest_plugins = [
    "tests.services.postgres",
    "tests.services.redis",
    "tests.services.roundup",
    "tests.services.smtp",
    "tests.services.sqlite",
]
