"""The service's database, for commands that look into it or change it."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from renderer.access.audit import Audit
from renderer.access.caller import Actor
from renderer.access.fingerprint import refuse_other_secret
from renderer.access.keys import Keys
from renderer.access.secret import ServiceSecret
from renderer.cli.environment import read_settings
from renderer.database.engine import Database
from renderer.database.upgrade import upgrade


class Desk(NamedTuple):
    keys: Keys
    audit: Audit


@contextmanager
def service_desk() -> Iterator[Desk]:
    """Brings the database up to date, or makes it. Raises SetupError."""
    settings = read_settings()
    database = Database(settings.database)
    try:
        upgrade(database)
        secret = ServiceSecret.load(settings)
        refuse_other_secret(database, secret)
        yield Desk(Keys(database, secret), Audit(database, secret))
    finally:
        database.close()


def whoever_types() -> Actor:
    """By the system's account: variables such as USER say whatever one likes."""
    number = os.geteuid()
    try:
        return Actor(name=f"local:{pwd.getpwuid(number).pw_name}")
    except KeyError:
        return Actor(name=f"local:{number}")
