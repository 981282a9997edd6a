"""Object stores that are away, slow, full, or do not keep what they are given: one line, and the next try is a fresh start."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from renderer.bootstrap import build_clip_store
from renderer.errors import StoreError
from renderer.settings import Settings
from renderer.store.clips.objects import ObjectStore
from renderer.store.clips.place import CloudPlace
from tests.integration.sources.link import link_to
from tests.integration.sources.object_server import BUCKET, ObjectServer
from tests.integration.sources.s3_server import STRANGER
from tests.integration.store.meddler import Meddle, Meddler, Question, Said, meddling

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig

# Generous where an answer is to come, since the machine may be busy; hasty where none will.
PATIENT: "ClientConfig" = {"connect_timeout": "5s", "read_timeout": "10s", "timeout": "60s"}
HASTY: "ClientConfig" = {"connect_timeout": "5s", "read_timeout": "1s", "timeout": "20s"}
ONCE: "RetryConfig" = {
    "max_retries": 1,
    "retry_timeout": timedelta(seconds=10),
    "backoff": {"init_backoff": timedelta(milliseconds=10), "max_backoff": timedelta(milliseconds=20), "base": 2},
}
NAME = "renders/ren_1/clip.mp4"
SMALL = random.Random(1).randbytes(100_000)
LARGE = random.Random(2).randbytes(20_000_000)
"""Put in three parts."""

Ask = Callable[[], Said]


@pytest.fixture
def meddler(s3: ObjectServer) -> Iterator[Meddler]:
    s3.delete("faulty/")
    with meddling(s3.port) as meddler:
        yield meddler


@pytest.fixture
def store(meddler: Meddler) -> ObjectStore:
    return _store(meddler.endpoint)


def _store(endpoint: str, client: "ClientConfig" = PATIENT) -> ObjectStore:
    return ObjectStore(CloudPlace("s3", BUCKET, "faulty"), endpoint=endpoint, client=client, retry=ONCE)


def _path(folder: Path, data: bytes) -> Path:
    path = folder / "given"
    path.write_bytes(data)
    return path


def _read(store: ObjectStore) -> bytes:
    return b"".join(store.open(NAME).blocks)


def _lost(question: Question, ask: Ask) -> Said:
    """Says that it put the object, and did not."""
    return Said(200, {"ETag": '"e"'}, b"") if question.method == "PUT" else ask()


def _changed(question: Question, ask: Ask) -> Said:
    said = ask()
    if question.method == "GET" and said.status == 200 and not said.body.startswith(b"<?xml"):
        said.body = said.body[:-1] + bytes([said.body[-1] ^ 1])
    return said


def _shorter(question: Question, ask: Ask) -> Said:
    said = ask()
    if question.method == "GET" and said.status == 200 and not said.body.startswith(b"<?xml"):
        said.body = said.body[:-1]
    return said


def _longer(question: Question, ask: Ask) -> Said:
    said = ask()
    if question.method == "GET" and said.status == 200 and not said.body.startswith(b"<?xml"):
        said.body += b"x"
    return said


def _broken_off(question: Question, ask: Ask) -> Said:
    said = ask()
    if question.method == "GET" and not said.body.startswith(b"<?xml"):
        said.length, said.body = len(said.body), said.body[: len(said.body) // 2]
    return said


def _failing(question: Question, ask: Ask) -> Said:
    return Said(500, {}, b"<Error><Code>InternalError</Code><Message>secret-canary</Message></Error>")


def _busy(question: Question, ask: Ask) -> Said:
    return Said(503, {}, b"<Error><Code>SlowDown</Code></Error>")


def _full(question: Question, ask: Ask) -> Said:
    if question.puts:
        return Said(507, {}, b"<Error><Code>XMinioStorageFull</Code><Message>secret-canary</Message></Error>")
    return ask()


def _silent(question: Question, ask: Ask) -> Said | None:
    return None


def _silent_afterwards(question: Question, ask: Ask) -> Said | None:
    """Puts it, and then does not give it back."""
    return None if question.method == "GET" else ask()


FAULTS: dict[str, tuple[Meddle, str]] = {
    "lost": (_lost, "store_damaged"),
    "changed": (_changed, "store_damaged"),
    "shorter": (_shorter, "store_damaged"),
    "longer": (_longer, "store_damaged"),
    "broken off": (_broken_off, "store_unreachable"),
    "failing": (_failing, "store_failed"),
    "busy": (_busy, "store_failed"),
    "full": (_full, "store_full"),
    "silent": (_silent, "store_unreachable"),
    "silent afterwards": (_silent_afterwards, "store_unreachable"),
}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        *(pytest.param(name, SMALL, id=name) for name in FAULTS),
        *(pytest.param(name, LARGE, id=f"{name}, in parts") for name in FAULTS if "silent" not in name),
    ],
)
def test_a_put_that_did_not_do_is_told_and_can_be_tried_again(
    store: ObjectStore, meddler: Meddler, tmp_path: Path, name: str, data: bytes
) -> None:
    meddler.meddle, code = FAULTS[name]
    path = _path(tmp_path, data)
    begun_s = time.monotonic()
    with pytest.raises(StoreError) as caught:
        (_store(meddler.endpoint, HASTY) if "silent" in name else store).put(NAME, path, "video/mp4")
    error = caught.value
    assert (error.code, error.retryable, error.origin, error.stage) == (code, True, "ours", "store")
    assert "\n" not in error.message
    assert "canary" not in f"{error.message} {error.__cause__}"
    assert time.monotonic() - begun_s < 15
    meddler.over.set()
    meddler.meddle = None
    store.put(NAME, path, "video/mp4")
    assert _read(store) == data


def test_a_writer_that_another_one_overtook_takes_nothing_away(
    store: ObjectStore, meddler: Meddler, tmp_path: Path
) -> None:
    """Its own file is not what it reads back, and the other's is good."""
    other = _store(meddler.endpoint)
    (tmp_path / "other").write_bytes(SMALL[::-1])
    overtaken = False

    def overtake(question: Question, ask: Ask) -> Said:
        nonlocal overtaken
        said = ask()
        if question.method == "PUT" and not overtaken:
            overtaken = True
            other.put(NAME, tmp_path / "other", "video/mp4")
        return said

    meddler.meddle = overtake
    with pytest.raises(StoreError) as caught:
        store.put(NAME, _path(tmp_path, SMALL), "video/mp4")
    assert caught.value.code == "store_damaged"
    assert _read(store) == SMALL[::-1]


