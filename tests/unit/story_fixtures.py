"""A hand-made session like the sample: a question, a good answer, a wrong one, a complaint that fails, a call that fails."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from renderer.plan.model import ClipPlan, SegmentPlan, Shot, Skip, Stretch
from renderer.timeline.model import Entry, Environment, Kind, Level, LlmCall, PagePlace, Timeline

W = "w1"


def entry(at_ms: int, kind: Kind, title: str, *, level: Level = "info", name: str = "", **more: Any) -> Entry:
    properties = more.pop("properties", {})
    return Entry(
        at_ms=at_ms,
        kind=kind,
        title=title,
        name=name,
        level=level,
        until_ms=more.pop("until_ms", None),
        window_id=more.pop("window_id", W),
        properties={**properties, **more},
    )


def call(number: int, start_ms: int, end_ms: int | None, **more: Any) -> LlmCall:
    status = more.pop("status", "answered" if end_ms is not None else "unanswered")
    latency = None if end_ms is None else end_ms - start_ms
    facts: dict[str, Any] = {"model": "nora-4-mini", "latency_ms": latency, **more}
    return LlmCall(id=f"call_{number}", status=status, forms=("llm_call",), start_ms=start_ms, end_ms=end_ms, **facts)


def told(call_: LlmCall) -> Entry:
    return entry(call_.start_ms, "llm_call", "Asked the model", until_ms=call_.end_ms, call_id=call_.id)


def timeline(entries: Sequence[Entry], calls: Sequence[LlmCall] = (), duration_ms: int = 73_000) -> Timeline:
    everything = sorted([*entries, *map(told, calls)], key=lambda item: item.at_ms)
    return Timeline(
        duration_ms=duration_ms,
        entries=tuple(everything),
        calls=tuple(calls),
        places=(PagePlace(at_ms=0, window_id=W, url="http://chat.northwind.example/", title="Billing help"),),
        environment=Environment(browser="Chrome 156", os="Linux", device="Desktop", viewport_px=(1280, 720)),
    )


def plan(
    from_ms: int = 0, to_ms: int = 73_000, *, skipped: Sequence[tuple[int, int]] = (), fps: int = 25, speed: float = 1
) -> ClipPlan:
    """The range at `speed` without `skipped` session times."""
    edges = [from_ms, *(edge for hole in skipped for edge in hole), to_ms]
    stretches = tuple(Stretch(start, end, speed) for start, end in zip(edges[::2], edges[1::2], strict=True))
    count = max(1, round(sum(stretch.video_ms for stretch in stretches) * fps / 1000))
    return ClipPlan(
        recording_id="4f" * 32,
        from_ms=from_ms,
        to_ms=to_ms,
        stretches=stretches,
        skips=tuple(Skip(0, 1, end - start) for start, end in skipped),
        shots=(Shot(W, 1, from_ms, to_ms, 0, count),),
        window_count=1,
        segments=(SegmentPlan(0, 0, count, W),),
        frame_count=count,
        fps=fps,
        width_px=1280,
        height_px=720,
        overlays=frozenset(),
        digest="d1" * 32,
    )


def sample() -> Timeline:
    first = call(1, 11_104, 17_512, total_tokens=1352, finish_reason="stop", satisfied=True, rated_at_ms=18_893)
    second = call(2, 32_972, 38_781, total_tokens=1561, finish_reason="stop", satisfied=False, rated_at_ms=54_867)
    third = call(3, 62_398, 63_714, status="failed", error="model_overloaded", http_status=503, total_tokens=0)
    fourth = call(4, 65_593, 71_179, total_tokens=1785, finish_reason="stop")
    prompts = ("Why is my invoice higher?", "If I downgrade, is it refunded?", "Which is right?", "Which is right?")
    calls = [replace(one, prompt=said) for one, said in zip((first, second, third, fourth), prompts, strict=True)]
    feedback = "http://chat.northwind.example/api/feedback"
    entries = [
        entry(0, "page_load", "Opened “Billing help”", url="http://chat.northwind.example/"),
        entry(1326, "click", "Clicked “Email”"),
        entry(1700, "input", "Typed into “Email”", until_ms=4600),
        entry(4779, "click", "Clicked “Start conversation”"),
        entry(4800, "navigation", "Went to /billing/conversation"),
        entry(6700, "click", "Clicked “Ask about your invoice”"),
        entry(7000, "input", "Typed into “Ask about your invoice”", until_ms=10_800),
        entry(11_100, "click", "Clicked “Send”"),
        entry(18_893, "click", "Clicked “Good answer”"),
        entry(18_897, "feedback", "Gave the answer a thumbs-up", call_id="call_1"),
        entry(18_898, "custom", "answer_rated", name="answer_rated"),
        entry(32_970, "click", "Clicked “Send”"),
        entry(38_700, "console", "Console warning: no source for the claim", level="warning"),
        entry(50_205, "scroll", "Scrolled up", until_ms=52_000, direction="up", pixels=600),
        entry(54_865, "click", "Clicked “Bad answer”"),
        entry(54_870, "feedback", "Gave the answer a thumbs-down", call_id="call_2"),
        entry(54_940, "request", "POST /api/feedback failed with 500", level="error", method="POST", url=feedback,
              path="/api/feedback", status=500, duration_ms=62),
        entry(54_950, "console", "Console error: not stored: /api/feedback answered 500", level="error"),
        entry(62_396, "click", "Clicked “Send”"),
        entry(63_714, "request", "POST /api/chat failed with 503", level="error", method="POST",
              url="http://chat.northwind.example/api/chat", path="/api/chat", status=503, duration_ms=1300),
        entry(65_590, "click", "Clicked “Try again”"),
    ]  # fmt: skip
    pages = (("http://chat.northwind.example/", 0), ("http://chat.northwind.example/billing/conversation", 4800))
    return replace(
        timeline(entries, calls),
        places=tuple(PagePlace(at_ms=at_ms, window_id=W, url=url, title="Billing help") for url, at_ms in pages),
    )
