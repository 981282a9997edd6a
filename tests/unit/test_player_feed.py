"""Which events a page gets, from where on, and what it must know of the time before."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.player import feed
from renderer.player.carried import hand_before
from renderer.player.feed import LEAD_MS, LOOKAHEAD_MS, OPENING_MS, Feed, find_start
from renderer.player.protocol import Pointer
from renderer.recording.model import Event, EventType, Source, Viewport, Window
from tests.unit.plan_fixtures import event


def meta(at_ms: int) -> Event:
    return event(at_ms, EventType.META, href="https://x.test/", width=800, height=600)


def full(at_ms: int) -> Event:
    return event(at_ms, EventType.FULL_SNAPSHOT, node={"id": 1})


def change(at_ms: int, **more: Any) -> Event:
    lists: dict[str, Any] = {"adds": [], "removes": [], "texts": [], "attributes": []}
    return event(at_ms, EventType.INCREMENTAL, Source.MUTATION, **(lists | more))


def moves(at_ms: int, *places: tuple[float, float, float], source: int = Source.MOUSE_MOVE) -> Event:
    positions = [{"x": x, "y": y, "id": 1, "timeOffset": offset} for offset, x, y in places]
    return event(at_ms, EventType.INCREMENTAL, source, positions=positions)


def interaction(at_ms: int, kind: int, **more: Any) -> Event:
    return event(at_ms, EventType.INCREMENTAL, Source.MOUSE_INTERACTION, type=kind, id=1, **more)


def font(at_ms: int) -> Event:
    return event(at_ms, EventType.INCREMENTAL, Source.FONT, family="F")


def window(*events: Event) -> Window:
    return Window("w", list(events), (Viewport(0, 800, 600, None),))


def fed(chunks: Iterable[str]) -> list[tuple[int, dict[str, Any]]]:
    return [(at, body) for chunk in chunks for at, body in json.loads(chunk)]


TOUCH_START, TOUCH_END = 7, 9


class TestFindStart:
    def test_the_last_snapshot_with_enough_lead(self) -> None:
        recorded = window(meta(0), full(0), change(10), meta(5000), full(5001), change(6000), meta(9000), full(9001))
        assert find_start(recorded, 0).index == 0
        assert find_start(recorded, 5001 + LEAD_MS - 1).index == 0
        assert find_start(recorded, 5001 + LEAD_MS).index == 3
        assert find_start(recorded, 9001 + LEAD_MS).index == 6

    def test_a_page_is_opening_when_no_snapshot_came_before(self) -> None:
        recorded = window(change(0), meta(5), full(5), change(3000), meta(5000), full(5000), change(9000))
        assert find_start(recorded, 100).opening
        assert find_start(recorded, 4000).opening
        assert not find_start(recorded, 8000).opening

    def test_a_snapshot_without_a_meta_of_its_own_starts_from_the_last_meta(self) -> None:
        recorded = window(meta(0), full(0), change(10), full(5000), change(9000))
        assert find_start(recorded, 9000).index == 0

    def test_fonts_that_were_loaded_before_are_read_first(self) -> None:
        recorded = window(meta(0), full(0), font(50), font(60), meta(5000), full(5000), font(6000), change(9000))
        start = find_start(recorded, 9000)
        assert start.fonts == (2, 3)
        reader = Feed(recorded, start)
        assert [at for at, _ in fed(reader.until(9000))] == [50, 60, 5000, 5000, 6000, 9000]
        assert fed(reader.until(9100)) == []

    def test_a_place_inside_an_embedded_page_is_left_to_the_page(self) -> None:
        embedding = change(20, isAttachIframe=True)
        recorded = window(meta(0), full(0), embedding, moves(700, (0, 5, 6)), meta(5000), full(5000), change(9000))
        start = find_start(recorded, 9000)
        assert (start.index, start.pointer) == (0, None)
        moved_later = window(meta(0), full(0), embedding, meta(5000), full(5000), moves(6000, (0, 5, 6)), meta(9000), full(9000), change(12_000))  # fmt: skip
        later = find_start(moved_later, 12_000)
        assert (later.index, later.pointer) == (6, Pointer(x=5, y=6, touch=False, pressed=False))


class TestHandBefore:
    def at_end(self, *events: Event) -> Pointer | None:
        hand = hand_before(events, len(events))
        return hand.pointer if hand else None

    def test_nothing_is_known_before_the_first_position(self) -> None:
        assert self.at_end(meta(0), full(0), change(5), moves(10)) is None

    def test_the_last_position_of_the_last_batch(self) -> None:
        assert self.at_end(moves(500, (-400, 1, 2), (0, 3, 4)), change(600)) == Pointer(
            x=3, y=4, touch=False, pressed=False
        )

    def test_a_click_after_the_last_position_of_a_later_batch(self) -> None:
        click = interaction(700, 2, x=9, y=9)
        batch = moves(900, (-400, 1, 2), (-300, 3, 4))
        assert self.at_end(click, batch) == Pointer(x=9, y=9, touch=False, pressed=False)
        assert self.at_end(click, moves(900, (-100, 3, 4))) == Pointer(x=3, y=4, touch=False, pressed=False)

    def test_a_keyboard_click_moves_nothing(self) -> None:
        assert self.at_end(moves(100, (0, 3, 4)), interaction(200, 2, x=0, y=0)) == Pointer(
            x=3, y=4, touch=False, pressed=False
        )

    def test_a_finger_that_is_down_and_one_that_was_lifted(self) -> None:
        start, end = interaction(100, TOUCH_START, x=5, y=6), interaction(300, TOUCH_END, x=5, y=6)
        assert self.at_end(start) == Pointer(x=5, y=6, touch=True, pressed=True)
        assert self.at_end(start, end) == Pointer(x=5, y=6, touch=True, pressed=False)
        dragged = moves(400, (0, 7, 8), source=Source.TOUCH_MOVE)
        assert self.at_end(start, end, dragged) == Pointer(x=7, y=8, touch=True, pressed=True)
        assert self.at_end(start, end, moves(500, (0, 1, 1))) == Pointer(x=1, y=1, touch=False, pressed=False)

    @pytest.mark.parametrize(
        "odd",
        [
            event(200, EventType.INCREMENTAL, Source.MOUSE_MOVE, positions="many"),
            event(200, EventType.INCREMENTAL, Source.MOUSE_MOVE, positions=[{"x": None}]),
            Event(200, EventType.INCREMENTAL, Source.MOUSE_INTERACTION, b"{"),
            interaction(200, 2, x="far", y=3),
        ],
    )
    def test_what_cannot_be_read_is_passed_over(self, odd: Event) -> None:
        assert self.at_end(moves(100, (0, 3, 4)), odd) == Pointer(x=3, y=4, touch=False, pressed=False)


class TestFeed:
    def test_events_come_a_little_ahead_and_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(feed, "CHUNK_BYTES", 300)
        recorded = window(meta(0), full(0), *(change(at) for at in range(1000, 20_000, 1000)))
        reader = Feed(recorded, find_start(recorded, 0))
        seen: list[int] = []
        for session_ms in range(0, 20_000, 40):
            seen += [at for at, _ in fed(reader.until(session_ms))]
            assert min(session_ms + LOOKAHEAD_MS, 19_000) - 1000 < seen[-1] <= session_ms + LOOKAHEAD_MS + 1000
        assert seen == [0, 0, *range(1000, 20_000, 1000)]

    def test_the_opening_snapshot_is_shown_from_the_windows_start(self) -> None:
        late = window(change(0), meta(300), full(420), change(500))
        assert [at for at, _ in fed(Feed(late, find_start(late, 0)).until(0))] == [0, 0, 0, 500]
        too_late = window(change(0), meta(300), full(OPENING_MS + 1), change(OPENING_MS + 2))
        assert [at for at, _ in fed(Feed(too_late, find_start(too_late, 0)).until(0))][1:] == [300, 2001, 2002]

    def test_embedded_documents_are_shown_with_their_snapshot(self) -> None:
        late = [change(0), meta(300), full(420), change(430, isAttachIframe=True), change(500)]
        checkout = [
            meta(5000),
            full(5003),
            change(5004),
            change(5011, isAttachIframe=True),
            change(5600, isAttachIframe=True),
        ]
        recorded = window(*late, *checkout)
        read = [at for at, _ in fed(Feed(recorded, find_start(recorded, 0)).until(6000))]
        assert read == [0, 0, 0, 0, 500, 5000, 5003, 5004, 5003, 5600]

    def test_what_cannot_be_seen_is_kept_back(self) -> None:
        unseen = [
            event(10, EventType.CUSTOM, tag="x"),
            event(11, EventType.INCREMENTAL, Source.LOG),
            event(12, EventType.PLUGIN),
        ]
        recorded = window(meta(0), full(0), *unseen, change(20))
        assert [at for at, _ in fed(Feed(recorded, find_start(recorded, 0)).until(0))] == [0, 0, 20]

    def test_large_events_come_in_chunks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(feed, "CHUNK_BYTES", 5000)
        recorded = window(
            meta(0), full(0), *(change(10 + index, texts=[{"id": 1, "value": "x" * 1000}]) for index in range(30))
        )
        chunks = list(Feed(recorded, find_start(recorded, 0)).until(0))
        assert len(chunks) > 4
        assert max(map(len, chunks)) < 7000
        assert len(fed(chunks)) == 32

    def test_bytes_that_are_no_text_do_not_stop_the_feed(self) -> None:
        odd = Event(10, EventType.INCREMENTAL, Source.MUTATION, b'{"type":3,"data":{"source":0,"x":"\xff\xfe"}}')
        recorded = window(meta(0), full(0), odd)
        assert len(fed(Feed(recorded, find_start(recorded, 0)).until(0))) == 3

    @settings(deadline=None)
    @given(st.lists(st.integers(0, 30_000), max_size=40), st.integers(0, 30_000), st.integers(1, 3000))
    def test_everything_from_the_start_on_is_read_in_order(
        self, times: list[int], session_ms: int, stride: int
    ) -> None:
        snapshots = [item for at in range(0, 30_000, 7000) for item in (meta(at), full(at))]
        recorded = window(*sorted([*snapshots, *map(change, times)], key=lambda item: item.at_ms))
        start = find_start(recorded, session_ms)
        reader = Feed(recorded, start)
        read: list[int] = []
        for now in range(session_ms, 33_001, stride):
            read += [at for at, _ in fed(reader.until(now))]
            due = [item.at_ms for item in recorded.events[start.index :] if item.at_ms <= now]
            assert read[: len(due)] == due, "all that has happened is there"
        read += [at for at, _ in fed(reader.until(40_000))]
        assert read == [item.at_ms for item in recorded.events[start.index :]]
