"""The text of an API key: `rc_live_ID_SECRETCHECKSUM`.

The prefix lets scanners find keys that were published by mistake; the checksum (CRC32, as GitHub's tokens have) tells a typing error
from a key without asking the database. The id is no secret: lists and logs show it.
"""

import re
import secrets
import string
import zlib
from typing import Final

PREFIX: Final = "rc_live_"
_ID_LETTERS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_ID_LENGTH: Final = 12
_BASE62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
# 190 bits.
_SECRET_LENGTH: Final = 32
_CHECKSUM_LENGTH: Final = 6
_LENGTH: Final = len(PREFIX) + _ID_LENGTH + 1 + _SECRET_LENGTH + _CHECKSUM_LENGTH
_ID: Final = re.compile(rf"[{_ID_LETTERS}]{{{_ID_LENGTH}}}")
_KEY: Final = re.compile(
    rf"{PREFIX}([{_ID_LETTERS}]{{{_ID_LENGTH}}})_[0-9A-Za-z]{{{_SECRET_LENGTH + _CHECKSUM_LENGTH}}}"
)
# Keys, also cut off or run together, signatures of share links, signing secrets of webhooks.
_SECRETS: Final = re.compile(
    rf"({PREFIX}[{_ID_LETTERS}]{{1,{_ID_LENGTH}}}_)[0-9A-Za-z]{{1,{_SECRET_LENGTH + _CHECKSUM_LENGTH}}}"
    r"|(shr_[0-9a-z]{26}_)[0-9a-f]{1,32}"
    r"|(whsec_)[0-9A-Za-z+/=]+"
)


def new_key() -> tuple[str, str]:
    """Id and text of a key that nobody has."""
    key_id = _random(_ID_LETTERS, _ID_LENGTH)
    body = f"{PREFIX}{key_id}_{_random(_BASE62, _SECRET_LENGTH)}"
    return key_id, body + _checksum(body)


def key_id_of(text: str) -> str | None:
    """None unless it has the shape of a key and its checksum is right. Cheap, whatever the text is."""
    if len(text) != _LENGTH:
        return None
    match = _KEY.fullmatch(text)
    if match is None or _checksum(text[:-_CHECKSUM_LENGTH]) != text[-_CHECKSUM_LENGTH:]:
        return None
    return match[1]


def is_key_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def without_secrets(text: str) -> str:
    """For whatever is written down: the secret part of anything that looks like one of ours becomes `…`."""
    return _SECRETS.sub(lambda found: f"{found[found.lastindex or 0]}…", text)


def _random(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))


def _checksum(text: str) -> str:
    rest, digits = zlib.crc32(text.encode("ascii")), ""
    for _ in range(_CHECKSUM_LENGTH):
        rest, digit = divmod(rest, 62)
        digits = _BASE62[digit] + digits
    return digits