def test_a_fault_that_passes_is_not_noticed(store: ObjectStore, meddler: Meddler, tmp_path: Path) -> None:
    failed = set()

    def once(question: Question, ask: Ask) -> Said:
        if question in failed:
            return ask()
        failed.add(question)
        return Said(503, {}, b"")

    meddler.meddle = once
    store.put(NAME, _path(tmp_path, LARGE), "video/mp4")
    assert _read(store) == LARGE
    assert store.delete("renders/ren_1") == 1
    assert len(failed) >= 8


def test_a_store_that_keeps_what_it_said_it_deleted(store: ObjectStore, meddler: Meddler, tmp_path: Path) -> None:
    store.put(NAME, _path(tmp_path, SMALL), "video/mp4")

    def keeps(question: Question, ask: Ask) -> Said:
        if question.method == "POST" and "delete" in question.path:
            deleted = f"<Deleted><Key>faulty/{NAME}</Key></Deleted>"
            return Said(200, {}, f'<?xml version="1.0"?><DeleteResult>{deleted}</DeleteResult>'.encode())
        return ask()

    meddler.meddle = keeps
    with pytest.raises(StoreError) as caught:
        store.delete("renders/ren_1")
    assert (caught.value.code, caught.value.retryable) == ("store_damaged", True)
    assert "still in the store" in caught.value.message
    meddler.meddle = None
    assert store.delete("renders/ren_1") == 1


@pytest.mark.parametrize("fault", ["broken off", "shorter", "longer"])
def test_a_reader_never_takes_a_part_for_the_whole(
    store: ObjectStore, meddler: Meddler, tmp_path: Path, fault: str
) -> None:
    """Even when a range is answered with another one."""
    store.put(NAME, _path(tmp_path, SMALL), "video/mp4")
    meddler.meddle = FAULTS[fault][0]
    if fault == "broken off":
        with pytest.raises(StoreError):
            _read(store)
    else:  # an honest length of a file that became another one: whoever knows its hash will see
        assert len(_read(store)) != len(SMALL)

    def ignores_ranges(question: Question, ask: Ask) -> Said:
        said = ask()
        if said.status == 206:
            said.headers["Content-Range"] = f"bytes 0-9/{len(SMALL)}"
            said.body = SMALL[:10]
        return said

    meddler.meddle = ignores_ranges
    with pytest.raises(StoreError) as caught:
        b"".join(store.open(NAME, 10, 20).blocks)
    assert caught.value.code in {"store_damaged", "store_failed"}


