"""What a key may be good for."""

from collections.abc import Collection, Iterable
from typing import Final, Literal, get_args

from renderer.errors import RequestError

Scope = Literal["clips:read", "clips:write", "recordings:write", "deliveries:write", "admin"]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)


def parse_scopes(names: Iterable[str]) -> tuple[Scope, ...]:
    """In the order of `SCOPES`, each once. Raises RequestError `bad_scopes`."""
    asked = set(names)
    unknown = asked.difference(SCOPES)
    if unknown or not asked:
        wrong = "there is no such scope as one of those given" if unknown else "a key needs at least one scope"
        raise RequestError("bad_scopes", f"{wrong}: scopes are {', '.join(SCOPES)}")
    return tuple(scope for scope in SCOPES if scope in asked)


def allows(held: Collection[str], wanted: Scope) -> bool:
    """`admin` is good for everything; no other scope holds another."""
    return wanted in held or "admin" in held
