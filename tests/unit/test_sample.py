"""The committed sample tells the story that docs, demo and the other tests rely on. Read with the standard library alone."""

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

CHAT = Path(__file__).parents[2] / "examples" / "chat"
EMAIL = "dana.reyes@example.com"
ACTIVE_SOURCES = {1, 2, 3, 4, 5, 6, 7, 12}  # PostHog's user activity
MUTATION, MOUSE_MOVE, MOUSE_INTERACTION, SCROLL, INPUT, SELECTION = 0, 1, 2, 3, 5, 14

Json = dict[str, Any]


def unpack(event: Json) -> Json:
    """Undo PostHog's `cv: "2024-10"`: fields that are gzip bytes, one Latin-1 character each."""

    def field(value: Any) -> Any:
        return json.loads(gzip.decompress(value.encode("latin-1"))) if isinstance(value, str) else value

    if event.get("cv") != "2024-10":
        return event
    data = event["data"]
    return {**event, "data": field(data) if isinstance(data, str) else {k: field(v) for k, v in data.items()}}


@cache
def lines() -> list[tuple[str, Json]]:
    text = gzip.decompress((CHAT / "session.jsonl.gz").read_bytes()).decode()
    # Not splitlines(): compressed fields hold U+0085, which it takes for a line's end.
    return [(window, unpack(event)) for window, event in map(json.loads, text.strip().split("\n"))]


@cache
def analytics() -> list[Json]:
    rows: list[Json] = json.loads((CHAT / "events.json").read_text())
    return rows


def session() -> Iterator[tuple[int, Json]]:
    """(session ms, event) of every recorded event."""
    start = lines()[0][1]["timestamp"]
    for _, event in lines():
        yield event["timestamp"] - start, event


def of_source(source: int) -> list[tuple[int, Json]]:
    return [(at, event["data"]) for at, event in session() if event["type"] == 3 and event["data"]["source"] == source]


def of_plugin(plugin: str) -> list[tuple[int, Json]]:
    return [
        (at, event["data"]["payload"])
        for at, event in session()
        if event["type"] == 6 and event["data"]["plugin"] == plugin
    ]


def requests() -> list[tuple[int, Json]]:
    return [(at, request) for at, payload in of_plugin("rrweb/network@1") for request in payload["requests"]]


def nodes() -> Iterator[tuple[int, int | None, Json]]:
    """(session ms, parent id, node) of every node that ever was in the document."""

    def walk(node: Json, parent: int | None) -> Iterator[tuple[int | None, Json]]:
        yield parent, node
        for child in node.get("childNodes", ()):
            yield from walk(child, node["id"])

    for at, event in session():
        if event["type"] == 2:
            yield from ((at, *pair) for pair in walk(event["data"]["node"], None))
        elif event["type"] == 3 and event["data"]["source"] == MUTATION:
            for added in event["data"]["adds"]:
                yield from ((at, *pair) for pair in walk(added["node"], added["parentId"]))


def tagged(tag: str, class_name: str = "") -> list[Json]:
    found = [node for _, _, node in nodes() if node.get("tagName") == tag]
    return [node for node in found if class_name in str(node["attributes"].get("class", "")).split() or not class_name]


def calls(event: str) -> list[Json]:
    return [row["properties"] for row in analytics() if row["event"] == event]


def test_is_about_a_minute_of_one_window_at_1280_by_720():
    times = [at for at, _ in session()]
    assert times == sorted(times)
    assert 55_000 <= times[-1] <= 85_000
    assert len({window for window, _ in lines()}) == 1
    metas = [event["data"] for _, event in session() if event["type"] == 4]
    assert [(meta["width"], meta["height"]) for meta in metas] == [(1280, 720)]
    assert metas[0]["href"] == "http://chat.northwind.example/"


def test_begins_with_a_meta_and_a_full_snapshot():
    types = [event["type"] for _, event in session()]
    assert types[0] == 4
    assert 2 in types[:4]


def test_was_recorded_with_the_options_that_the_labels_are_made_for():
    options = next(event["data"]["payload"] for _, event in session() if event["data"].get("tag") == "$session_options")
    recorder = options["sessionRecordingOptions"]
    wanted = {"maskAllInputs": False, "maskTextSelector": ".pii", "blockClass": "no-record"}
    assert wanted.items() <= recorder.items()
    assert recorder["recordCrossOriginIframes"] is True


def test_holds_compressed_events_as_posthog_sends_them():
    raw = gzip.decompress((CHAT / "session.jsonl.gz").read_bytes()).decode()
    assert raw.count('"cv":"2024-10"') > 100


