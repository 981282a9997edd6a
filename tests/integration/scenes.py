"""Scenes made by hand: one that tells a small story with something of every overlay, and a hostile one."""

from typing import Any

from renderer.plan.model import ClipPlan
from renderer.player.protocol import Card, ClickName, Gap, Line, Mark, Place, Scene, Toast
from renderer.player.scene.build import bare_scene

LENGTH_MS = 40_000
IDLE_MS = (20_000, 30_000)


def a_card(start_ms: int, end_ms: int, **more: Any) -> Card:
    facts: dict[str, Any] = {
        "start_ms": start_ms, "end_ms": end_ms, "status": "answered", "latency_ms": None, "first_token_ms": None, "model": "nora-4-mini",
        "prompt": "Why is my October invoice higher than the one of September?",
        "answer": "Your October invoice is $40.35 higher. Two things changed: you added two seats, and object storage grew by 92 GB.",
        "facts": ["1,184 tokens in, 168 out", "$0.0003", "finish: stop"], "error": "", "rating": None, "rated_at_ms": None, "feedback": "",
    }  # fmt: skip
    return Card(**(facts | more))


def told_scene(plan: ClipPlan, **more: Any) -> Scene:
    """40 s: a click at 1 s, calls at 3, 9 and 14 s, an error at 12 s, nothing from 20 to 30 s, the last call never answered."""
    skipped = len(plan.stretches) > 1
    marks: list[tuple[int, int | None, str]] = [
        (0, None, "navigation"), (1000, None, "user"), (2200, None, "user"), (3000, 8000, "llm"), (8400, None, "up"),
        (9000, 12_000, "llm_failed"), (12_000, None, "disliked"), (12_000, None, "error"), (12_600, None, "down"), (13_500, None, "user"), (14_000, 19_000, "llm"),
        (15_000, None, "warning"), (32_000, None, "feedback"),
    ]  # fmt: skip
    parts: dict[str, Any] = {
        "duration_ms": 3_725_000,
        "ticks_ms": sorted({*range(plan.from_ms, plan.to_ms, 1000), 3500, 4500, 5500, 9500, 10_500}),
        "places": [
            Place(at_ms=0, url="https://chat.northwind.example/", title="Billing help"),
            Place(at_ms=2500, url="https://chat.northwind.example/billing/conversation", title="Billing help · Northwind Cloud"),
        ],
        "marks": [Mark.model_validate({"at_ms": at, "until_ms": until, "kind": kind}) for at, until, kind in marks],
        "gaps": [Gap(from_ms=before.to_ms, to_ms=after.from_ms, speed=0) for before, after in zip(plan.stretches, plan.stretches[1:], strict=False)]
        if skipped
        else [Gap(from_ms=IDLE_MS[0], to_ms=IDLE_MS[1], speed=1)],
        "lines": [
            Line(from_ms=1000, to_ms=9000, text="Asked nora-4-mini: “Why is my invoice higher?” (clicked “Send”)", level="info"),
            Line(from_ms=9000, to_ms=12_000, text="Gave the answer a thumbs-down", level="warning"),
            Line(from_ms=12_000, to_ms=18_000, text="nora-4-mini failed after 1.3 s: model_overloaded (503)", level="error"),
        ],
        "cards": [
            a_card(3000, 8000, first_token_ms=2000, latency_ms=4870, rating="up", rated_at_ms=8400),
            a_card(9000, 12_000, status="failed", answer="", error="model_overloaded", facts=["HTTP 503"], rating="down", rated_at_ms=12_600,
                   feedback="It did not answer at all"),
            a_card(14_000, 19_000, status="unanswered", answer="", facts=[], prompt="Which is right?"),
        ],
        "toasts": [
            Toast(from_ms=12_000, to_ms=16_000, kind="network", level="error", text="POST /api/chat failed with 503", count=1),
            Toast(from_ms=12_000, to_ms=16_000, kind="console", level="error", text="Console error: Could not save feedback", count=3),
            Toast(from_ms=15_000, to_ms=19_000, kind="console", level="warning", text="Console warning: [nora] answer has no source", count=1),
        ],
        "clicks": [ClickName(at_ms=1000, until_ms=1000, text="Send")],
    }  # fmt: skip
    return bare_scene(plan).model_copy(update=parts | more)


TOWER = "Z\u0351\u0352\u0353\u0354\u0355\u0356\u0357"
EVIL = "<img src=x onerror='window.ran=1'>\u202eevil\u202c " + TOWER * 40 + "w" * 20_000
ARABIC = "مرحبا بالعالم، لماذا فاتورتي أعلى من الشهر الماضي؟ هذا نص طويل من اليمين إلى اليسار"
CJK = "請求書が先月より高いのはなぜですか？😀👩‍👩‍👧‍👦これはとても長い質問です。説明してください。"


def hostile_scene(plan: ClipPlan) -> Scene:
    """What the host would never let through: every text as long, as high and as twisted as can be."""
    said = iter((EVIL, ARABIC, CJK) * 40)
    told = told_scene(plan)
    return told.model_copy(
        update={
            "places": [place.model_copy(update={"url": next(said), "title": next(said)}) for place in told.places],
            "lines": [line.model_copy(update={"text": next(said)}) for line in told.lines],
            "cards": [
                card.model_copy(
                    update={"facts": [next(said), next(said)]}
                    | {name: next(said) for name in ("model", "prompt", "answer", "error", "feedback")}
                )
                for card in told.cards
            ],
            "toasts": [toast.model_copy(update={"text": next(said), "count": 10**9}) for toast in told.toasts],
            "clicks": [click.model_copy(update={"text": next(said)}) for click in told.clicks],
        }
    )
