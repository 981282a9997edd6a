"""Whether a body is from who it says: over its bytes as they came, before anybody reads them."""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from renderer.errors import AccessError

Headers = Mapping[str, str]
"""By names in small letters, or by any when it is one of starlette's."""

STALE_S: Final = 300


def hex_digest(secret: str, body: bytes, algorithm: str) -> str:
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


def base64_digest(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()


def check_same(told: str | None, expected: str, header: str) -> None:
    """In the same time whatever was told. Raises AccessError `bad_signature`."""
    if told is None or not same(told, expected):
        raise bad_signature(header)


def same(told: str, expected: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), expected.encode())


def bad_signature(header: str) -> AccessError:
    return AccessError(
        "bad_signature",
        f"the header {header} does not fit the body and the secret that is set up here: compare the secrets on both sides",
    )


def check_fresh(told: str, now_s: float, header: str) -> None:
    """Of a time that is signed. Raises AccessError `stale_signature`."""
    try:
        at = datetime.fromisoformat(told)
        age_s = now_s - (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise bad_signature(header) from None
    if abs(age_s) > STALE_S:
        raise AccessError(
            "stale_signature",
            f"the header {header} is more than {STALE_S // 60} minutes off: this was sent before, or a clock is wrong",
        )