def test_a_line_that_breaks_is_taken_up_where_it_was(s3: ObjectServer, tmp_path: Path) -> None:
    with link_to(s3.port) as link:
        store = _store(link.endpoint)
        store.put(NAME, _path(tmp_path, LARGE), "video/mp4")
        link.cuts, link.cut_after_bytes, link.down_bytes = 1, 5_000_000, 0
        assert _read(store) == LARGE
        assert link.down_bytes < 1.5 * len(LARGE)


def test_a_slow_store_is_waited_for(s3: ObjectServer, tmp_path: Path) -> None:
    data = LARGE[:3_500_000]
    with link_to(s3.port) as link:
        link.bytes_per_s = 1_500_000  # longer than the read timeout in all, never without a byte for so long
        store = _store(link.endpoint, HASTY)
        store.put(NAME, _path(tmp_path, data), "video/mp4")
        assert _read(store) == data


def test_the_check_tells_of_every_fault(meddler: Meddler) -> None:
    store = _store(meddler.endpoint, HASTY)
    store.check()
    for meddle, code in FAULTS.values():
        meddler.meddle = meddle
        with pytest.raises(StoreError) as caught:
            store.check()
        assert caught.value.code == code
    meddler.over.set()


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong-secret-canary"}, "store_denied", "secret key does not belong"),
        ({"AWS_ACCESS_KEY_ID": "NOBODYKEY"}, "store_denied", "access key is not known"),
        (
            {"AWS_ACCESS_KEY_ID": STRANGER[0], "AWS_SECRET_ACCESS_KEY": STRANGER[1]},
            "store_denied",
            "rights to read, write, list and delete",
        ),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "store_unreachable", "does not answer"),
    ],
)
def test_whose_fault_it_is(
    s3: ObjectServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    code: str,
    says: str,
) -> None:
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    store = build_clip_store(Settings(data_dir=tmp_path, store_url=f"s3://{BUCKET}/clips"))
    for ask in (
        store.check,
        lambda: store.put(NAME, _path(tmp_path, SMALL), "video/mp4"),
        lambda: list(store.list()),
        lambda: store.delete("renders/ren_1"),
    ):
        with pytest.raises(StoreError) as caught:
            ask()
        assert caught.value.code == code
        assert says in caught.value.message
        assert caught.value.retryable == (code == "store_unreachable")
        assert "canary" not in f"{caught.value.message} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("status", "code", "told", "says"),
    [
        (404, "NoSuchBucket", "store_misconfigured", "bucket recordings does not exist"),
        (301, "PermanentRedirect", "store_misconfigured", "AWS_REGION"),
        (400, "ExpiredToken", "store_denied", "has expired"),
        (403, "RequestTimeTooSkewed", "store_denied", "clock"),
        (403, "AccessDenied", "store_denied", "rights"),
        (400, "InvalidArgument", "store_failed", "answered 400 InvalidArgument; check the endpoint"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(
    store: ObjectStore, meddler: Meddler, tmp_path: Path, status: int, code: str, told: str, says: str
) -> None:
    body = f"<Error><Code>{code}</Code><Message>canary</Message></Error>".encode()
    meddler.meddle = lambda question, ask: Said(status, {}, body)
    with pytest.raises(StoreError) as caught:
        store.put(NAME, _path(tmp_path, SMALL), "video/mp4")
    assert (caught.value.code, caught.value.retryable) == (told, False)
    assert says in caught.value.message
    assert len(meddler.asked) == 1


def test_a_dead_store_holds_nobody_up(s3: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the patience that the service has: a refused connection is not waited for."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    store = build_clip_store(Settings(data_dir=tmp_path, store_url=f"s3://{BUCKET}/clips"))
    done: list[float] = []

    def ask() -> None:
        begun_s = time.monotonic()
        with pytest.raises(StoreError):
            store.find(NAME)
        done.append(time.monotonic() - begun_s)

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 10
    assert max(done) < 10