def test_pointer_moves_clicks_scrolls_and_marks_text():
    positions = [position for _, data in of_source(MOUSE_MOVE) for position in data["positions"]]
    assert len(positions) > 150
    assert max(p["x"] for p in positions) - min(p["x"] for p in positions) > 400
    assert sum(data["type"] == 2 for _, data in of_source(MOUSE_INTERACTION)) >= 10
    scrolled = [data["y"] for _, data in of_source(SCROLL)]
    assert any(later < earlier - 20 for earlier, later in pairwise(scrolled)), "never scrolled back up"
    assert any(part["endOffset"] > 2 for _, data in of_source(SELECTION) for part in data["ranges"])


def test_first_answer_streams_in_word_by_word():
    paragraph = next(parent for _, parent, node in nodes() if node.get("textContent") == "Your ")
    words = [(at, node["textContent"]) for at, parent, node in nodes() if parent == paragraph and node["type"] == 3]
    assert "added two seats on 3 October" in "".join(text for _, text in words)
    times = sorted({at for at, _ in words})
    assert len(times) >= 15
    assert times[-1] - times[0] > 1000


def test_the_wrong_claim_the_error_and_the_mended_answer_are_on_the_page():
    text = "".join(node["textContent"] for _, _, node in nodes() if node["type"] == 3)
    assert "refundable in full for 90 days" in text
    assert "Nora is overloaded and could not answer." in text
    assert "my last answer was wrong" in text
    assert tagged("div", "dots"), "no typing dots"
    assert tagged("table", "figures")
    assert tagged("pre", "command")


def test_idles_twice_once_for_more_than_ten_seconds():
    active = [
        at
        for at, event in session()
        if event["type"] in (2, 4) or (event["type"] == 3 and event["data"]["source"] in ACTIVE_SOURCES)
    ]
    gaps = [later - earlier for earlier, later in pairwise(active)]
    assert len([gap for gap in gaps if gap > 5000]) == 2
    assert max(gaps) > 10_000


def test_console_has_a_warning_and_an_error():
    console = {(payload["level"], payload["payload"][0]) for _, payload in of_plugin("rrweb/console@1")}
    assert ("warn", '"[nora] answer has no source"') in console
    assert ("error", '"Could not save feedback:"') in console


def test_feedback_fails_with_500_right_after_the_thumbs_down():
    ((failed_at, failed),) = [(at, request) for at, request in requests() if request.get("status") == 500]
    assert (failed["method"], failed["name"]) == ("POST", "http://chat.northwind.example/api/feedback")
    clicks = [at for at, data in of_source(MOUSE_INTERACTION) if data["type"] == 2]
    assert 0 < failed_at - max(at for at in clicks if at < failed_at) < 1000
    assert any(request.get("status") == 503 for _, request in requests())


def test_llm_calls_are_pairs_and_reactions_come_later():
    started = {call["llm_call_id"]: call for call in calls("llm_call_started")}
    ended = calls("llm_call_completed")
    first_end: dict[str, Json] = {}
    for end in ended:
        first_end.setdefault(end["llm_call_id"], end)
    assert list(started) == list(first_end)
    assert len(started) == 4
    assert all(call["prompt_length"] > 20 and call["model"] == "nora-4-mini" for call in started.values())
    assert all(end["user_satisfied"] is None for end in first_end.values())
    assert all(end["latency_ms"] > 1000 and end["tokens"] > 1000 for end in ended if "error" not in end)
    assert [end["error"] for end in ended if "error" in end] == ["model_overloaded"]
    reactions = [end for end in ended if end["user_satisfied"] is not None]
    assert [end["user_satisfied"] for end in reactions] == [True, False]
    assert [end["llm_call_id"] for end in reactions] == list(started)[:2]
    assert [rating["rating"] for rating in calls("answer_rated")] == ["up", "down"]


