"""What all tables have in common."""

from typing import Any, ClassVar, cast

from sqlalchemy import JSON, BigInteger, Table
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {int: BigInteger, dict[str, Any]: JSON, list[Any]: JSON, list[str]: JSON}


def table_of(rows: type[Base]) -> Table:
    """For plain SQL: what is asked of it goes past the unit of work, which costs more than the database does, and flushes nothing."""
    return cast(Table, rows.__table__)
