"""Locks by name that a transaction holds until it ends."""

import hashlib

from sqlalchemy import text
from sqlalchemy.orm import Session


def alone(session: Session, name: str) -> None:
    """Waits until no other transaction holds `name`. Only inside `Database.write()`: of an SQLite file there is one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
