"""What becomes of single events: kept, mended, split, or dropped and counted."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from renderer.recording import mutations
from renderer.recording.model import EventType, Source
from tests.unit import recordings as build

BAD_TIMES: list[object] = [
    -1,
    float("nan"),
    float("inf"),
    -float("inf"),
    None,
    "1760000000000",
    True,
    [],
    1e300,
    8.64e15 + 2,
]


@pytest.mark.parametrize("bad", BAD_TIMES, ids=repr)
@pytest.mark.parametrize("shape", ["array", "posthog pairs"])
def test_events_without_a_usable_time_are_dropped(bad: object, shape: str, tmp_path: Path) -> None:
    events = build.session()
    broken = [*events, {**build.move(5000), "timestamp": bad}]
    recording = build.read(tmp_path, build.SHAPES[shape][0](broken))
    assert build.played(recording) == events
    assert build.notices(recording)["bad_timestamp"] == 1


def test_a_time_too_large_for_a_float_and_a_missing_one(tmp_path: Path) -> None:
    events = build.session()
    text = build.dump(events)[:-1] + ',{"type":3,"timestamp":1e999,"data":{"source":1}},{"type":3,"data":{"source":1}}]'
    recording = build.read(tmp_path, text)
    assert build.played(recording) == events
    assert build.notices(recording) == {"bad_timestamp": 2}


@pytest.mark.parametrize("value", [None, 7, "event", [], [1, 2], {}, {"a": 1}, {"type": "click", "timestamp": 1}])
def test_values_that_are_not_events_are_dropped(value: object, tmp_path: Path) -> None:
    events = build.session()
    recording = build.read(tmp_path, [*events[:2], value, *events[2:]])
    assert build.played(recording) == events
    if value not in ([], [1, 2]):  # an empty list holds nothing that could be counted, this one two
        assert build.notices(recording) == {"not_an_event": 1}


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"type": 7, "data": {}}, "unknown_event_type"),
        ({"type": -1, "data": {}}, "unknown_event_type"),
        ({"type": 10**30, "data": {}}, "unknown_event_type"),
        ({"type": 2.5, "data": {}}, "not_an_event"),
        ({"type": 3, "data": {"source": 17}}, "unknown_source"),
        ({"type": 3, "data": {"source": -1}}, "unknown_source"),
        ({"type": 3, "data": {"source": "0"}}, "malformed_event"),
        ({"type": 3, "data": {}}, "malformed_event"),
        ({"type": 3, "data": None}, "malformed_event"),
        ({"type": 3}, "malformed_event"),
        ({"type": 3, "data": [1]}, "malformed_event"),
        ({"type": 3, "data": {"source": 0}}, "malformed_event"),
        ({"type": 3, "data": {"source": 0, "adds": 7}}, "malformed_event"),
        (
            {"type": 3, "data": {"source": 0, "adds": "x", "removes": [], "texts": [], "attributes": []}},
            "malformed_event",
        ),
        ({"type": 2, "data": "text"}, "malformed_event"),
        ({"type": 2, "data": {"node": [1]}}, "malformed_event"),
        ({"type": 4, "data": 3}, "malformed_event"),
        ({"type": 5, "data": None}, "malformed_event"),
        ({"type": 5}, "malformed_event"),
        ({"type": 6, "data": "x"}, "malformed_event"),
        ({"type": 3, "cv": "2024-10", "data": {"source": 0, "texts": "x", "adds": "y"}}, "damaged_fields"),
        ({"type": 2, "cv": "2024-10", "data": "not gzip"}, "damaged_fields"),
        ({"type": 2, "cv": "2024-10", "data": "\u20ac"}, "damaged_fields"),
        ({"type": 2, "data": {"wireframes": {"id": 1}}}, "malformed_event"),
    ],
)
def test_events_that_the_player_cannot_take_are_dropped(event: build.Json, code: str, tmp_path: Path) -> None:
    events = build.session()
    recording = build.read(tmp_path, [*events, {"timestamp": build.START_MS + 900, **event}])
    assert build.played(recording) == events
    assert build.notices(recording)[code] == 1


def test_whole_numbers_may_be_written_as_floats(tmp_path: Path) -> None:
    text = build.dump(build.session()).replace('"type":3,"data":{"source":1', '"type":3.0,"data":{"source":1.0')
    recording = build.read(tmp_path, text)
    assert [(event.type, event.source) for event in recording.windows[0].events][2] == (3, 1)
    assert type(recording.windows[0].events[2].type) is int


def test_fractional_times_are_ordered_before_they_are_rounded(tmp_path: Path) -> None:
    recording = build.read(tmp_path, [build.meta(0.25), build.full(0.5), build.move(2.9, 1), build.move(2.8, 2)])
    assert [event.at_ms for event in recording.windows[0].events] == [0, 0, 3, 3]
    assert [event["data"]["positions"][0]["x"] for event in build.played(recording)[2:]] == [2, 1]
    assert (recording.started_at_ms, recording.duration_ms) == (build.START_MS, 3)


@pytest.mark.parametrize("tag", ["$posthog_config", "$remote_config_received", "$session_options"])
def test_the_recorders_configuration_is_left_out(tag: str, tmp_path: Path) -> None:
    secret = build.custom(10, tag, {"token": "phc_secret"})
    recording = build.read(tmp_path, [*build.session(), secret, build.custom(11, "$pageview", {"href": "x"})])
    assert "phc_secret" not in json.dumps(build.played(recording))
    assert [event["data"]["tag"] for event in build.played(recording) if event["type"] == 5] == ["$pageview"]


def test_an_unknown_field_compression_is_counted_and_its_readable_events_kept(tmp_path: Path) -> None:
    move = {**build.move(50), "cv": "2030-01"}
    cannot = {"type": 2, "cv": "2030-01", "data": "x", "timestamp": build.START_MS + 60}
    recording = build.read(tmp_path, [*build.session(), move, cannot])
    assert move in build.played(recording)
    notices = build.notices(recording)
    assert (notices["unknown_compression"], notices["malformed_event"]) == (2, 1)


def test_compressed_style_rules_and_cut_strings_in_compressed_fields(tmp_path: Path) -> None:
    rules = {"type": 3, "data": {"source": 8, "id": 9, "adds": [{"rule": "a{}"}]}, "timestamp": build.START_MS + 300}
    cut = build.mutation(400, [build.add(12, text="cut \ud83d")])
    events = [*build.session()[:4], rules, cut]
    recording = build.read(tmp_path, build.lines([["w", build.compressed_fields(event)] for event in events]))
    read = build.played(recording)
    assert read[:5] == events[:5]
    assert read[5]["data"]["adds"][0]["node"]["textContent"] == "cut �"
    assert not any("cv" in event for event in read)


def test_lists_that_a_mutation_lacks_are_put_there(tmp_path: Path) -> None:
    event = build.mutation(300, [build.add(11)])
    del event["data"]["texts"], event["data"]["attributes"]
    recording = build.read(tmp_path, [*build.session(), event])
    assert build.mutation(300, [build.add(11)]) in build.played(recording)


def test_addresses_of_browser_extensions_are_taken_out_and_nodes_kept(tmp_path: Path) -> None:
    link = {"type": 2, "tagName": "link", "id": 20, "childNodes": []}
    link["attributes"] = {"rel": "stylesheet", "href": "chrome-extension://abc/x.css", "class": "kept"}
    picture = {
        "type": 2,
        "tagName": "img",
        "attributes": {"src": "https://a.example/1.png"},
        "childNodes": [],
        "id": 21,
    }
    change = [
        {
            "id": 21,
            "attributes": {"src": "moz-extension://abc/y.png", "style": "background:url(safari-web-extension://a/b)"},
        }
    ]
    plain = build.custom(30, "note", "see chrome-extension://abc")
    events = [build.meta(), build.full(1, [link, picture]), build.mutation(9, attributes=change), plain]
    recording = build.read(tmp_path, events)
    body = build.played(recording)[1]["data"]["node"]["childNodes"][0]["childNodes"][0]["childNodes"]
    assert [child["id"] for child in body] == [20, 21]
    assert body[0]["attributes"] == {"rel": "stylesheet", "href": "", "class": "kept"}
    assert body[1] == picture
    changed = build.played(recording)[2]["data"]["attributes"][0]["attributes"]
    assert changed == {"src": "", "style": "background:url(about:blank)"}
    assert build.played(recording)[3] == plain
    assert build.notices(recording) == {"browser_extension": 3}


def nested(levels: int) -> object:
    value: object = "[{"
    for level in range(levels):
        value = [value] if level % 2 else {"a": value, "b": [], "c": [[1]]}
    return value


@pytest.mark.parametrize("levels", [1, 30, 395, 396, 397, 450])
def test_events_that_nest_deep_are_dropped(levels: int, tmp_path: Path) -> None:
    """400 levels are allowed; the event and its data are two, and the lists in the innermost object two more."""
    event = build.custom(1100, "note", nested(levels))
    recording = build.read(tmp_path, [*build.session(), event])
    assert (event in build.played(recording)) == (levels <= 396)
    assert build.notices(recording) == ({} if levels <= 396 else {"malformed_event": 1})


class Page:
    """The part of rrweb's applyMutation that places nodes (rrweb 2.1.6, replay/dist/replay.js), over a plain tree."""

    def __init__(self) -> None:
        self.children: dict[int, list[int]] = {3: []}
        self.parent: dict[int, int] = {}
        self.texts: dict[int, str] = {}

    def apply(self, data: dict[str, Any]) -> None:
        for removed in data["removes"]:
            self._detach(removed["id"])
            self.children.pop(removed["id"], None)
        queue = [each for each in data["adds"] if not self._place(each)]
        while queue:
            left = [each for each in queue if not self._place(each)]
            if len(left) == len(queue):
                break
            queue = left
        for text in data["texts"]:
            if text["id"] in self.children:
                self.texts[text["id"]] = text["value"]

    def _detach(self, node: int) -> None:
        if node in self.parent:
            self.children[self.parent.pop(node)].remove(node)

    def _place(self, each: dict[str, Any]) -> bool:
        parent, following, node = each["parentId"], each["nextId"], each["node"]["id"]
        if parent not in self.children or (following is not None and following not in self.children):
            return False
        self._detach(node)
        siblings = self.children[parent]
        siblings.insert(siblings.index(following) if following in siblings else len(siblings), node)
        self.parent[node] = parent
        self.children.setdefault(node, [])
        return True


