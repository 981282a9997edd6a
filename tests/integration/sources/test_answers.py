"""What object stores answer when something is wrong: one line each, for the person who can mend it, and nothing kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from renderer.errors import RendererError, SourceError
from renderer.sources.kept import Kept
from renderer.sources.objects.source import ObjectSource
from tests.integration.sources.answers import Answer, Asked, answering

if TYPE_CHECKING:
    from obstore.store import ClientConfig

QUICK: "ClientConfig" = {"connect_timeout": "2s", "read_timeout": "1s", "timeout": "20s"}
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIDCANARY",
    "AWS_SECRET_ACCESS_KEY": "secret-canary",
    "GOOGLE_BEARER_TOKEN": "token-canary",
    "AZURE_STORAGE_ACCOUNT_NAME": "account",
    "AZURE_STORAGE_ACCOUNT_KEY": "Y2FuYXJ5",
}
META = {"ETag": '"e"', "Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT"}


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


def _error(code: str, more: str = "") -> bytes:
    """As S3 and its like write it."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>canary</Message>{more}</Error>'
    ).encode()


def _endless() -> Iterator[bytes]:
    while True:
        yield b"[" * 65_536


ANSWERS = {
    "the wrong region, signed": (
        Answer(400, _error("AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>")),
        ("wrong_region", 2, "set AWS_REGION=eu-central-1"),
    ),
    "the wrong region, redirected": (
        Answer(301, _error("PermanentRedirect", "<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>")),
        ("wrong_region", 2, "set AWS_REGION to"),
    ),
    "a session that expired": (Answer(400, _error("ExpiredToken")), ("access_denied", 2, "has expired")),
    "a clock that is off": (Answer(403, _error("RequestTimeTooSkewed")), ("access_denied", 2, "clock")),
    "an archive": (Answer(403, _error("InvalidObjectState")), ("archived", 2, "restore it first")),
    "a firewall": (Answer(403, b"<html>canary</html>"), ("access_denied", 2, "need the right")),
    "too many requests": (Answer(503, _error("SlowDown")), ("source_failed", 1, "answered 503; try again later")),
    "a failure": (Answer(500), ("source_failed", 1, "answered 500; try again later")),
    "a login page": (
        Answer(200, b"\n<!doctype html><p>canary</p>", {"Content-Type": "text/html"}),
        ("source_failed", 1, "is a web page"),
    ),
    "a body without end": (Answer(200, _endless, META), ("source_failed", 1, "check the address")),
    "ten gigabytes": (
        Answer(200, _endless, {**META, "Content-Length": str(10 * 2**30)}),
        ("recording_too_large", 2, "larger than 2 GiB"),
    ),
}


# The codes are Google's and Azure's own; Azure begins with a byte order mark.
OTHERS = {
    "a token that expired": (
        "gs",
        Answer(401, _error("AuthenticationRequired")),
        ("access_denied", 2, "need the right to read"),
    ),
    "a bucket that pays": ("gs", Answer(400, _error("UserProjectMissing")), ("source_failed", 1, "UserProjectMissing")),
    "another account's key": (
        "az",
        Answer(403, b"\xef\xbb\xbf" + _error("AuthenticationFailed")),
        ("access_denied", 2, "the account key or the token is not accepted there"),
    ),
    "a blob in an archive": (
        "az",
        Answer(409, b"\xef\xbb\xbf" + _error("BlobArchived")),
        ("archived", 2, "restore it first"),
    ),
}


@pytest.mark.parametrize("name", [*ANSWERS, *OTHERS])
def test_whose_fault_an_answer_is(tmp_path: Path, name: str) -> None:
    scheme, answer, (code, exit_code, says) = OTHERS[name] if name in OTHERS else ("s3", *ANSWERS[name])

    def answers(asked: Asked) -> Answer:
        """That something is in an archive, clouds tell those who want its content."""
        if code == "archived" and asked.method == "HEAD":
            return Answer(200, headers={**META, "Content-Length": "9"})
        return answer

    with answering(answers) as server, pytest.raises(RendererError) as caught:
        source = ObjectSource(scheme, Kept(tmp_path), endpoint=server.endpoint, client=QUICK)
        source.fetch("//bucket/key.json", lambda _: None)
    error = caught.value
    assert (error.code, error.exit_code) == (code, exit_code)
    assert says in error.message
    assert "\n" not in error.message
    assert "canary" not in f"{error.message} {error.__cause__}".lower()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_credentials_do_not_follow_a_redirect(tmp_path: Path, scheme: str) -> None:
    with answering(lambda _: Answer(200, b"[]", {**META, "x-goog-generation": "1"})) as elsewhere:

        def moved(asked: Asked) -> Answer:
            return Answer(307, headers={"Location": elsewhere.endpoint.replace("127.0.0.1", "localhost") + asked.path})

        with answering(moved) as server:
            source = ObjectSource(scheme, Kept(tmp_path), endpoint=server.endpoint, client=QUICK)
            source.fetch("//bucket/key.json", lambda _: None)
    assert all("authorization" in asked.headers for asked in server.asked)
    assert elsewhere.asked
    for asked in elsewhere.asked:
        assert "canary" not in f"{asked.path} {asked.headers}".lower()
        assert "authorization" not in asked.headers


def test_a_server_without_etags_is_asked_all_the_same(tmp_path: Path) -> None:
    headers = {"Last-Modified": META["Last-Modified"]}
    with answering(lambda _: Answer(200, b"[1]", headers)) as server:
        source = ObjectSource("s3", Kept(tmp_path), endpoint=server.endpoint, client=QUICK)
        first, second = (source.fetch("//bucket/key.json", lambda _: None) for _ in range(2))
    assert first == second
    assert first.raw.path.read_bytes() == b"[1]"
    assert [asked.method for asked in server.asked] == ["HEAD", "GET", "HEAD"]


def test_an_object_that_is_written_to_meanwhile_is_not_mixed(tmp_path: Path) -> None:
    def written(asked: Asked) -> Answer:
        if asked.method == "HEAD":
            return Answer(200, b"[1]", META)
        assert asked.headers["if-match"] == META["ETag"]
        return Answer(412, _error("PreconditionFailed"))

    with answering(written) as server, pytest.raises(SourceError) as caught:
        source = ObjectSource("s3", Kept(tmp_path), endpoint=server.endpoint, client=QUICK)
        source.fetch("//bucket/key.json", lambda _: None)
    assert (caught.value.code, caught.value.retryable) == ("source_changed", True)
