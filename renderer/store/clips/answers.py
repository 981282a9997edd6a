"""Why files cannot be kept in an object store, in one line for the person who runs the service."""

from collections.abc import Callable
from typing import Final

from renderer.clouds.answers import CREDENTIALS, understand
from renderer.errors import RequestError, StoreError
from renderer.store.clips import faults
from renderer.store.clips.place import CloudPlace
from renderer.store.clips.ranges import bad_range

_RIGHTS: Final = "these credentials need the rights to read, write, list and delete"


def explain(
    error: BaseException,
    name: str,
    place: CloudPlace,
    missing: Callable[[str], StoreError] = faults.not_found,
) -> StoreError | RequestError:
    """The error of our tree for what obstore raised over the file `name`; `missing`: what it means that it is not there."""
    where = f"the {place.container}"
    answer = understand(error)
    match answer.reason:
        case "no_credentials":
            return _misconfigured(f"there are no credentials for {place.scheme}:; {CREDENTIALS[place.scheme]}")
        case "no_container":
            return _misconfigured(f"{where} does not exist; make it, or check RENDERER_STORE_URL")
        case "wrong_region":
            return _misconfigured(f"{where} is in another region; {answer.detail}")
        case "not_https":
            return _misconfigured(f"the endpoint for {place.scheme}: is not https; write it as https://HOST:PORT")
        case "keys_refused":
            return _denied(f"{where} cannot be used: {answer.detail}; {CREDENTIALS[place.scheme]}")
        case "clock":
            return _denied(f"{where} cannot be used: this machine's clock is more than 15 minutes off; set it")
        case "denied":
            return _denied(f"access to {name} in {where} is denied; {_RIGHTS}")
        case "missing":
            return missing(name)
        case "out_of_range":
            return bad_range(name)
        case "full":
            return StoreError("store_full", f"{where} is full; make room or keep clips for fewer days", retryable=True)
        case "silent":
            return StoreError(
                "store_unreachable",
                f"the server of {where} does not answer, or breaks off; check the network and the endpoint",
                retryable=True,
            )
    said = f": the server answered {answer.shown}" if answer.shown else ""
    may_pass = answer.may_pass or not answer.status
    return StoreError(
        "store_failed",
        f"{name} cannot be kept in {where}{said}; " + ("try again later" if may_pass else "check the endpoint"),
        retryable=may_pass,
    )


def _misconfigured(message: str) -> StoreError:
    return StoreError("store_misconfigured", message)


def _denied(message: str) -> StoreError:
    return StoreError("store_denied", message)