def tree(count: int, seed: int) -> list[build.Json]:
    """Adds of a random tree as rrweb's recorder names them: each with its parent and the sibling after it."""
    choose = random.Random(seed)
    children: dict[int, list[int]] = {3: []}
    for node in range(100, 100 + count):
        siblings = children[choose.choice(list(children)[-20:])]
        siblings.insert(choose.randrange(len(siblings) + 1), node)
        children[node] = []
    return [
        {
            "parentId": parent,
            "nextId": following,
            "node": {"type": 2, "tagName": "p", "attributes": {}, "childNodes": [], "id": node},
        }
        for parent, own in children.items()
        for node, following in zip(own, [*own[1:], None], strict=False)
    ]


@given(st.integers(0, 300), st.integers(0, 50), st.integers(1, 40), st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_split_mutation_builds_the_same_page(count: int, seed: int, most: int, shuffled: bool) -> None:
    adds = tree(count, seed)
    if shuffled:
        random.Random(seed).shuffle(adds)
    event = build.mutation(5, adds, removes=[{"parentId": 3, "id": 7}], texts=[{"id": 100, "value": "new"}])
    whole, split = Page(), Page()
    for page in (whole, split):
        page.children[3] = [7]
        page.children[7] = []
        page.parent[7] = 3
    whole.apply(event["data"])
    before = mutations.MAX_ADDS
    mutations.MAX_ADDS = most
    try:
        raws = [Raw(build.dump(each).encode()) for each in adds]
        parts = [json.loads(part) for part in mutations.split(build.dump(event).encode(), raws)]
    finally:
        mutations.MAX_ADDS = before
    for part in parts:
        assert len(part["data"]["adds"]) <= most
        assert part["timestamp"] == event["timestamp"]
        split.apply(part["data"])
    if parts:  # without adds there is nothing to split
        assert (split.children, split.texts) == (whole.children, whole.texts)
    assert sorted(add["node"]["id"] for part in parts for add in part["data"]["adds"]) == sorted(
        a["node"]["id"] for a in adds
    )


def test_huge_mutations_are_split_in_time_that_grows_with_their_size(tmp_path: Path) -> None:
    """Children before their parents, the worst order: tens of thousands that each wait for the next."""
    chain = [build.add(node, node + 1) for node in range(100, 60_100)]
    chain[-1]["parentId"] = 3
    other = {
        "source": 0,
        "isAttachIframe": True,
        "removes": [{"parentId": 3, "id": 9}],
        "texts": [{"id": 100, "value": "x"}],
    }
    event = {
        "type": 3,
        "data": {**other, "attributes": [], "adds": chain},
        "timestamp": build.START_MS + 300,
        "delay": 4,
    }
    recording = build.read(tmp_path, [*build.session()[:2], event, build.move(400)])
    parts = build.played(recording)[2:-1]
    assert [len(part["data"]["adds"]) for part in parts] == [5000] * 12
    assert [add["node"]["id"] for part in parts for add in part["data"]["adds"]] == list(range(60_099, 99, -1))
    assert [len(part["data"]["removes"]) for part in parts] == [1] + [0] * 11
    assert [len(part["data"]["texts"]) for part in parts] == [0] * 11 + [1]
    assert all(part["data"]["isAttachIframe"] and part["delay"] == 4 for part in parts)
    assert {event.at_ms for event in recording.windows[0].events[2:-1]} == {300}
    assert build.notices(recording) == {"split_mutation": 1}


def test_adds_that_need_each_other_are_kept_for_the_player_to_judge() -> None:
    adds = [build.add(10, 11), build.add(12), build.add(11, 10)]
    raw = build.dump(build.mutation(5, adds)).encode()
    parts = mutations.split(raw, [Raw(build.dump(each).encode()) for each in adds])
    assert [add["node"]["id"] for part in parts for add in json.loads(part)["data"]["adds"]] == [12, 10, 11]


def test_mutations_of_five_thousand_adds_stay_whole(tmp_path: Path) -> None:
    event = build.mutation(300, [build.add(node) for node in range(100, 5100)])
    recording = build.read(tmp_path, [*build.session(), event])
    assert event in build.played(recording)
    assert [each.source for each in recording.windows[0].events if each.type == EventType.INCREMENTAL].count(
        Source.MUTATION
    ) == 2
