"""PostHog's references, settings, lists and waits, without a server."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from renderer.errors import RequestError, SourceError
from renderer.retry_after import retry_after_s
from renderer.settings import Settings
from renderer.sources.posthog.access import Access, access_of, base_of
from renderer.sources.posthog.address import Reference, parse_reference
from renderer.sources.posthog.snapshots.blocks import missing_numbers, parts_of, read_blocks
from renderer.sources.posthog.snapshots.cache import Folder
from renderer.sources.posthog.snapshots.lines import NotLinesError, write_lines

ID = "0190aa2b-65f7-7603-87a4-92d7ef6dc542"
BASE = "https://eu.posthog.com"


def settings(**values: Any) -> Settings:
    return Settings(**{"posthog_project": "2", "posthog_api_key": "phx_12345678", **values})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (ID, Reference(ID)),
        (f"{ID}?t=90", Reference(ID, 90_000)),
        (f"{BASE}/project/2/replay/{ID}?t=12.5", Reference(ID, 12_500, "2")),
        (f"{BASE}:443/project/2/replay/{ID}/", Reference(ID, None, "2")),
        (f"HTTPS://EU.posthog.com/replay/{ID}?t=0", Reference(ID, 0)),
        (f"{BASE}/project/phc_token/replay/{ID}?t=3", Reference(ID, 3000)),
        (f"{BASE}/project/2/replay/home?sessionRecordingId={ID}&t=4", Reference(ID, 4000, "2")),
        (f"{BASE}/project/2/replay/playlists/Ab3?sessionRecordingId={ID}", Reference(ID, None, "2")),
        (f"{BASE}/project/2/person/x#sessionRecordingId={ID}", Reference(ID)),
        (f"{BASE}/recordings/{ID}", Reference(ID)),
    ],
)
def test_references(name: str, expected: Reference) -> None:
    assert parse_reference(name, BASE) == expected


def test_an_address_below_a_path() -> None:
    assert parse_reference(f"https://a.example/ph/project/7/replay/{ID}", "https://a.example/ph").project == "7"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "posthog_bad_id"),
        ("../../etc/passwd", "posthog_bad_id"),
        ("a/b", "posthog_bad_id"),
        ("x" * 201, "posthog_bad_id"),
        ("a b", "posthog_bad_id"),
        (f"{ID}?t=soon", "bad_time"),
        (f"https://us.posthog.com/project/2/replay/{ID}", "posthog_other_host"),
        (f"http://eu.posthog.com/project/2/replay/{ID}", "posthog_other_host"),
        (f"https://eu.posthog.com@evil.example/replay/{ID}", "posthog_other_host"),
        (f"https://eu.posthog.com.evil.example/replay/{ID}", "posthog_other_host"),
        (f"https://eu.posthog.com:99999/replay/{ID}", "posthog_not_a_replay"),
        (f"{BASE}/project/2/replay/home", "posthog_not_a_replay"),
        (f"{BASE}/project/2/insights/{ID}", "posthog_not_a_replay"),
        ("https://example.com/session.json", "posthog_not_a_replay"),
    ],
)
def test_what_is_no_reference(name: str, code: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_reference(name, BASE)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("https://us.posthog.com", "https://us.posthog.com"),
        ("eu.posthog.com/", "https://eu.posthog.com"),
        ("https://Intern.Example:8443/posthog/", "https://intern.example:8443/posthog"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://10.1.2.3", "http://10.1.2.3"),
    ],
)
def test_hosts(host: str, base: str) -> None:
    assert base_of(settings(posthog_host=host)) == base


def test_the_key_is_never_printed() -> None:
    own = settings(posthog_api_key="phx_very_secret")
    for shown in (repr(own), str(own), own.model_dump_json(), repr(access_of(own))):
        assert "very_secret" not in shown


def test_a_project_of_the_address_is_taken_when_there_is_no_other() -> None:
    assert access_of(settings(posthog_project=None), "7").project == "7"
    assert access_of(settings(posthog_project="7"), "7").project == "7"
    with pytest.raises(RequestError) as caught:
        access_of(settings(posthog_project="8"), "7")
    assert caught.value.code == "posthog_other_project"


def listed(*keys: int | str, source: str = "blob_v2") -> dict[str, Any]:
    return {"sources": [{"source": source, "blob_key": key} for key in keys]}


def test_no_call_asks_for_more_than_a_key_may() -> None:
    blocks = read_blocks(listed(*(str(number) for number in range(45))))
    spans = [(part.blocks[0].number, part.blocks[-1].number) for part in parts_of(blocks)]
    assert spans == [(0, 18), (19, 37), (38, 44)]


def test_a_gap_is_not_asked_for() -> None:
    blocks = read_blocks(listed(4, 0, 1, 2, 6, 2))
    assert [part.params for part in parts_of(blocks)] == [
        {"source": "blob_v2", "start_blob_key": "0", "end_blob_key": "2"},
        {"source": "blob_v2", "start_blob_key": "4", "end_blob_key": "4"},
        {"source": "blob_v2", "start_blob_key": "6", "end_blob_key": "6"},
    ]
    assert missing_numbers(blocks) == 2


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"sources": {}},
        listed("x"),
        listed("9" * 5000),
        listed("²"),
        {"sources": [{"source": "blob_v3"}]},
        {"sources": [1]},
    ],
)
def test_lists_that_are_not_known(answer: dict[str, Any]) -> None:
    with pytest.raises(SourceError) as caught:
        read_blocks(answer)
    assert caught.value.code == "posthog_bad_list"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("37", 37),
        (" 0 ", 0),
        ("1.5", 1.5),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("-3", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, 100.0) == seconds


def written(tmp_path: Path, body: bytes, size: int = 7) -> tuple[bytes, bool, int]:
    blocks = read_blocks(
        {
            "sources": [
                {"source": "blob_v2", "blob_key": str(number), "start_timestamp": start, "end_timestamp": end}
                for number, (start, end) in enumerate(
                    [
                        ("2026-11-23T16:00:00.000Z", "2026-11-23T16:00:01.000Z"),
                        ("2026-11-23T16:00:05.000Z", "2026-11-23T16:00:06.500Z"),
                    ]
                )
            ]
        }
    )
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    done = write_lines(pieces, tmp_path / "lines", blocks)
    return (tmp_path / "lines").read_bytes(), done.cut, len(done.missing)


LINE = b'["w",{"type":5,"data":{"timestamp":1795449605500},"timestamp":1795449600100}]'
LATER = LINE.replace(b"600100", b"606000")


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
@pytest.mark.parametrize(
    ("body", "cut", "missing"),
    [
        (b"", False, 2),
        (LINE, False, 1),
        (b"\n\n" + LINE + b"\n", False, 1),
        (LINE + b"\n" + LATER + b"\n", False, 0),
        (LINE + b"\n" + LATER[:-5], True, 1),
        (b'{"windowId":"w","timestamp":1795449600100,"type":5,"data":{"a":[1]}}\n' * 3, False, 1),
        (LINE.replace(b"}]", b',"cv":"2024-10"}]') + b"\n", False, 1),
    ],
)
def test_lines_are_written_as_they_are(tmp_path: Path, body: bytes, cut: bool, missing: int, size: int) -> None:
    text, is_cut, count = written(tmp_path, body, size)
    assert text == (body if body.endswith(b"\n") or not body else body + b"\n")
    assert (is_cut, count) == (cut, missing)


@pytest.mark.parametrize("size", [1, 10_000])
@pytest.mark.parametrize(
    "body", [b"<html>", b"\n <html>\n", b"[1,2\n[3]\n", b"null\n", b'{"detail":"no"}\n', b"\x00\x01\x02"]
)
def test_what_are_no_lines(tmp_path: Path, body: bytes, size: int) -> None:
    with pytest.raises(NotLinesError):
        written(tmp_path, body, size)


def test_a_folder_that_is_taken_away_while_another_makes_it_is_made_again(tmp_path: Path) -> None:
    access = Access(base="http://127.0.0.1", project="1", key=SecretStr("phx_1"))

    def pass_through(_: int) -> None:
        for _ in range(60):
            with Folder(tmp_path, access, "0190-none").locked():
                pass

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(pass_through, range(8)))
    assert list(tmp_path.rglob("0190-none")) == []
