"""`renderer inspect`: what is in a recording, for people and for programs."""

import gzip
import json
from pathlib import Path

import pytest

from renderer.cli import run
from renderer.cli.overview import Overview, kind_of, look_over, tell
from renderer.recording.model import Event, Recording, Viewport, Window
from renderer.redact.policy.load import load_policy
from renderer.session import Session
from renderer.timeline.model import Entry, Timeline
from tests import mobile
from tests.unit.plan_fixtures import adds, click, log, recording, window


def look(taken: Recording, *entries: Entry, hidden: dict[str, int] | None = None) -> Overview:
    timeline = Timeline(duration_ms=taken.duration_ms, entries=entries, calls=())
    return look_over(Session(taken, timeline, load_policy("default"), hidden or {}, {}, ""))


@pytest.fixture
def session_file(tmp_path: Path) -> Path:
    """Five events over 20 s, the last click before a gap of 17 s."""
    began = 1_700_000_000_000
    page = {"type": 0, "id": 1, "childNodes": []}
    events = [
        {"type": 4, "timestamp": began, "data": {"href": "https://shop.example/cart", "width": 800, "height": 600}},
        {"type": 2, "timestamp": began, "data": {"node": page, "initialOffset": {"left": 0, "top": 0}}},
        {"type": 3, "timestamp": began + 2000, "data": {"source": 2, "type": 2, "id": 1, "x": 1, "y": 1}},
        {"type": 3, "timestamp": began + 3000, "data": {"source": 2, "type": 2, "id": 1, "x": 1, "y": 1}},
        {"type": 5, "timestamp": began + 20_000, "data": {"tag": "done", "payload": {}}},
    ]
    path = tmp_path / "session.json.gz"
    path.write_bytes(gzip.compress(json.dumps(events).encode()))
    return path


def test_a_file_for_programs(session_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(session_file), "--json"]) == 0
    out, err = capsys.readouterr()
    seen = json.loads(out)
    assert err == ""
    assert seen["recording"] | {"id": "?"} == {
        "id": "?",
        "kind": "rrweb-json",
        "mobile": False,
        "started_at": "2023-11-14T22:13:20.000+00:00",
        "duration_ms": 20_000,
        "events": 5,
    }
    (shown,) = seen["windows"]
    assert (shown["first_ms"], shown["last_ms"], shown["idle_ms"]) == (0, 20_000, 17_000)
    assert shown["viewports"] == [{"at_ms": 0, "width_px": 800, "height_px": 600, "href": "https://shop.example/cart"}]
    assert shown["kinds"] == {"mouse_interaction": 2, "custom": 1, "full_snapshot": 1, "meta": 1}


def test_a_file_for_people(session_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(session_file)]) == 0
    out = capsys.readouterr().out
    assert "length     0:20" in out
    assert "0:00 to 0:20, 5 events, idle 85%" in out
    assert "  0:00  800x600  https://shop.example/cart" in out
    assert "  2  mouse_interaction" in out


def test_a_recording_of_an_app(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "app.json"
    path.write_text(json.dumps(mobile.ios_chat()))
    assert run(["inspect", str(path)]) == 0
    told = capsys.readouterr().out
    assert "rrweb-json, of a mobile app" in told
    assert "390x844  ChatScreen" in told
    assert "Tapped “Send”" in told
    assert run(["inspect", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recording"]["mobile"] is True


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", str(tmp_path / "no.json")]) == 2
    assert capsys.readouterr() == ("", "renderer: error: no.json does not exist; check the path\n")


def test_text_that_appears_is_not_idle() -> None:
    quiet = recording(window([click(1000), log(30_000)]))
    answered = recording(window([click(1000), adds(20_000, (1, 9, "Yes. " * 20)), log(30_000)]))
    assert look(quiet).windows[0].idle_ms == 29_000
    assert look(answered).windows[0].idle_ms == 29_000  # 19 s before the answer, 10 s after it
    late = recording(window([click(1000), adds(26_000, (1, 9, "Yes. " * 20)), log(30_000)]))
    assert look(late).windows[0].idle_ms == 25_000


def test_every_window_is_told_with_its_own_time() -> None:
    taken = recording(window([log(4000)], name="a"), window([log(90_000)], opens_ms=80_000, name="b"))
    told = tell(look(taken))
    assert "window a: 0:00 to 0:04, 3 events, idle 0%" in told
    assert "window b: 1:20 to 1:30, 3 events, idle 100%" in told


def test_recorded_text_cannot_steer_the_terminal() -> None:
    view = Viewport(0, 800, 600, "https://x.example/\x1b]0;owned\x07\n")
    told = tell(look(recording(Window("w\x1b[2J", window([log(1000)]).events, (view,)))))
    assert "\x1b" not in told
    assert "\x07" not in told
    assert "https://x.example/?]0;owned??" in told


def test_what_happened_is_told_line_by_line() -> None:
    entries = (
        Entry(at_ms=500, kind="click", title="Clicked “Pay”"),
        Entry(at_ms=65_000, kind="request", title="POST /pay failed with 500\x1b[2J", level="error"),
    )
    told = tell(look(recording(window([log(90_000)])), *entries, hidden={"email": 3}))
    assert "  0:00.500      Clicked “Pay”\n  1:05      !!  POST /pay failed with 500?[2J" in told
    assert told.index("hidden by the redaction policy") < told.index("  3  email")


def test_a_long_story_is_cut() -> None:
    entries = [Entry(at_ms=at, kind="click", title="Clicked “Pay”") for at in range(1000)]
    told = tell(look(recording(window([log(1000)])), *entries))
    assert "… and 700 more; --json lists all" in told


def test_long_lists_are_cut() -> None:
    views = tuple(Viewport(at, 800, 600, None) for at in range(500))
    told = tell(look(recording(Window("w", window([log(1000)]).events, views))))
    assert "… and 488 more sizes and addresses" in told
    assert len(told.splitlines()) < 30


def test_a_start_beyond_the_calendar_is_unknown() -> None:
    taken = recording(window([log(1000)]))
    for began in (10**18, -(10**18)):
        odd = type(taken)(taken.id, taken.kind, began, taken.duration_ms, taken.windows, ())
        assert look(odd).recording.started_at == ""


@pytest.mark.parametrize(
    ("kind", "source", "name"),
    [
        (2, None, "full_snapshot"),
        (3, 1, "mouse_move"),
        (3, 99, "source_99"),
        (3, None, "incremental"),
        (9, None, "type_9"),
    ],
)
def test_kinds_have_rrwebs_names(kind: int, source: int | None, name: str) -> None:
    assert kind_of(Event(0, kind, source, b"{}")) == name
