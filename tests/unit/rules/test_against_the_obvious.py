"""Whatever the rule and whatever happened: the engine finds what the obvious reading of the rule finds."""

from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from renderer.rules.engine.match import matches
from renderer.rules.engine.program import Program
from renderer.rules.language.conditions import Check
from renderer.rules.language.templates import Template
from renderer.rules.model import Pattern, Rule, Step
from renderer.timeline.model import Entry, Kind
from tests.unit.rules import obvious

KINDS: tuple[Kind, ...] = ("click", "request", "console")
PROPERTIES: tuple[dict[str, Any], ...] = (
    {}, {"n": 1}, {"n": 1}, {"n": 2}, {"n": True}, {"n": 1, "m": "one"}, {"m": "two"}, {"p": {"q": 1}}
)  # fmt: skip


def condition(operator: str, operand: Any) -> tuple[Check, ...]:
    return (Check(operator, operand),)  # type: ignore[arg-type]


WHERES = (
    (),
    (("n", condition("=", 1)),),
    (("n", condition("=", True)),),
    (("n", condition("!=", 1)),),
    (("n", condition(">", 1)),),
    (("m", condition("contains", "o")),),
    (("m", condition("regex", "^t")),),
    (("n", condition("exists", False)),),
    (("p.q", condition("one of", (1, 2))),),
    (("duration_ms", condition(">=", 5)),),
)


class Chance:
    """Rules and sessions at random, of a seed: small enough that rules match now and then, and nearly match more often."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.rule = self._rule()
        self.things = sorted((self._entry() for _ in range(self._random.randint(0, 16))), key=lambda each: each.at_ms)

    def _one(self, *of: Any) -> Any:
        return self._random.choice(of)

    def _entry(self) -> Entry:
        at_ms = self._random.randint(0, 50)
        lasts = self._one(None, None, None, 0, 4, 20)
        return Entry(
            at_ms=at_ms,
            until_ms=None if lasts is None else at_ms + lasts,
            kind=self._one(*KINDS),
            name=self._one("", "x", "y"),
            title="",
            level=self._one("info", "error"),
            window_id=self._one(None, "a", "a", "b"),
            properties=self._one(*PROPERTIES),
        )

    def _leaf(self) -> Pattern:
        match self._random.randrange(6):
            case 0 | 1 | 2:
                return Pattern(kinds=frozenset({self._one(*KINDS)}))
            case 3:
                return Pattern(levels=frozenset({self._one("info", "error")}))
            case 4:
                return Pattern(kinds=frozenset(KINDS[:2]), where=self._one(*WHERES))
        return Pattern(names=frozenset(self._random.sample(("", "x", "y"), 2)))

    def _pattern(self) -> Pattern:
        match self._random.randrange(6):
            case 0:
                return Pattern(any=(self._leaf(), self._leaf()))
            case 1:
                return Pattern(also=(self._leaf(),), unlike=(self._leaf(),))
            case 2:
                return Pattern(kinds=frozenset(KINDS), any=(Pattern(also=(self._leaf(), self._leaf())), self._leaf()))
        return self._leaf()

    def _rule(self) -> Rule:
        steps: list[Step] = []
        happening: list[int] = []
        for number in range(self._random.randint(1, 4)):
            form = self._one("one", "one", "times", "all", *(("none", "none") if number else ()))
            spreads = form == "times" or (form == "all" and not number)
            steps.append(
                Step(
                    name=f"s{number}",
                    form=form,
                    patterns=tuple(self._pattern() for _ in range(self._random.randint(2, 3) if form == "all" else 1)),
                    count=self._random.randint(2, 3) if form == "times" else 1,
                    spread_ms=self._one(None, 0, 10, 20) if spreads else None,
                    after_ms=self._one(0, 0, 3) if number else 0,
                    within_ms=self._one(None, 5, 20) if number else None,
                    since=self._one(happening[-1], *happening) if happening else 0,
                    same=self._one((), (), ("window",), ("n",), ("n", "window")),
                )
            )
            if form != "none":
                happening.append(number)
        return Rule(name="r", steps=tuple(steps), moment=self._one(*happening), title=Template(()))


def both(rule: Rule, things: list[Entry]) -> tuple[list[Any], list[Any]]:
    """What the engine finds and what the obvious reading does: numbers of things, by match and step."""
    number = {id(thing): place for place, thing in enumerate(things)}
    engine = matches(rule, Program((rule,)).look(things))
    return (
        [[[number[id(thing)] for thing in group] for group in match.groups] for match in engine],
        [[[number[id(thing)] for thing in group] for group in groups] for groups in obvious.find(rule, things)],
    )


CLICK, ERROR = Pattern(kinds=frozenset({"click"})), Pattern(levels=frozenset({"error"}))


@given(seed=st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
@example(seed=0)
@example(seed=2728759)  # two things that Python takes to be equal: True is 1
def test_the_engine_finds_what_the_rule_says(seed: int) -> None:
    for each in range(seed, seed + 20):
        chance = Chance(each)
        found, expected = both(chance.rule, chance.things)
        assert found == expected, each


def test_chance_makes_rules_that_match() -> None:
    """Else the test above would prove nothing."""
    found = [both(chance.rule, chance.things)[1] for chance in map(Chance, range(1000))]
    assert sum(bool(each) for each in found) > 200
    assert sum(len(each) > 1 for each in found) > 80
    assert sum(any(len(groups) > 2 for groups in each) for each in found) > 30
