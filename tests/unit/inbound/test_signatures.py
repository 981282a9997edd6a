"""Whether a request is from the system that it says: what is signed is let in, whatever was changed is not."""

from collections.abc import Callable

import pytest

from renderer.errors import AccessError
from renderer.inbound.systems import SYSTEMS, SystemName
from tests.unit.inbound import signing
from tests.unit.inbound.signing import NOW_S, SECRET

BODY = b'{"ticket_id": "1", "text": "\xc3\xa9"}'
SIGN: dict[SystemName, Callable[[bytes], dict[str, str]]] = {
    "zendesk": signing.zendesk,
    "jira": signing.jira,
    "github": signing.github,
    "intercom": signing.intercom,
}
SIGNATURES = {
    "zendesk": "x-zendesk-webhook-signature",
    "jira": "x-hub-signature",
    "github": "x-hub-signature-256",
    "intercom": "x-hub-signature",
}


def verify(system: SystemName, headers: dict[str, str], body: bytes = BODY, secret: str = SECRET) -> None:
    SYSTEMS[system].verify(headers, body, secret, NOW_S)


def refused(system: SystemName, headers: dict[str, str], body: bytes = BODY, secret: str = SECRET) -> str:
    with pytest.raises(AccessError) as caught:
        verify(system, headers, body, secret)
    assert secret not in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value.code


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_signed_body_is_let_in(system: SystemName) -> None:
    verify(system, SIGN[system](BODY))


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_body_that_was_changed_is_refused(system: SystemName) -> None:
    headers = SIGN[system](BODY)
    for changed in (BODY + b" ", BODY[:-1], BODY.replace(b"1", b"2"), b""):
        assert refused(system, headers, changed) == "bad_signature"


@pytest.mark.parametrize("system", SYSTEMS)
def test_another_secret_is_refused(system: SystemName) -> None:
    assert refused(system, SIGN[system](BODY), secret=SECRET + "!") == "bad_signature"


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("told", [None, "", "sha256=", "sha1=", "sha256=é", "\ud800", "a" * 100_000])
def test_a_signature_that_is_none_is_refused(system: SystemName, told: str | None) -> None:
    headers = SIGN[system](BODY)
    good = headers.pop(SIGNATURES[system])
    assert refused(system, headers if told is None else headers | {SIGNATURES[system]: told}) == "bad_signature"
    assert refused(system, headers | {SIGNATURES[system]: good[:-1]}) == "bad_signature"
    assert refused(system, headers | {SIGNATURES[system]: good.partition("=")[2] or good.lower()}) == "bad_signature"


def test_the_example_in_githubs_documentation_is_good() -> None:
    told = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    verify("github", {"x-hub-signature-256": told}, b"Hello, World!")


def test_the_example_in_jiras_documentation_is_good() -> None:
    told = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    verify("jira", {"x-hub-signature": told}, b"Hello World!")


@pytest.mark.parametrize(
    ("off_s", "code"),
    [(299, None), (-299, None), (301, "stale_signature"), (-301, "stale_signature"), (10**9, "stale_signature")],
)
def test_zendesks_time_may_be_five_minutes_off(off_s: float, code: str | None) -> None:
    headers = signing.zendesk(BODY, at_s=NOW_S - off_s)
    if code is None:
        verify("zendesk", headers)
    else:
        assert refused("zendesk", headers) == code


def test_zendesks_time_is_signed() -> None:
    old = signing.zendesk(BODY, at_s=NOW_S - 1000)
    new = signing.zendesk(BODY)["x-zendesk-webhook-signature-timestamp"]
    assert refused("zendesk", old | {"x-zendesk-webhook-signature-timestamp": new}) == "bad_signature"
    for word in ("", "soon", "9" * 5000):
        assert refused("zendesk", old | {"x-zendesk-webhook-signature-timestamp": word}) == "bad_signature"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-automation-webhook-token": SECRET},
        {"authorization": f"Bearer {SECRET}"},
        {"authorization": f"bearer  {SECRET}"},
        {"authorization": SECRET},
    ],
)
def test_a_rule_of_jira_sends_the_secret_itself(headers: dict[str, str]) -> None:
    verify("jira", headers)
    (name,) = headers
    assert refused("jira", {name: headers[name] + "x"}) == "bad_signature"
    assert refused("jira", {name: ""}) == "bad_signature"


def test_a_bad_signature_of_jira_is_not_made_good_by_a_token() -> None:
    forged = {"x-hub-signature": "sha256=" + "0" * 64, "x-automation-webhook-token": SECRET}
    assert refused("jira", forged) == "bad_signature"
