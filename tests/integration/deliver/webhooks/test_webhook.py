"""Webhooks to a real receiver: what arrives, how it is signed, and what every answer means."""

import base64
import json
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import standardwebhooks

from renderer import __version__
from renderer.deliver.webhooks.news import news
from renderer.deliver.webhooks.webhook import MAX_BODY_BYTES, secret_text
from renderer.errors import DestinationError
from tests.integration.assets.site import PUBLIC, Loopback, Names, certificate
from tests.integration.deliver.webhooks.conftest import HASTY, HOST, KEY, Send
from tests.integration.deliver.webhooks.receiver import Handler, Receiver

CLIP = {"id": "clip_01", "object": "clip", "status": "succeeded", "metadata": {"ticket": "48213 – ünïcode ✓"}}


def _refused(send: Send, *arguments: object, **more: object) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        send(*arguments, **more)
    error = caught.value
    assert (error.origin, error.stage) == ("destination", "deliver")
    assert "\n" not in error.message
    assert "/hook" not in error.message  # paths of webhooks are often secrets
    return error


def test_a_message_arrives_and_its_signature_holds(send: Send, receiver: Receiver) -> None:
    body = news("clip.succeeded", CLIP, 1_795_000_000_123)
    receiver.says(200, b"thank you")
    receipt = send(f"https://{HOST}/hook?team=1", body)
    assert (receipt.status, receipt.answer) == (200, "thank you")
    assert 0 <= receipt.took_ms < 20_000
    came = receiver.came.pop()
    assert not receiver.came
    assert (came.method, came.path, came.body) == ("POST", "/hook?team=1", body)
    told = standardwebhooks.Webhook(secret_text(KEY)).verify(came.body, came.headers)
    assert told == {"type": "clip.succeeded", "timestamp": "2026-11-18T11:06:40.123Z", "data": CLIP}
    assert came.headers["webhook-id"] == "dlv_01"
    assert abs(int(came.headers["webhook-timestamp"]) - time.time()) < 30
    assert came.headers["Content-Type"] == "application/json"
    assert came.headers["Host"] == HOST
    assert came.headers["User-Agent"] == f"renderer/{__version__}"
    assert {name.lower() for name in came.headers} == {
        "accept",
        "accept-encoding",
        "content-length",
        "content-type",
        "host",
        "user-agent",
        "webhook-id",
        "webhook-signature",
        "webhook-timestamp",
    }


def test_a_changed_message_or_another_secret_does_not_hold(send: Send, receiver: Receiver) -> None:
    send()
    came = receiver.came.pop()
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(KEY).verify(came.body.replace(b"succeeded", b"failed"), came.headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(KEY[::-1]).verify(came.body, came.headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(KEY).verify(came.body, {**came.headers, "webhook-id": "dlv_02"})


def test_while_a_secret_is_replaced_both_hold(send: Send, receiver: Receiver) -> None:
    other = f"whsec_{base64.b64encode(KEY[::-1]).decode()}"
    send(secrets=(other, KEY))
    came = receiver.came.pop()
    for secret in (other, secret_text(KEY)):
        standardwebhooks.Webhook(secret).verify(came.body, came.headers)


def test_nothing_is_sent_without_a_signature(send: Send, receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="signature"):
        send(secrets=())
    assert receiver.came == []


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_taken(send: Send, receiver: Receiver, status: int) -> None:
    receiver.says(status)
    assert send().status == status


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 502, 503, 504, 599])
def test_every_other_answer_is_tried_again(send: Send, receiver: Receiver, status: int) -> None:
    receiver.says(status, b"no\n\x1b[31mhere\x00  is why")
    error = _refused(send)
    assert (error.code, error.retryable, error.retry_after_s) == ("webhook_refused", True, None)
    assert error.message == f"{HOST} answered {status}: no [31mhere is why"


def test_410_ends_it(send: Send, receiver: Receiver) -> None:
    receiver.says(410, b"closed", {"Retry-After": "5"})
    error = _refused(send)
    assert (error.code, error.retryable, error.retry_after_s) == ("webhook_gone", False, None)


@pytest.mark.parametrize("status", [429, 503, 500])
def test_a_server_that_asks_for_patience_is_heard(send: Send, receiver: Receiver, status: int) -> None:
    receiver.says(status, headers={"Retry-After": "120"})
    assert _refused(send).retry_after_s == 120.0
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    receiver.says(status, headers={"Retry-After": at})
    assert 60 <= (_refused(send).retry_after_s or 0) <= 90
    for nonsense in ("soon", "-5", "inf", "", "9" * 400):
        receiver.says(status, headers={"Retry-After": nonsense})
        assert _refused(send).retry_after_s is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", [f"https://{HOST}/elsewhere", "http://169.254.169.254/", "/", ""])
def test_nobody_is_followed(
    send: Send, receiver: Receiver, wire: Loopback, names: Names, status: int, location: str
) -> None:
    receiver.says(status, headers={"Location": location})
    error = _refused(send)
    assert (error.code, error.retryable) == ("webhook_refused", True)
    assert "follow nobody" in error.message
    assert [came.path for came in receiver.came] == ["/hook"]
    assert wire.dialled == [(PUBLIC, 443)]
    assert names.asked == [HOST]


