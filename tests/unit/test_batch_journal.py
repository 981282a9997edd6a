"""The journal of a batch: what is noted is there the next time, whatever became of whoever noted it."""

import multiprocessing
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from renderer.batch.journal import NAME, Filmed, Journal, files_are_there
from renderer.errors import OperationError, RequestError
from tests.unit.batch_fixtures import a_clip, file_at
from tests.unit.batch_made import failed, seen, unreadable, waiting


def noted(folder: Path, digest: str = "d") -> tuple[set[str], dict[str, str]]:
    with Journal(folder, digest) as journal:
        return set(journal.seen), {name: clip.status for name, clip in journal.filmed.items()}


def test_what_is_noted_is_there_the_next_time(tmp_path: Path) -> None:
    folder = tmp_path / "not/yet/there"
    with Journal(folder, "d") as journal:
        journal.add(seen(1, [waiting(1)]))
        journal.add(unreadable(2))
        journal.add(Filmed(clip=failed(a_clip(1))))
        before = (dict(journal.seen), dict(journal.filmed))
    with Journal(folder, "d") as journal:
        assert (journal.seen, journal.filmed) == before
        journal.add(Filmed(clip=a_clip(1)))
        journal.add(seen(2))
    assert noted(folder) == ({"1.json", "2.json"}, {a_clip(1).id: "made"})
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_every_way_in_which_the_last_line_may_be_cut_off(tmp_path: Path) -> None:
    with Journal(tmp_path, "d") as journal:
        journal.add(seen(1))
        journal.add(seen(2, [waiting(2)]))
    path = tmp_path / NAME
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        kept = sum(length >= sum(map(len, lines[: number + 1])) for number in range(3))
        assert noted(tmp_path) == ({f"{number}.json" for number in range(1, kept)}, {}), length
        with Journal(tmp_path, "d") as journal:
            journal.add(seen(3))
        assert "3.json" in noted(tmp_path)[0], "what comes after it can be read"


def test_a_line_that_is_damaged_costs_that_line_alone(tmp_path: Path) -> None:
    with Journal(tmp_path, "d") as journal:
        for number in (1, 2, 3):
            journal.add(seen(number))
    path = tmp_path / NAME
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"\0" * 40 + b"\n", lines[3]]))
    assert noted(tmp_path)[0] == {"1.json", "3.json"}


@pytest.mark.parametrize(
    "first", [b'{"is_a":"begun","digest":"other"}\n', b"of another program\n", b'{"is_a":"begun"}\n']
)
def test_another_batch_is_left_alone(first: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(first + b"more")
    with pytest.raises(RequestError) as caught:
        Journal(tmp_path, "d")
    assert caught.value.code == "another_batch"
    assert (tmp_path / NAME).read_bytes() == first + b"more"


def test_one_batch_at_a_time(tmp_path: Path) -> None:
    with Journal(tmp_path, "d") as journal:
        for digest in ("d", "other"):
            with pytest.raises(RequestError) as caught:
                Journal(tmp_path, digest)
            assert caught.value.code == "batch_running"
        journal.add(seen(1))
    assert noted(tmp_path)[0] == {"1.json"}


def test_who_is_started_meanwhile_does_not_hold_it(tmp_path: Path) -> None:
    with Journal(tmp_path, "d"):
        child = multiprocessing.get_context("spawn").Process(target=_wait_for_ever, daemon=True)
        child.start()
    try:
        assert noted(tmp_path) == (set(), {})
    finally:
        child.kill()
        child.join()


def _wait_for_ever() -> None:
    while True:
        input()


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file/below", Path("/proc/nothing")):
        with pytest.raises(OperationError) as caught:
            Journal(folder, "d")
        assert caught.value.code == "bad_output_folder"


def test_a_line_that_the_disk_takes_only_the_beginning_of(tmp_path: Path) -> None:
    """What it did not take must not come up again when the journal is closed, as it would from a buffer."""
    with Journal(tmp_path, "d") as journal:
        journal.add(seen(1))
        size = (tmp_path / NAME).stat().st_size
        with no_more_than(size + 20), pytest.raises(OperationError) as caught:
            journal.add(seen(2))
        assert (caught.value.code, caught.value.retryable) == ("journal_not_written", True)
    assert (tmp_path / NAME).stat().st_size == size + 20
    assert noted(tmp_path)[0] == {"1.json"}
    assert (tmp_path / NAME).stat().st_size == size


@contextmanager
def no_more_than(size: int) -> Iterator[None]:
    """As if the disk were full when a file has so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_nothing_is_kept_without_a_folder(tmp_path: Path) -> None:
    with Journal(None, "d") as journal:
        journal.add(seen(1))
        assert set(journal.seen) == {"1.json"}


def test_files_that_are_there(tmp_path: Path) -> None:
    clip = a_clip(1, files={"mp4": file_at("clips/a.mp4", 3)})
    assert not files_are_there(clip, tmp_path)
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips/a.mp4").write_bytes(b"abc")
    assert files_are_there(clip, tmp_path)
    (tmp_path / "clips/a.mp4").write_bytes(b"ab")
    assert not files_are_there(clip, tmp_path)
