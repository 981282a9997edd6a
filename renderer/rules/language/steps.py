"""The steps of a rule: which follows which, within what time."""

from collections.abc import Sequence

from renderer.rules import vocabulary
from renderer.rules.language import model as written
from renderer.rules.language.document import Place
from renderer.rules.language.patterns import NOTHING, Patterns
from renderer.rules.language.wrong import RuleError, meant
from renderer.rules.model import Pattern, Step


def read_steps(told: Sequence[written.Step], patterns: Patterns, place: Place) -> tuple[Step, ...]:
    """The first is something that happens. Raises RuleError."""
    steps: list[Step] = []
    places: dict[str, int] = {}
    last = 0
    for number, each in enumerate(told):
        where = (*place, number)
        name = each.called or f"step{number + 1}"
        if name in places or name == "session":
            raise RuleError((*where, "as"), f"the name {name!r} is taken; give the step another")
        if number == 0:
            _check_first(each, where)
        since = last if each.since is None else step_of(each.since, steps, (*where, "since"))
        steps.append(_step(each, name, since, patterns, where, is_first=number == 0))
        places[name] = number
        if steps[-1].form != "none":
            last = number
    return tuple(steps)


def step_of(name: str, steps: Sequence[Step], place: Place) -> int:
    """The number of the step of that name, which must be one that happens. Raises RuleError."""
    for number, step in enumerate(steps):
        if step.name == name:
            if step.form == "none":
                raise RuleError(
                    place, f"{name!r} is what must not happen, so that there is no time and no property of it"
                )
            return number
    known = [step.name for step in steps if step.form != "none"]
    raise RuleError(place, f"there is no step {name[:40]!r} here{meant(name, known)}")


def _check_first(told: written.Step, place: Place) -> None:
    for key in ("within", "after", "since"):
        if getattr(told, key) is not None and not (key == "within" and told.all):
            raise RuleError((*place, key), "the first step has nothing before it to be measured from")
    if told.none is not None:
        raise RuleError(
            (*place, "none"), "the first step must be something that happens; session: lacks: says what never does"
        )


def _step(told: written.Step, name: str, since: int, patterns: Patterns, place: Place, *, is_first: bool) -> Step:
    forms = [form for form in ("all", "none", "times") if getattr(told, form) is not None]
    if len(forms) > 1:
        raise RuleError((*place, forms[1]), f"{forms[0]} and {forms[1]} exclude each other; write two steps")
    if told.within is not None and told.after is not None and told.after > told.within:
        raise RuleError((*place, "after"), "is later than within")
    own = _own(told, forms, patterns, place)
    _check_same(told.same, own, (*place, "same"))
    is_all = told.all is not None
    return Step(
        name=name,
        form=forms[0] if forms else "one",  # type: ignore[arg-type]
        patterns=own,
        count=told.times.count if told.times is not None else 1,
        spread_ms=told.times.within if told.times is not None else told.within if is_first and is_all else None,
        after_ms=told.after or 0,
        within_ms=None if is_first else told.within,
        since=since,
        same=tuple(sorted(set(told.same))),
    )


def _own(told: written.Step, forms: Sequence[str], patterns: Patterns, place: Place) -> tuple[Pattern, ...]:
    if told.all is None and told.none is None:
        return (patterns.pattern(told, place),)
    if patterns.resolve(told, place) != NOTHING:
        raise RuleError(place, f"what is looked for stands inside {forms[0]}:, and nothing of it beside")
    if told.none is not None:
        return (patterns.pattern(told.none, (*place, "none")),)
    return patterns.patterns(told.all or (), (*place, "all"))


def _check_same(names: Sequence[str], patterns: Sequence[Pattern], place: Place) -> None:
    for name in names:
        for pattern in patterns:
            kinds = pattern.possible_kinds()
            if not vocabulary.knows(kinds, name):
                raise RuleError(place, f"there is no property {name[:40]!r}{meant(name, vocabulary.known(kinds))}")
