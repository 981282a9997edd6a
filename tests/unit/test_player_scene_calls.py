"""Cards: what is told of a model's call."""

import pytest

from renderer.player.scene.calls import EARLIER, UNANSWERED_MS
from tests.unit.scene_fixtures import scene_of
from tests.unit.story_fixtures import call, plan, timeline


def test_a_call_without_an_end_stops_waiting() -> None:
    (card,) = scene_of(timeline([], [call(1, 1000, None)]), plan()).cards
    assert (card.status, card.end_ms) == ("unanswered", 1000 + UNANSWERED_MS)


def test_calls_just_before_the_range_are_told_with_those_in_it_and_not_alone() -> None:
    calls = [call(number, number * 1000, number * 1000 + 500) for number in range(10)]
    inside = scene_of(timeline([], calls), plan(7800, 9200)).cards
    assert [card.start_ms for card in inside] == [(8 - EARLIER) * 1000, 7000, 8000, 9000]
    assert scene_of(timeline([], calls), plan(20_000, 30_000)).cards == []


def test_facts_are_short_words() -> None:
    facts = {"input_tokens": 1200, "output_tokens": 88, "cost_usd": 0.00213, "finish_reason": "content_filter", "tools_called": ("refund", "mail"),
             "prompt_length": 33, "operation": "embeddings"}  # fmt: skip
    (card,) = scene_of(timeline([], [call(1, 0, 900, **facts)]), plan()).cards
    assert card.facts == [
        "1,200 tokens in, 88 out",
        "$0.0021",
        "finish: content_filter",
        "tools: refund, mail",
        "embeddings",
        "prompt of 33 characters",
    ]


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        (0, "$0.00"),
        (0.000012, "$0.000012"),
        (0.0341, "$0.034"),
        (0.0003, "$0.00030"),
        (0.000284, "$0.00028"),
        (0.0996, "$0.10"),
        (1e-12, "$0.00000000"),
        (0.5, "$0.50"),
        (1234.5, "$1,234.50"),
    ],
)
def test_costs_are_told_to_two_digits(cost: float, text: str) -> None:
    (card,) = scene_of(timeline([], [call(1, 0, 900, cost_usd=cost)]), plan()).cards
    assert card.facts == [text]


@pytest.mark.parametrize(
    ("reason", "tools", "told"),
    [
        ("end_turn", (), False),
        ("STOP", (), False),
        ("tool_use", ("refund",), False),
        ("tool_use", (), True),
        ("length", (), True),
    ],
)
def test_only_an_unusual_finish_is_told(reason: str, tools: tuple[str, ...], told: bool) -> None:
    (card,) = scene_of(timeline([], [call(1, 0, 900, finish_reason=reason, tools_called=tools)]), plan()).cards
    assert (f"finish: {reason}" in card.facts) is told
