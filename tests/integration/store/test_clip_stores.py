"""One suite for every clip store: what is put is there, whole and unchanged, until it is deleted, and then it is not."""

import hashlib
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from renderer.bootstrap import build_clip_store
from renderer.errors import RendererError, RequestError, StoreError
from renderer.settings import Settings
from renderer.store.clips.model import ClipStore, PutFile
from tests.integration.sources.object_server import BUCKET, ObjectServer

KINDS: dict[str, Callable[[Path, str], str | None]] = {
    "data folder": lambda folder, word: None,
    "file:": lambda folder, word: f"file://{folder}/with%20space",
    "s3: prefix": lambda folder, word: f"s3://{BUCKET}/{word}/clips/",
}


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, s3: ObjectServer, tmp_path: Path) -> ClipStore:
    url = KINDS[request.param](tmp_path, uuid4().hex)
    return build_clip_store(Settings(data_dir=tmp_path / "data", store_url=url))


def _noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


class Given:
    """Puts bytes by way of a file, as workers do."""

    def __init__(self, store: ClipStore, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def put(self, name: str, data: bytes) -> PutFile:
        path = self._folder / uuid4().hex
        path.write_bytes(data)
        return self._store.put(name, path, "video/mp4")


@pytest.fixture
def given(store: ClipStore, tmp_path: Path) -> Given:
    return Given(store, tmp_path)


def _read(store: ClipStore, name: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join(store.open(name, start, end).blocks)


def _names(store: ClipStore, prefix: str = "") -> set[str]:
    return {each.name for each in store.list(prefix)}


# One request, exactly one part, several parts.
@pytest.mark.parametrize("size", [0, 1, 65_537, 8 * 1024**2, 20_000_003])
def test_what_was_put_comes_back(store: ClipStore, given: Given, size: int) -> None:
    data = _noise(size)
    before_ms = time.time() * 1000
    put = given.put("renders/ren_1/clip.mp4", data)
    assert put == PutFile("renders/ren_1/clip.mp4", size, hashlib.sha256(data).hexdigest())
    opened = store.open("renders/ren_1/clip.mp4")
    assert opened.size_bytes == size
    assert b"".join(opened.blocks) == data
    found = store.find("renders/ren_1/clip.mp4")
    assert (found.name, found.size_bytes) == ("renders/ren_1/clip.mp4", size)
    assert before_ms - 2000 <= found.stored_ms <= time.time() * 1000 + 2000
    assert list(store.list()) == [found]


def test_ranges(store: ClipStore, given: Given) -> None:
    data = _noise(3_000_000)
    given.put("renders/ren_1/clip.mp4", data)
    for start, end in [
        (0, 1),
        (0, None),
        (5, 6),
        (1_048_575, 1_048_577),
        (2_999_999, None),
        (2_999_999, 3_000_000),
        (7, 9**12),
    ]:
        opened = store.open("renders/ren_1/clip.mp4", start, end)
        assert opened.size_bytes == 3_000_000
        assert b"".join(opened.blocks) == data[start:end]
    for start, end in [(3_000_000, None), (3_000_000, 3_000_001), (5, 5), (6, 5), (-1, None), (0, 0), (9**12, None)]:
        with pytest.raises(RequestError) as caught:
            store.open("renders/ren_1/clip.mp4", start, end)
        assert caught.value.code == "bad_range"


def test_a_reader_may_stop_and_another_begin(store: ClipStore, given: Given) -> None:
    data = _noise(9_000_000)
    given.put("renders/ren_1/clip.mp4", data)
    for _ in range(20):
        unread, begun = store.open("renders/ren_1/clip.mp4").blocks, store.open("renders/ren_1/clip.mp4").blocks
        assert data.startswith(next(begun))
        for blocks in (unread, begun):
            blocks.close()
    assert _read(store, "renders/ren_1/clip.mp4") == data


def test_of_two_of_a_name_the_last_one_stays(store: ClipStore, given: Given) -> None:
    given.put("renders/ren_1/clip.mp4", b"first, and longer")
    given.put("renders/ren_1/clip.mp4", b"second")
    assert _read(store, "renders/ren_1/clip.mp4") == b"second"
    assert len(_names(store)) == 1


def test_who_reads_while_it_is_replaced_gets_one_of_both(store: ClipStore, given: Given) -> None:
    both = {hashlib.sha256(data).hexdigest(): data for data in (_noise(2_000_000, 1), _noise(2_000_000, 2))}
    given.put("renders/ren_1/clip.mp4", next(iter(both.values())))
    over = threading.Event()

    def replace() -> None:
        while not over.is_set():
            for data in both.values():
                given.put("renders/ren_1/clip.mp4", data)

    thread = threading.Thread(target=replace)
    thread.start()
    try:
        for _ in range(15):
            assert hashlib.sha256(_read(store, "renders/ren_1/clip.mp4")).hexdigest() in both
    finally:
        over.set()
        thread.join()


def test_a_prefix_is_whole_words(store: ClipStore, given: Given) -> None:
    for name in ("renders/ren_1/clip.mp4", "renders/ren_1/clip.json", "renders/ren_12/clip.mp4", "recordings/abc"):
        given.put(name, b"x")
    assert _names(store, "renders/ren_1") == {"renders/ren_1/clip.mp4", "renders/ren_1/clip.json"}
    assert _names(store, "renders/ren_1/") == _names(store, "renders/ren_1")
    assert _names(store, "renders/ren") == set()
    assert len(_names(store, "renders")) == 3
    assert _names(store, "segments") == set()


def test_deleting_takes_all_below_and_nothing_beside(store: ClipStore, given: Given) -> None:
    for number in range(3):
        given.put(f"segments/clip_1/1/{number}.pack", _noise(10))
    for name in ("segments/clip_1/2/0.pack", "segments/clip_10/1/0.pack", "recordings/abc", "recordings/abcd"):
        given.put(name, b"x")
    assert store.delete("segments/clip_1/1/") == 3
    assert store.delete("segments/clip_1/1/") == 0
    assert _names(store) == {
        "segments/clip_1/2/0.pack",
        "segments/clip_10/1/0.pack",
        "recordings/abc",
        "recordings/abcd",
    }
    assert store.delete("recordings/abc") == 1
    with pytest.raises(StoreError) as caught:
        store.find("recordings/abc")
    assert caught.value.code == "file_not_found"
    assert store.delete("segments/clip_1") == 1
    assert _names(store) == {"segments/clip_10/1/0.pack", "recordings/abcd"}
    given.put("segments/clip_1/1/0.pack", b"again")
    assert _read(store, "segments/clip_1/1/0.pack") == b"again"


def test_what_is_read_stays_readable_or_says_so_while_it_is_deleted(store: ClipStore, given: Given) -> None:
    data = _noise(12_000_000)
    given.put("renders/ren_1/clip.mp4", data)
    blocks = store.open("renders/ren_1/clip.mp4").blocks
    read = next(blocks)
    store.delete("renders/ren_1")
    try:
        read += b"".join(blocks)
    except StoreError as error:
        assert error.code in {"file_not_found", "store_damaged", "store_failed"}
    else:
        assert read == data


def test_many_at_once(store: ClipStore, given: Given) -> None:
    """Writers, a tidying deleter and a lister in the same folders."""
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for _ in range(5):
                given.put(f"segments/clip_1/{number % 2}/{number}.pack", _noise(1000, number))
                store.delete(f"segments/clip_1/{number % 2}/{number}.pack")
                _names(store, "segments")
            given.put(f"renders/ren_{number}/clip.mp4", _noise(1000, number))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert _names(store) == {f"renders/ren_{number}/clip.mp4" for number in range(8)}
    for number in range(8):
        assert _read(store, f"renders/ren_{number}/clip.mp4") == _noise(1000, number)


def test_more_files_than_one_answer_holds(store: ClipStore, given: Given, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x")
    pending = [f"segments/clip_1/1/{number}.pack" for number in range(1100)]
    expected = set(pending)

    def put() -> None:
        while pending:
            store.put(pending.pop(), tmp_path / "one", "application/octet-stream")

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _names(store) == expected
    assert store.delete("segments/clip_1") == 1100
    assert _names(store) == set()


def test_what_is_not_there(store: ClipStore) -> None:
    for ask in (store.find, store.open):
        for name in ("renders/ren_1/clip.mp4", "renders/ren_1"):
            with pytest.raises(StoreError) as caught:
                ask(name)
            assert (caught.value.code, caught.value.retryable) == ("file_not_found", False)
            assert name in caught.value.message
    assert list(store.list()) == []
    assert store.delete("renders/ren_1") == 0


def test_a_part_of_a_name_is_no_file(store: ClipStore, given: Given) -> None:
    given.put("renders/ren_1/clip.mp4", b"x")
    for ask in (store.find, store.open):
        for name in ("renders/ren_1", "renders/ren_1/clip.mp4/more"):
            with pytest.raises(StoreError) as caught:
                ask(name)
            assert caught.value.code == "file_not_found"


BAD_NAMES = [
    "",
    "clip.mp4",
    "/etc/passwd",
    "renders",
    "renders/",
    "renders//clip.mp4",
    "renders/../secret.key",
    "../renders/clip.mp4",
    "renders/..",
    "renders/./clip.mp4",
    "renders/.hidden",
    ".incoming/x",
    "renders/clip.",
    "renders/clip mp4",
    "renders/clip\n",
    "renders/clip\0",
    "renders\\clip.mp4",
    "renders/%2e%2e/clip",
    "renders/cl\u00efp",
    "renders/" + 101 * "x",
    "/".join(7 * ["x"]),
    "renders/" + "/".join(4 * [90 * "x"]),
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_what_is_no_name_is_refused(store: ClipStore, given: Given, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.key").write_bytes(b"secret")
    asks: list[Callable[[], object]] = [
        lambda: given.put(name, b"x"),
        lambda: store.find(name),
        lambda: store.open(name),
        lambda: store.delete(name),
    ]
    if name.strip("/") not in {"", "renders", "clip.mp4"}:
        asks.append(lambda: list(store.list(name)))
    for ask in asks:
        with pytest.raises(RequestError) as caught:
            ask()
        assert caught.value.code == "bad_file_name"
        assert "\n" not in caught.value.message
    assert (tmp_path / "secret.key").read_bytes() == b"secret"
    assert list(store.list()) == []


def test_the_check_leaves_nothing(store: ClipStore) -> None:
    store.check()
    assert list(store.list()) == []


def test_a_source_that_cannot_be_read_puts_nothing(store: ClipStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.put("renders/ren_1/clip.mp4", tmp_path / "none", "video/mp4")
    assert list(store.list()) == []


def test_the_type_is_told_to_who_asks_the_bucket(s3: ObjectServer, tmp_path: Path) -> None:
    import obstore

    store = build_clip_store(Settings(data_dir=tmp_path, store_url=f"s3://{BUCKET}/typed"))
    Given(store, tmp_path).put("renders/ren_1/clip.mp4", b"x")
    assert obstore.get(s3.store, "typed/renders/ren_1/clip.mp4").attributes["Content-Type"] == "video/mp4"


def test_what_else_lies_in_the_bucket_or_folder_is_passed_over(s3: ObjectServer, tmp_path: Path) -> None:
    bucket = build_clip_store(Settings(data_dir=tmp_path, store_url=f"s3://{BUCKET}/shared"))
    s3.put("shared/README", b"x")
    s3.put("shared/renders/ren 1/clip.mp4", b"x")
    folder = build_clip_store(Settings(data_dir=tmp_path, store_url=str(tmp_path / "shared")))
    (tmp_path / "shared" / "renders" / "ren 1").mkdir(parents=True)
    (tmp_path / "shared" / "renders" / "ren 1" / "clip.mp4").touch()
    (tmp_path / "shared" / "README").touch()
    for store in (bucket, folder):
        Given(store, tmp_path).put("renders/ren_1/clip.mp4", b"x")
        assert _names(store) == {"renders/ren_1/clip.mp4"}


def test_the_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = build_clip_store(Settings(data_dir=tmp_path / "data"))
    Given(store, tmp_path).put("renders/ren_1/clip.mp4", b"x")
    made = [tmp_path / "data", *(tmp_path / "data").rglob("*")]
    assert len(made) >= 5
    assert {path.stat().st_mode & 0o077 for path in made} == {0}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("https://bucket.s3.amazonaws.com/clips", "nothing can be kept there"),
        ("ftp://host/x", "nothing can be kept there"),
        ("s3:bucket", "names no bucket"),
        ("s3://", "names no bucket"),
        ("s3://AKIDCANARY:secret-canary@bucket/clips", "names no bucket"),
        ("az://con tainer/x", "names no container"),
        ("s3://bucket/a//b", "prefix"),
        ("s3://bucket/../x", "prefix"),
        ("s3://bucket/" + 800 * "k", "prefix"),
        ("file:relative", "no absolute path"),
        ("file://elsewhere/clips", "no absolute path"),
        ("file:///clips?x=1", "no absolute path"),
    ],
)
def test_a_place_that_is_none_is_refused_at_once(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(RendererError) as caught:
        build_clip_store(Settings(data_dir=tmp_path, store_url=url))
    assert (caught.value.code, caught.value.exit_code) == ("bad_store_url", 1)
    assert says in caught.value.message
    assert "RENDERER_STORE_URL" in caught.value.message
    assert "canary" not in caught.value.message.lower()
    assert "\n" not in caught.value.message


def test_an_endpoint_that_is_none_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:9000")
    with pytest.raises(RendererError) as caught:
        build_clip_store(Settings(data_dir=tmp_path, store_url="s3://bucket/clips"))
    assert caught.value.code == "bad_store_url"
    assert "https://HOST:PORT" in caught.value.message
