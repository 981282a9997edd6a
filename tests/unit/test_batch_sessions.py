"""Which sessions are meant: patterns, lists, names that look like patterns, and the events beside."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from renderer.batch.request import Wanted
from renderer.batch.sessions import MOST, check_count, listed_sessions, named_sessions, references_in
from renderer.errors import RequestError
from renderer.sources.model import Listed

FILES = (
    "a.json", "a.events.json", "b.jsonl.gz", "b.events.json", "notes.txt", "deep/c.json", "deep/er/d.ndjson.zst", "deep/er/d.events.json",
    "[1].json", "2026-11-27T10:00/e.json", "2026-11-27T10:00/f.json",
)  # fmt: skip


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    monkeypatch.chdir(tmp_path)


def names(references: Iterable[str], ending: str | None = ".events.json") -> list[str]:
    return [each.reference for each in named_sessions(references, ending)]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.json", ["[1].json", "a.json"]),
        ("?.json*", ["a.json", "b.jsonl.gz"]),
        ("**/*.json", ["2026-11-27T10:00/e.json", "2026-11-27T10:00/f.json", "[1].json", "a.json", "deep/c.json"]),
        ("./deep/*", ["./deep/c.json"]),
        ("deep/**", ["deep/c.json", "deep/er/d.ndjson.zst"]),
        # A colon further on makes no scheme of it.
        ("2026-11-27T10:00/*.json", ["2026-11-27T10:00/e.json", "2026-11-27T10:00/f.json"]),
        # A file whose own name has brackets is that file.
        ("[1].json", ["[1].json"]),
        # What has a scheme is its source's to understand.
        ("posthog:*", ["posthog:*"]),
        ("s3://bucket/night/*.json", ["s3://bucket/night/*.json"]),
        ("nothing.json", ["nothing.json"]),
    ],
)
def test_patterns(pattern: str, found: list[str]) -> None:
    assert names([pattern]) == found


def test_each_once_in_the_order_of_who_asked() -> None:
    assert names(["deep/c.json", "a.json", "**/c.json", "a.json", "posthog:1"]) == [
        "deep/c.json",
        "a.json",
        "posthog:1",
    ]


def test_files_of_events_are_sessions_unless_it_is_said_that_they_are_not() -> None:
    assert names(["a*"], None) == ["a.events.json", "a.json"]


@pytest.mark.parametrize("pattern", ["night/*.json", "*.events.json", "[", "a[b-a]*", "x*" + "y" * 5000])
def test_a_pattern_that_matches_nothing(pattern: str) -> None:
    with pytest.raises(RequestError) as caught:
        named_sessions([pattern], ".events.json")
    assert caught.value.code == "no_recordings"


@pytest.mark.parametrize(
    ("reference", "events"),
    [
        ("a.json", "a.events.json"),
        ("b.jsonl.gz", "b.events.json"),
        ("deep/er/d.ndjson.zst", "deep/er/d.events.json"),
        ("deep/c.json", None),
        ("posthog:a.json", None),
        ("a.events.json", None),
    ],
)
def test_events_beside(reference: str, events: str | None) -> None:
    assert named_sessions([reference], ".events.json") == [Wanted(reference, events=events)]
    assert named_sessions([reference], None) == [Wanted(reference)]


def test_a_recording_is_not_its_own_events() -> None:
    assert named_sessions(["a.json"], ".json") == [Wanted("a.json")]


def test_lists(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes("\ufeffposthog:1\r\n\r\n  # none\r\n  a.json  \r\n#b.json\nhttps://x/replay/2?t=3#x\n".encode())
    assert list(references_in(path)) == ["posthog:1", "a.json", "https://x/replay/2?t=3#x"]


@pytest.mark.parametrize(
    ("content", "why"), [(None, "No such file or directory"), (b"\xff\xfe", "it is no UTF-8 text")]
)
def test_lists_that_cannot_be_read(content: bytes | None, why: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "ids.txt").write_bytes(content)
    with pytest.raises(RequestError) as caught:
        references_in(tmp_path / "ids.txt")
    assert (caught.value.code, why in caught.value.message) == ("bad_list", True)


def test_sessions_that_go_on_are_left_for_the_next_time() -> None:
    def listed(name: str, *, is_ongoing: bool) -> Listed:
        return Listed(
            id=name, start=None, duration_ms=1, active_ms=1, person=None, errors=0, clicks=0, url=f"https://p/{name}", start_url=None,
            is_ongoing=is_ongoing, is_mobile=False,
        )  # fmt: skip

    found = listed_sessions("posthog", [listed("a", is_ongoing=False), listed("b", is_ongoing=True)])
    assert found == [Wanted("posthog:a", replay_url="https://p/a")]


def test_none_and_too_many() -> None:
    check_count([Wanted("a")] * MOST)
    for sessions, code in (([], "no_recordings"), ([Wanted("a")] * (MOST + 1), "too_many_recordings")):
        with pytest.raises(RequestError) as caught:
            check_count(sessions)
        assert caught.value.code == code