def test_the_back_end_tells_the_same_calls_by_a_clock_that_is_ahead():
    browser = [row for row in analytics() if row["event"] == "llm_call_completed"]
    seen = {row["properties"]["llm_call_id"]: row for row in reversed(browser)}
    told = [row for row in analytics() if row["event"] == "$ai_generation"]
    assert len(told) == len(seen) == 4
    session = {row["properties"]["$session_id"] for row in analytics() if row["event"] == "$pageview"}
    for ours, theirs in zip(reversed(seen.values()), told, strict=True):
        here, there = ours["properties"], theirs["properties"]
        assert there["$lib"] == "posthog-python"
        assert {there["$session_id"]} == session
        assert there["$ai_model"] == here["model"]
        assert there["$ai_input_tokens"] + there["$ai_output_tokens"] == here["tokens"]
        assert there["$ai_is_error"] == (there["$ai_http_status"] == 503) == ("error" in here)
        assert 0 <= here["latency_ms"] - there["$ai_latency"] * 1000 < 100
        assert 1700 < unix_ms(theirs["timestamp"]) - unix_ms(ours["timestamp"]) < 1900
        assert [message["role"] for message in there["$ai_input"]] == ["system", "user"]
        assert len(there["$ai_input"][1]["content"]) in {33, 37, 39}
    answers = [there["properties"]["$ai_output_choices"] for there in told]
    assert answers[2] == []
    assert "refundable in full for 90 days" in answers[1][0]["content"]
    assert [("$ai_time_to_first_token" in row["properties"]) for row in told] == [True, True, False, True]


def test_an_error_follows_the_unloved_answer_within_30_s_and_not_the_liked_one():
    ((error_at, _),) = [(at, p) for at, p in of_plugin("rrweb/console@1") if p["level"] == "error"]
    answers = [at for at, request in requests() if request["name"].endswith("/api/chat") and request["status"] == 200]
    # The request of a streamed answer is reported when its headers come; the answer's end is a few seconds later.
    assert error_at - answers[0] > 30_000
    assert error_at - answers[1] < 25_000


def test_events_belong_to_the_recording():
    start = lines()[0][1]["timestamp"]
    browser = [row for row in analytics() if row["properties"]["$lib"] == "web"]
    assert {row["properties"]["$window_id"] for row in browser} == {lines()[0][0]}
    assert len({row["properties"]["$session_id"] for row in analytics()}) == 1
    assert len({row["uuid"] for row in analytics()}) == len(analytics())
    assert {"$pageview", "$autocapture", "$identify"} <= {row["event"] for row in analytics()}
    times = [row["timestamp"] for row in analytics()]
    assert times == sorted(times)
    llm = next(row for row in analytics() if row["event"] == "llm_call_started")
    # The same act on both clocks: the call starts just after the click on Send.
    clicks = [at for at, data in of_source(MOUSE_INTERACTION) if data["type"] == 2]
    assert min(abs(unix_ms(llm["timestamp"]) - start - at) for at in clicks) < 200


def test_email_is_masked_as_text_and_in_clear_only_where_it_was_typed():
    private = {
        node["id"] for _, _, node in nodes() if "pii" in str(node.get("attributes", {}).get("class", "")).split()
    }
    masked = [node["textContent"] for _, parent, node in nodes() if parent in private and node["type"] == 3]
    assert len(masked) == 2
    assert {text.strip("*") for text in masked} == {""}
    leaks = [event for _, event in session() if EMAIL in json.dumps(event)]
    assert leaks
    assert all(event["type"] == 3 and event["data"]["source"] == INPUT for event in leaks)
    # The back end reports what the model wrote, and no recorder masks that.
    (told,) = [row for row in analytics() if EMAIL in json.dumps(row)]
    assert told["event"] == "$ai_generation"
    assert EMAIL in told["properties"]["$ai_output_choices"][0]["content"]


def test_what_was_not_recorded_is_there_to_be_labelled():
    (blocked,) = tagged("section", "no-record")
    assert blocked["attributes"]["rr_width"].endswith("px")
    assert float(blocked["attributes"]["rr_height"].removesuffix("px")) > 60
    assert blocked["childNodes"] == []
    (frame,) = tagged("iframe")
    assert frame["attributes"]["rr_src"] == "http://status.northwind.example/"
    assert frame["childNodes"] == []
    (canvas,) = tagged("canvas")
    assert "rr_dataURL" not in canvas["attributes"]
    (video,) = tagged("video")
    assert video["attributes"]["poster"].startswith("data:image/svg+xml,")


def test_needs_nothing_from_a_network_to_look_right():
    styles = [node["attributes"]["_cssText"] for node in tagged("link") if "_cssText" in node["attributes"]]
    assert len(styles) == 2
    assert sum(style.count("data:font/woff2") for style in styles) == 2
    assert not any("url(http" in style.replace('"', "") for style in styles)
    assert tagged("img") == []


def test_is_small_and_reproducibly_packed():
    packed = (CHAT / "session.jsonl.gz").read_bytes()
    assert packed[4:8] == bytes(4), "gzip header holds a time"
    assert len(packed) + (CHAT / "events.json").stat().st_size < 300_000
    lock = (CHAT / "package-lock.json").read_text()
    assert "resolved" not in lock


def unix_ms(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000)
