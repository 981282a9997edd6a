"""What clouds answer when they do not give, in one line for the person who can mend it.

obstore's errors quote whole answers; nothing of them is shown but the status and the error's code.
"""

import re
from typing import Final

from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError

from renderer.errors import RecordingError, RendererError, RequestError, SourceError
from renderer.sources.objects.place import Place

ERRORS: Final = (BaseError, FileNotFoundError, ValueError)
"""What obstore raises."""

_STATUS = re.compile(r"status code: (\d{3})\b")
_CODE = re.compile(r"<Code>([A-Za-z.]{1,60})</Code>")
_REGION = re.compile(r"<Region>([a-z0-9-]{1,30})</Region>|expecting (?:'|&apos;|&#39;|\\')([a-z0-9-]{1,30})")

_CREDENTIALS: Final = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (`aws configure export-credentials --format env` prints a profile's)",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS to the file of a service account",
    "az": "set AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY, or AZURE_STORAGE_SAS_TOKEN",
}
_NO_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound", "InvalidBucketName", "ContainerBeingDeleted"})
_ARCHIVED: Final = frozenset({"InvalidObjectState", "BlobArchived", "BlobBeingRehydrated"})
_WRONG_REGION: Final = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
_REFUSED_KEYS: Final = {
    "InvalidAccessKeyId": "the access key is not known there",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key",
    "AuthenticationFailed": "the account key or the token is not accepted there",
    "ExpiredToken": "the session token has expired",
    "InvalidToken": "the session token is not accepted there",
}
_NO_LOCATION: Final = "redirect without LOCATION"


def explain(error: BaseException, place: Place) -> RendererError:
    """The error of our tree for what obstore raised while reading `place`."""
    text = str(error)
    status = int(match[1]) if (match := _STATUS.search(text)) else 0
    code = match[1] if (match := _CODE.search(text)) else ""
    if _asked_for_credentials(text):
        return RequestError(
            "no_credentials", f"there are no credentials for {place.scheme}:; {_CREDENTIALS[place.scheme]}"
        )
    if code in _NO_BUCKET:
        return RecordingError(
            "recording_not_found", f"the {place.container} does not exist; check its name and the account"
        )
    if code in _WRONG_REGION or _NO_LOCATION in text:
        return _wrong_region(text, place)
    if code in _REFUSED_KEYS:
        return RequestError(
            "access_denied",
            f"the {place.container} cannot be read: {_REFUSED_KEYS[code]}; {_CREDENTIALS[place.scheme]}",
        )
    if code == "RequestTimeTooSkewed":
        return RequestError(
            "access_denied",
            f"the {place.container} cannot be read: this machine's clock is more than 15 minutes off; set it",
        )
    if code in _ARCHIVED:
        return RequestError("archived", f"{place.name} is in an archive of the {place.container}; restore it first")
    if isinstance(error, PermissionDeniedError | UnauthenticatedError) or status in {401, 403}:
        return RequestError(
            "access_denied",
            f"access to {place.name} in the {place.container} is denied; these credentials need the right to read and list it",
        )
    if isinstance(error, FileNotFoundError) or status == 404:
        return not_found(place)
    if isinstance(error, PreconditionError):
        return changed(place)
    if "BadScheme" in text:
        return RequestError(
            "bad_endpoint", f"the endpoint for {place.scheme}: is not https; write it as https://HOST:PORT"
        )
    if status == 0 and ("HTTP error" in text or "Http(" in text):
        return SourceError(
            "source_unreachable",
            f"the server of the {place.container} does not answer; check the network and the endpoint, then try again",
            retryable=True,
        )
    answered = " ".join(filter(None, (str(status) if status else "", code)))
    return SourceError(
        "source_failed",
        f"{place.name} cannot be read from the {place.container}"
        + (f": the server answered {answered}" if answered else "")
        + ("; try again later" if _may_pass(status) else "; check the address and the endpoint"),
        retryable=_may_pass(status),
    )


def was_refused(error: BaseException) -> bool:
    """Whether the store itself said no, which it will again, rather than that something failed on the way."""
    text = str(error)
    if _asked_for_credentials(text):
        return False
    match = _STATUS.search(text)
    return _NO_LOCATION in text or (match is not None and 400 <= int(match[1]) < 500 and not _may_pass(int(match[1])))


def not_found(place: Place) -> RecordingError:
    return RecordingError(
        "recording_not_found",
        f"there is no {place.name} in the {place.container}, neither an object nor a prefix of objects; check the key",
    )


def web_page(place: Place) -> SourceError:
    return SourceError(
        "source_failed",
        f"{place.name} is a web page and no recording; check the key, and that no proxy or login is before the {place.container}",
    )


def changed(place: Place) -> SourceError:
    return SourceError("source_changed", f"{place.name} was written to while it was read; try again", retryable=True)


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


def _wrong_region(text: str, place: Place) -> RequestError:
    match = _REGION.search(text)
    what = f"set AWS_REGION={match[1] or match[2]}" if match else "set AWS_REGION to the one where it is"
    return RequestError("wrong_region", f"the {place.container} is in another region; {what}")


def _may_pass(status: int) -> bool:
    return status >= 500 or status in {408, 429}
