"""Letter by letter: no part of a secret is seen before, or after, a pattern can know it."""

from typing import Any

import pytest

from renderer.redact import DEFAULT, Policy
from renderer.redact.policy.model import Inputs
from tests.canaries import BODY, add, element, incremental, mutation, snapshot, text
from tests.unit.redact_fixtures import events_of, meta, redacted

EMAIL = "quentin.zylberstein@corvidae.com"
# Plain text fields, so that patterns alone are at work.
POLICY = DEFAULT.model_copy(update={"inputs": Inputs()})


def seen(events: list[dict[str, Any]], policy: Policy = POLICY) -> str:
    return repr(events_of(redacted([meta(), *events], policy)))


def prefixes(text: str) -> list[str]:
    return [text[:length] for length in range(1, len(text) + 1)]


def typed(values: list[str]) -> list[dict[str, Any]]:
    field = snapshot(element(20, "input", {"type": "text", "name": "q"}))
    return [field, *(incremental(5, id=20, text=value, isChecked=False) for value in values)]


PAGE = snapshot(element(20, "p", {}, text(21, "")), element(30, "div", {}), element(40, "input", {"type": "text"}))
CASES: dict[str, list[dict[str, Any]]] = {
    "typed": typed(prefixes(EMAIL)),
    "typed and taken back": typed([*prefixes(EMAIL), *reversed(prefixes(EMAIL))]),
    "typed in a sentence": typed([f"to {part}" for part in prefixes(EMAIL)] + [f"to {EMAIL} now"]),
    "the beginning typed last": typed([EMAIL[-length:] for length in range(1, len(EMAIL) + 1)]),
    "corrected in the middle": typed(
        [*prefixes(EMAIL[:12]), EMAIL[:12] + "@corvidae.co", EMAIL[:15] + "@corvidae.com", EMAIL]
    ),
    "streamed": [PAGE, *(mutation(texts=[{"id": 21, "value": f"Mail {part}"}]) for part in prefixes(EMAIL))],
    "a text node for each letter": [
        PAGE, *(mutation(adds=[add(20, text(100 + number, sign))]) for number, sign in enumerate(EMAIL)),
    ],
    "a word in a span of its own": [
        PAGE,
        *(
            mutation(adds=[add(20, element(100 + 2 * number, "span", {}, text(101 + 2 * number, sign)))])
            for number, sign in enumerate(["quentin", ".zylber", "stein", "@corv", "idae", ".com", " soon"])
        ),
    ],
    "the value attribute": [
        PAGE, *(mutation(attributes=[{"id": 40, "attributes": {"value": part}}]) for part in prefixes(EMAIL)),
    ],
    "attribute and event in turn": [
        PAGE,
        *(
            event
            for part in prefixes(EMAIL)
            for event in (incremental(5, id=40, text=part), mutation(attributes=[{"id": 40, "attributes": {"value": part}}]))
        ),
    ],
    "another attribute": [
        PAGE, *(mutation(attributes=[{"id": 20, "attributes": {"data-replicated": part}}]) for part in prefixes(EMAIL)),
    ],
    "rendered anew each time": [
        PAGE,
        *(
            mutation(
                removes=[{"parentId": 30, "id": 98 + 2 * number}] if number else [],
                adds=[add(30, element(100 + 2 * number, "p", {}, text(101 + 2 * number, f"Mail {part}")))],
            )
            for number, part in enumerate(prefixes(EMAIL))
        ),
    ],
    "rendered anew, then as a link": [
        PAGE,
        mutation(adds=[add(30, element(100, "p", {}, text(101, f"Mail {EMAIL[:20]}")))]),
        mutation(
            removes=[{"parentId": 30, "id": 100}],
            adds=[add(30, element(102, "p", {}, text(103, "Mail "), element(104, "a", {}, text(105, EMAIL))))],
        ),
    ],
    "across a checkout": [
        snapshot(element(40, "input", {"type": "text", "value": ""})),
        *(incremental(5, id=40, text=part) for part in prefixes(EMAIL[:14])),
        snapshot(element(40, "input", {"type": "text", "value": EMAIL[:14]})),
        *(incremental(5, id=40, text=EMAIL[:length]) for length in range(15, len(EMAIL) + 1)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_no_part_of_it_is_seen(case: str) -> None:
    left = seen(CASES[case])
    assert not [part for part in ("que", "zyl", "ber", "stein", "corv", "idae") if part in left]


def test_what_stands_around_it_stays_and_so_does_its_length() -> None:
    done = events_of(
        redacted([meta(), *typed([f"to {part}" for part in prefixes(EMAIL)] + [f"to {EMAIL} now"])], POLICY)
    )
    values = [event["data"]["text"] for event in done if event["data"].get("source") == 5]
    assert values[0] == "to •"
    assert values[5] == "to ••••••"
    assert values[-1] == "to •••••••.•••••••••••@••••••••.••• now"


def test_a_text_that_becomes_another_one_is_left_alone() -> None:
    left = seen(typed([*prefixes(EMAIL), "", *prefixes("hello there")]))
    assert "hello there" in left


def test_words_of_one_line_are_read_together_and_lines_are_not() -> None:
    line = snapshot(
        element(20, "p", {}, text(21, "jane"), element(22, "b", {}, text(23, "@corvidae")), text(24, ".com!"))
    )
    assert "corvidae" not in seen([line])
    lines = snapshot(element(20, "p", {}, text(21, "jane")), element(22, "p", {}, text(23, "@corvidae.com!")))
    assert "@corvidae.com!" in seen([lines])


def test_a_long_answer_in_many_steps_costs_little() -> None:
    words = [
        "the",
        "model",
        "answered",
        "that",
        "your",
        "order",
        "has",
        "left",
        "our",
        "warehouse",
        "and",
        "will",
        "be",
        "with",
        "you",
        "on",
        "Thursday",
        "morning",
        "",
    ]
    answer = " ".join(words * 40) + f" {EMAIL} " + " ".join(words * 10)
    steps = [answer[:length] for length in range(40, len(answer), 40)]
    events = [PAGE, *(mutation(texts=[{"id": 21, "value": step}]) for step in steps)]
    assert "zylber" not in seen(events)


def test_the_document_is_the_place_of_what_is_added(request: pytest.FixtureRequest) -> None:
    left = seen(
        [
            PAGE,
            mutation(adds=[add(BODY, text(90, "call ")), add(BODY, text(91, "+49 170 "))]),
            mutation(adds=[add(BODY, text(92, "1234567"))]),
        ]
    )
    assert "1234567" not in left
    assert "+49 170" not in left
