"""What a file of rules has wrong in its shape, in words for who wrote it."""

from typing import Any

from pydantic import ValidationError

from renderer.rules.language.document import Place
from renderer.rules.language.model import fields_of, model_at
from renderer.rules.language.wrong import RuleError, meant


def first_mistake(error: ValidationError) -> RuleError:
    """The one that says most."""
    mistakes = error.errors(include_url=False)
    # An unknown key says more than what is missing because of it.
    mistake = next((each for each in mistakes if each["type"] == "extra_forbidden"), mistakes[0])
    place: Place = tuple(part for part in mistake["loc"])
    kind = mistake["type"]
    value = mistake.get("input")
    if kind == "extra_forbidden":
        return RuleError(place, f"there is no such key{meant(str(place[-1]), fields_of(model_at(place[:-1])))}")
    if kind == "missing":
        return RuleError(place[:-1], f"{place[-1]!r} is missing")
    if kind in {"literal_error", "enum"}:
        return RuleError(place, f"{_shown(value)} will not do; it can be {mistake['ctx']['expected']}".replace("'", ""))
    if kind == "string_pattern_mismatch":
        return RuleError(place, f"{_shown(value)} is no name; use small letters, digits, - and _, 64 at most")
    if kind == "value_error":
        said = str(mistake["msg"]).removeprefix("Value error, ")
        return RuleError(place, f"{_shown(value)} {said}" if said.startswith("is ") else said)
    words = {"dict": "a mapping (key: value)", "model": "a mapping (key: value)", "tuple": "a list", "string": "a text",
             "int": "a whole number", "bool": "true or false"}  # fmt: skip
    wanted = next((words[word] for word in words if kind.startswith(word)), None)
    if wanted is not None and "_too_" not in kind:
        return RuleError(place, f"{_shown(value)} will not do; write {wanted}")
    return RuleError(place, f"{_shown(value)} will not do ({mistake['msg'][:1].lower()}{mistake['msg'][1:]})")


def key_of(place: Place) -> str:
    """`rules[2].when[1].within`, counted from 1 as people count."""
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}…"
