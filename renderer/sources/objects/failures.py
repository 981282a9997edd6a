"""Why a recording cannot be had from an object store, in one line for the person who can mend it."""

from renderer.clouds.answers import CREDENTIALS, understand
from renderer.errors import RecordingError, RendererError, RequestError, SourceError
from renderer.sources.objects.place import Place


def explain(error: BaseException, place: Place) -> RendererError:
    """The error of our tree for what obstore raised while reading `place`."""
    answer = understand(error)
    match answer.reason:
        case "no_credentials":
            return RequestError(
                "no_credentials", f"there are no credentials for {place.scheme}:; {CREDENTIALS[place.scheme]}"
            )
        case "no_container":
            return RecordingError(
                "recording_not_found", f"the {place.container} does not exist; check its name and the account"
            )
        case "wrong_region":
            return RequestError("wrong_region", f"the {place.container} is in another region; {answer.detail}")
        case "keys_refused":
            return RequestError(
                "access_denied",
                f"the {place.container} cannot be read: {answer.detail}; {CREDENTIALS[place.scheme]}",
            )
        case "clock":
            return RequestError(
                "access_denied",
                f"the {place.container} cannot be read: this machine's clock is more than 15 minutes off; set it",
            )
        case "archived":
            return RequestError("archived", f"{place.name} is in an archive of the {place.container}; restore it first")
        case "denied":
            return RequestError(
                "access_denied",
                f"access to {place.name} in the {place.container} is denied; these credentials need the right to read and list it",
            )
        case "missing":
            return not_found(place)
        case "changed":
            return changed(place)
        case "not_https":
            return RequestError(
                "bad_endpoint", f"the endpoint for {place.scheme}: is not https; write it as https://HOST:PORT"
            )
        case "silent":
            return SourceError(
                "source_unreachable",
                f"the server of the {place.container} does not answer; check the network and the endpoint, then try again",
                retryable=True,
            )
    return SourceError(
        "source_failed",
        f"{place.name} cannot be read from the {place.container}"
        + (f": the server answered {answer.shown}" if answer.shown else "")
        + ("; try again later" if answer.may_pass else "; check the address and the endpoint"),
        retryable=answer.may_pass,
    )


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