def test_of_a_long_answer_200_characters_are_kept(send: Send, receiver: Receiver) -> None:
    receiver.says(200, "é".encode() * 3_000_000)
    receipt = send()
    assert receipt.answer == "é" * 200
    receiver.says(500, b"\xff\xfe" * 5000)
    assert _refused(send).message == f"{HOST} answered 500: {200 * '�'}"


def test_an_answer_without_end_is_not_listened_to(send: Send, receiver: Receiver) -> None:
    receiver.drips(b"HTTP/1.1 200 OK\r\n\r\n", 0.0, b"x" * 65_536)
    begun_s = time.monotonic()
    assert send().answer == "x" * 200
    assert time.monotonic() - begun_s < 10


def test_after_the_status_a_drip_changes_nothing(send: Send, receiver: Receiver) -> None:
    receiver.drips(b"HTTP/1.1 202 Accepted\r\nContent-Length: 1000\r\n\r\n", 0.3, b"x")
    begun_s = time.monotonic()
    receipt = send(times=HASTY)
    assert receipt.status == 202
    assert set(receipt.answer) == {"x"}
    assert time.monotonic() - begun_s < 8


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"HTTP/1.1", b" "),
        (b"HTTP/1.1 102 Processing\r\n\r\n", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ],
    ids=["nothing", "header by header", "byte by byte", "never a last answer"],
)
def test_a_server_that_never_comes_to_the_point_is_given_up(
    send: Send, receiver: Receiver, first: bytes, piece: bytes
) -> None:
    receiver.drips(first, 0.1, piece)
    begun_s = time.monotonic()
    error = _refused(send, times=HASTY)
    assert (error.code, error.retryable) in {("webhook_timeout", True), ("webhook_broken_off", True)}
    assert time.monotonic() - begun_s < 8


def test_a_server_that_hangs_is_told_to_answer_at_once(send: Send, receiver: Receiver) -> None:
    receiver.answer = lambda _: receiver.over.wait(30)  # type: ignore[assignment]
    error = _refused(send, times=HASTY)
    assert (error.code, error.retryable) == ("webhook_timeout", True)
    assert "answer at once" in error.message


def _hangs_up(handler: Handler) -> None:
    handler.close_connection = True


def _breaks_off(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200")
    handler.close_connection = True


def _talks_otherwise(handler: Handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")
    handler.close_connection = True


def _endless_headers(handler: Handler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 1_000_000)


@pytest.mark.parametrize("answer", [_hangs_up, _breaks_off, _talks_otherwise, _endless_headers])
def test_what_is_no_answer_is_tried_again(send: Send, receiver: Receiver, answer: object) -> None:
    receiver.answer = answer  # type: ignore[assignment]
    error = _refused(send)
    assert (error.code, error.retryable) == ("webhook_broken_off", True)


def test_a_certificate_that_is_not_good_is_not_talked_to(
    send: Send, receiver: Receiver, names: Names, wire: Loopback, tmp_path: Path
) -> None:
    names.table["other.example.test"] = [PUBLIC]
    error = _refused(send, "https://other.example.test/hook")
    assert (error.code, error.retryable) == ("webhook_tls", True)
    assert "certificate of other.example.test" in error.message
    assert _refused(send, trust=ssl.create_default_context()).code == "webhook_tls"
    assert receiver.came == []
    with Receiver() as plain:
        wire.routes[PUBLIC] = plain.port
        assert _refused(send).code == "webhook_tls"
        assert plain.came == []
    _, stranger = certificate(tmp_path, HOST)
    wire.routes[PUBLIC] = receiver.port
    assert _refused(send, trust=stranger).code == "webhook_tls"


def test_where_nobody_is(send: Send, names: Names) -> None:
    names.table |= {"closed.example.test": ["93.184.216.98"], "silent.example.test": ["93.184.216.99"]}
    for host in ("closed", "silent", "unknown"):
        error = _refused(send, f"https://{host}.example.test/hook", times=HASTY)
        assert (error.code, error.retryable) == ("webhook_unreachable", True)
        assert f"{host}.example.test" in error.message


def test_a_message_that_is_too_large_is_not_sent(send: Send, receiver: Receiver) -> None:
    send(body=b" " * MAX_BODY_BYTES)
    error = _refused(send, body=b" " * (MAX_BODY_BYTES + 1))
    assert (error.code, error.retryable) == ("webhook_too_large", False)
    assert len(receiver.came) == 1


def test_what_a_named_host_says_comes_through_for_real(tmp_path: Path) -> None:
    """The system's resolver and real sockets, without any seam."""
    from renderer.deliver.webhooks.judge import judge_url, webhook_policy
    from renderer.deliver.webhooks.webhook import Webhook
    from renderer.settings import Settings

    with Receiver() as receiver:
        settings = Settings(data_dir=tmp_path, webhook_hosts=f"localhost:{receiver.port}")
        url = f"http://localhost:{receiver.port}/hook"
        judge_url(url, settings)
        receipt = Webhook(webhook_policy(settings)).send(url, "dlv_01", json.dumps(CLIP).encode(), [KEY])
        assert receipt.status == 204
        assert receiver.came[0].headers["Host"] == f"localhost:{receiver.port}"
        with pytest.raises(DestinationError) as caught:
            Webhook(webhook_policy(settings)).send(f"http://127.0.0.1:{receiver.port}/", "dlv_01", b"{}", [KEY])
        assert caught.value.code in {"webhook_private_address", "webhook_port"}
        assert len(receiver.came) == 1
