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
META = {"ETag": '"e"', "Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT"}


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDCANARY")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-canary")


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


@pytest.mark.parametrize("name", ANSWERS)
def test_whose_fault_an_answer_is(tmp_path: Path, name: str) -> None:
    answer, (code, exit_code, says) = ANSWERS[name]
    with answering(lambda _: answer) as server, pytest.raises(RendererError) as caught:
        source = ObjectSource("s3", Kept(tmp_path), s3_endpoint=server.endpoint, client=QUICK)
        source.fetch("//bucket/key.json", lambda _: None)
    error = caught.value
    assert (error.code, error.exit_code) == (code, exit_code)
    assert says in error.message
    assert "\n" not in error.message
    assert "canary" not in f"{error.message} {error.__cause__}".lower()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_credentials_do_not_follow_a_redirect(tmp_path: Path) -> None:
    with answering(lambda _: Answer(200, b"[]", META)) as elsewhere:

        def moved(asked: Asked) -> Answer:
            return Answer(307, headers={"Location": elsewhere.endpoint.replace("127.0.0.1", "localhost") + asked.path})

        with answering(moved) as server:
            source = ObjectSource("s3", Kept(tmp_path), s3_endpoint=server.endpoint, client=QUICK)
            source.fetch("//bucket/key.json", lambda _: None)
    assert all("authorization" in asked.headers for asked in server.asked)
    assert elsewhere.asked
    for asked in elsewhere.asked:
        assert "canary" not in f"{asked.path} {asked.headers}".lower()
        assert "authorization" not in asked.headers


def test_a_server_without_etags_is_asked_all_the_same(tmp_path: Path) -> None:
    headers = {"Last-Modified": META["Last-Modified"]}
    with answering(lambda _: Answer(200, b"[1]", headers)) as server:
        source = ObjectSource("s3", Kept(tmp_path), s3_endpoint=server.endpoint, client=QUICK)
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
        source = ObjectSource("s3", Kept(tmp_path), s3_endpoint=server.endpoint, client=QUICK)
        source.fetch("//bucket/key.json", lambda _: None)
    assert (caught.value.code, caught.value.retryable) == ("source_changed", True)
