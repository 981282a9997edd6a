"""What clouds answer when they do not give or take.

obstore's errors quote whole answers; nothing of them is shown but the status and the error's code.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError

ERRORS: Final = (BaseError, FileNotFoundError, ValueError)
"""What obstore raises."""

CREDENTIALS: Final = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (`aws configure export-credentials --format env` prints a profile's)",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or AZURE_STORAGE_SAS_TOKEN",
}
"""Where each cloud's credentials are looked for, as advice."""

Reason = Literal[
    "no_credentials",
    "no_container",
    "wrong_region",
    "keys_refused",
    "clock",
    "archived",
    "denied",
    "missing",
    "changed",
    "out_of_range",
    "full",
    "not_https",
    "silent",
    "failed",
]

_STATUS = re.compile(r"status code: (\d{3})\b")
_CODE = re.compile(r"<Code>([A-Za-z.]{1,60})</Code>")
_REGION = re.compile(r"<Region>([a-z0-9-]{1,30})</Region>|expecting (?:'|&apos;|&#39;|\\')([a-z0-9-]{1,30})")

_NO_CONTAINER: Final = frozenset({"NoSuchBucket", "ContainerNotFound", "InvalidBucketName", "ContainerBeingDeleted"})
_WRONG_REGION: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
_ARCHIVED: Final = frozenset({"InvalidObjectState", "BlobArchived", "BlobBeingRehydrated"})
_FULL: Final = frozenset({"QuotaExceeded", "StorageFull", "XMinioStorageFull", "InsufficientStorage"})
_REFUSED_KEYS: Final = {
    "InvalidAccessKeyId": "the access key is not known there",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
    "AuthenticationFailed": "the account key or the token is not accepted there",
    "ExpiredToken": "the session token has expired",
    "InvalidToken": "the session token is not accepted there",
}
_NO_LOCATION: Final = "redirect without LOCATION"


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason` "silent": there was none. `status` is 0 and `code` "" when none was given. `detail`: what is wrong with keys, or
    what to do about a region.
    """

    reason: Reason
    status: int
    code: str
    detail: str = ""

    @property
    def may_pass(self) -> bool:
        """Whether the same request may be answered otherwise later."""
        return self.reason == "silent" or _may_pass(self.status)

    @property
    def shown(self) -> str:
        """Status and code, as far as they are known."""
        return " ".join(filter(None, (str(self.status) if self.status else "", self.code)))


def understand(error: BaseException) -> Answer:
    """What an error of obstore's says."""
    text = str(error)
    status = int(match[1]) if (match := _STATUS.search(text)) else 0
    code = match[1] if (match := _CODE.search(text)) else ""
    reason, detail = _reason(error, text, status, code)
    return Answer(reason, status, code, detail)


def was_refused(error: BaseException) -> bool:
    """Whether the store itself said no, which it will again, rather than that something failed on the way."""
    text = str(error)
    if _asked_for_credentials(text):
        return False
    match = _STATUS.search(text)
    return _NO_LOCATION in text or (match is not None and 400 <= int(match[1]) < 500 and not _may_pass(int(match[1])))


def _reason(error: BaseException, text: str, status: int, code: str) -> tuple[Reason, str]:
    if _asked_for_credentials(text):
        return "no_credentials", ""
    if code in _NO_CONTAINER:
        return "no_container", ""
    if code in _WRONG_REGION or _NO_LOCATION in text:
        match = _REGION.search(text)
        return (
            "wrong_region",
            f"set AWS_REGION={match[1] or match[2]}" if match else "set AWS_REGION to the one where it is",
        )
    if code in _REFUSED_KEYS:
        return "keys_refused", _REFUSED_KEYS[code]
    if code == "RequestTimeTooSkewed":
        return "clock", ""
    if code in _ARCHIVED:
        return "archived", ""
    if status == 416:
        return "out_of_range", ""
    if code in _FULL or status == 507:
        return "full", ""
    if isinstance(error, PermissionDeniedError | UnauthenticatedError) or status in {401, 403}:
        return "denied", ""
    if isinstance(error, FileNotFoundError) or status == 404:
        return "missing", ""
    if isinstance(error, PreconditionError):
        return "changed", ""
    if "BadScheme" in text:
        return "not_https", ""
    if status == 0 and ("HTTP error" in text or "Http(" in text):
        return "silent", ""
    return "failed", ""


def _asked_for_credentials(text: str) -> bool:
    """Whether it failed before the store was asked: no key in the environment, so the machine's own identity was tried."""
    return any(
        sign in text
        for sign in (
            "token request",
            "latest/api/token",
            "latest/meta-data",
            "MissingAccount",
            "Credential {",
            "InvalidCredentials",
        )
    )


def _may_pass(status: int) -> bool:
    return status >= 500 or status in {408, 429}
