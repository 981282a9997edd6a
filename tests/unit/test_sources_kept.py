"""Fetched recordings on disk: found again, bounded, and thrown away when nobody asks for them."""

from pathlib import Path

import pytest

from renderer.errors import SetupError
from renderer.notices import Notice
from renderer.sources.joined import by_name
from renderer.sources.kept import DAY_S, Kept, key_of
from renderer.sources.objects.place import parse_place


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


def _keep(kept: Kept, key: str, data: bytes, notices: tuple[Notice, ...] = ()) -> Path:
    with kept.room() as room:
        (room / "file").write_bytes(data)
        return kept.keep(key, room / "file", notices)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_what_was_kept_is_found_with_what_was_odd(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    notice = Notice("damaged_parts", "parts were left out", 2)
    assert kept.find("key") is None
    path = _keep(kept, "key", b"recording", (notice,))
    assert kept.find("key") == (path, (notice,))
    assert path.read_bytes() == b"recording"
    assert tmp_path.joinpath("v1").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"record", b"", None])
def test_what_is_damaged_is_not_found(tmp_path: Path, damage: bytes | None) -> None:
    path = _keep(Kept(tmp_path), "key", b"recording")
    if damage is None:
        path.with_name("key.json").write_bytes(b"{")
    else:
        path.write_bytes(damage)
    assert Kept(tmp_path).find("key") is None


def test_a_room_leaves_nothing_that_was_not_kept(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), Kept(tmp_path).room() as room:
        (room / "half").write_bytes(b"half")
        raise KeyboardInterrupt
    assert _names(tmp_path) == set()


def test_what_nobody_asks_for_goes_after_a_week_and_the_oldest_goes_first(tmp_path: Path) -> None:
    clock = Clock()
    kept = Kept(tmp_path, max_bytes=250, clock=clock)
    for key in ("a", "b", "c"):
        _keep(kept, key, bytes(100))
        assert kept.find(key)
        clock.now_s += 600
    clock.now_s += 3600
    assert kept.find("a")  # used last, so that b is the oldest
    _keep(kept, "d", b"")
    assert _names(tmp_path) == {"a", "a.json", "c", "c.json", "d", "d.json"}
    clock.now_s += 8 * DAY_S
    with kept.room():
        assert _names(tmp_path) & {"a", "c"} == set()


def test_what_is_being_read_stays_even_when_there_is_too_much(tmp_path: Path) -> None:
    clock = Clock()
    kept = Kept(tmp_path, max_bytes=10, clock=clock)
    _keep(kept, "a", bytes(100))
    assert kept.find("a")
    _keep(kept, "b", bytes(100))
    assert kept.find("a")


def test_rooms_of_killed_processes_are_swept(tmp_path: Path) -> None:
    clock = Clock()
    room = tmp_path / "v1" / "tmp" / "left"
    room.mkdir(parents=True)
    (room / "half").write_bytes(b"half")
    clock.now_s = room.stat().st_mtime + DAY_S - 10
    with Kept(tmp_path, clock=clock).room():
        assert room.exists()
    clock.now_s += 20
    with Kept(tmp_path, clock=clock).room():
        assert not room.exists()


def test_a_cache_that_cannot_be_written_is_named_with_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="RENDERER_CACHE_DIR") as caught, Kept(tmp_path / "file").room():
        pass
    assert caught.value.code == "cache_unwritable"


def test_keys_tell_everything_apart_and_show_nothing() -> None:
    keys = {
        key_of("s3", None, "b", "a"),
        key_of("s3", None, "ba"),
        key_of("gs", None, "b", "a"),
        key_of("s3", "b", "a"),
    }
    assert len(keys) == 4
    assert all(len(key) == 64 and "b/a" not in key for key in keys)


def test_names_are_ordered_as_people_count() -> None:
    names = ["b/1", "a/part-10", "a/part-2", "a/part-2b", "a/part-02", "a", "10", "9", "a/part-", "é2"]
    assert sorted(names, key=by_name) == [
        "9",
        "10",
        "a",
        "a/part-",
        "a/part-2",
        "a/part-02",
        "a/part-2b",
        "a/part-10",
        "b/1",
        "é2",
    ]


@pytest.mark.parametrize(
    ("rest", "bucket", "key", "folder", "name"),
    [
        ("//b/a.json", "b", "a.json", False, "a.json"),
        ("//my.bucket-1/a/b%20c/", "my.bucket-1", "a/b%20c", True, "b%20c"),
        ("//$web/x", "$web", "x", False, "x"),
        ("//b/x?X-Signature=canary", "b", "x?X-Signature=canary", False, "x"),
        ("//b/é/ü.json", "b", "é/ü.json", False, "ü.json"),
    ],
)
def test_addresses_of_objects(rest: str, bucket: str, key: str, folder: bool, name: str) -> None:
    place = parse_place("az", rest)
    assert (place.bucket, place.key, place.folder, place.name) == (bucket, key, folder, name)
    assert place.container == f"container {bucket}"
