"""Secrets in every place that a recording or events can carry them are in no byte of what redaction lets through."""

import re
from collections.abc import Callable
from dataclasses import asdict

import msgspec
import pytest

from renderer.redact import DEFAULT, Policy, redact_events, redact_recording
from renderer.redact.policy.model import Custom, Text
from tests.canaries import Planted, planted, survivors
from tests.unit.redact_fixtures import everything, read


def _number(place: str) -> int:
    return sum(ord(sign) * (7 + number) for number, sign in enumerate(place)) % 10**6


def _email(place: str) -> str:
    return f"{re.sub('[^a-z]', '.', place.lower())}{_number(place)}@canary.example"


def _card(place: str) -> str:
    digits = f"411111{_number(place):06d}000"
    total = sum(sum(divmod(int(digit) * (2 - number % 2), 10)) for number, digit in enumerate(digits))
    return digits + str(-total % 10)


def _phone(place: str) -> str:
    return f"+49 170 {_number(place) + 1000000}"


def _iban(place: str) -> str:
    account = f"50010517{_number(place):010d}"
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def _jwt(place: str) -> str:
    return f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{_number(place)}.c2lnbmF0dXJl"


def _key(place: str) -> str:
    return f"sk-proj-abcdefgh{_number(place):06d}ABCD"


def _custom(place: str) -> str:
    return f"ZQX-{_number(place):06d}-END"


KINDS: dict[str, Callable[[str], str]] = {
    "email": _email, "card": _card, "phone": _phone, "iban": _iban, "jwt": _jwt, "api_key": _key, "custom": _custom,
}  # fmt: skip
POLICY = DEFAULT.model_copy(
    update={"text": Text(patterns=DEFAULT.text.patterns, custom=(Custom(name="zqx", regex="ZQX-[0-9]{6}-END"),))}
)


def redacted(what: Planted, policy: Policy) -> bytes:
    done = redact_recording(read(what.recording), policy)
    events, counts = redact_events(what.events, policy)
    told = msgspec.json.encode([asdict(event) for event in events.events])
    return b"\n".join(
        [everything(done.recording), told, msgspec.json.encode(dict(done.report)), msgspec.json.encode(dict(counts))]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_of_a_kind_survives_anywhere(kind: str) -> None:
    what = planted(KINDS[kind])
    assert len(what.secrets) > 80
    assert survivors(what.secrets, everything(read(what.recording))), "the canaries must be there before"
    assert survivors(what.secrets, redacted(what, POLICY)) == []
