"""Form fields that hold what is nobody's business, told by their type, their autocomplete, or what they are called."""

import itertools
import re
from collections.abc import Mapping
from typing import Final

FIELD_TAGS: Final = frozenset({"input", "textarea", "select"})
ATTRIBUTES: Final = frozenset(
    {"type", "name", "id", "autocomplete", "contenteditable", "placeholder", "aria-label", "inputmode"}
)
# Their value is a word on the page or no word at all; nobody types it.
LABELS: Final = frozenset({"submit", "button", "reset", "image"})
UNTYPED: Final = LABELS | {"checkbox", "radio", "range", "color"}

_TYPES: Final = frozenset(
    {
        "password",
        "email",
        "tel",
        "hidden",
        "text",
        "search",
        "url",
        "number",
        "date",
        "datetime-local",
        "month",
        "week",
        "time",
    }
)
_WORD = re.compile(r"[a-z]+|[A-Z][a-z]*|\d+")
_CARD_WORDS: Final = frozenset(
    {
        "cvc",
        "cvv",
        "cvv2",
        "csc",
        "ccnum",
        "ccnumber",
        "cardnumber",
        "cardnum",
        "creditcard",
        "cccsc",
        "ccexp",
        "cccvc",
        "cccvv",
        "pan",
        "iban",
    }
)
_CARD_PAIRS: Final = frozenset(
    {"number", "num", "no", "name", "holder", "exp", "expiry", "cvc", "cvv", "csc", "code", "month", "year", "nr"}
)
_PASSWORD: Final = frozenset(
    {"password", "passwd", "pwd", "passphrase", "passcode", "passwort", "otp", "pin", "secret", "totp"}
)
_EMAIL: Final = frozenset({"email", "mail", "emailaddress", "useremail"})
_TEL: Final = frozenset(
    {"tel", "phone", "telephone", "mobile", "cellphone", "phonenumber", "handy", "telefon", "fax", "mobilenumber"}
)


def kinds(tag: str, attributes: Mapping[str, object]) -> frozenset[str]:
    """What a field is: its type, and "password", "email", "tel" or "card" when its names say so. Empty for other elements."""
    if tag not in FIELD_TAGS:
        return frozenset()
    told = {name.lower(): value for name, value in attributes.items() if isinstance(value, str)}
    own = told.get("type", "text").lower() if tag == "input" else tag
    if own in UNTYPED or own == "file":
        return frozenset({own})
    found = {own if own in _TYPES or tag != "input" else "text"}
    for token in told.get("autocomplete", "").lower().split():
        if token.startswith("cc-"):
            found.add("card")
        elif token.endswith("-password") or token == "one-time-code":  # noqa: S105  (a token of autocomplete)
            found.add("password")
        elif token == "email":  # noqa: S105
            found.add("email")
        elif token.startswith("tel"):
            found.add("tel")
    if told.get("inputmode") in {"email", "tel"}:
        found.add(told["inputmode"])
    if own not in {"search", "url", "date", "month", "week", "time", "datetime-local"}:
        for name in ("name", "id", "aria-label", "placeholder"):
            if name in told:
                found |= _called(told[name][:100])
    return frozenset(found)


def _called(name: str) -> set[str]:
    words = [word.lower() for word in _WORD.findall(name)]
    whole = "".join(words)
    found = set()
    if whole in _CARD_WORDS or _CARD_WORDS & set(words) - {"pan"}:
        found.add("card")
    if any(a in {"card", "cc", "credit"} and b in _CARD_PAIRS | {"card"} for a, b in itertools.pairwise(words)):
        found.add("card")
    for kind, names in (("password", _PASSWORD), ("email", _EMAIL), ("tel", _TEL)):
        if whole in names or names & set(words):
            found.add(kind)
    if any(a == "e" and b == "mail" for a, b in itertools.pairwise(words)):
        found.add("email")
    return found
