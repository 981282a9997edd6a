"""A rule as it is written, to a rule that can be run: everything that it names is there."""

from collections.abc import Iterable, Sequence
from typing import Final

from renderer.rules import vocabulary
from renderer.rules.language import model as written
from renderer.rules.language.document import Place
from renderer.rules.language.patterns import Patterns
from renderer.rules.language.steps import read_steps, step_of
from renderer.rules.language.templates import Field, Template
from renderer.rules.language.wrong import RuleError, meant
from renderer.rules.model import Rule, Step

OF_ANY: Final = frozenset({"count", "kind", "level", "name", "title"})
"""What a template can say of any step; `count` is of `times`."""


def read_rule(told: written.RulePart, patterns: Patterns, place: Place) -> Rule:
    """Raises RuleError."""
    steps = read_steps(told.when, patterns, (*place, "when"))
    moment = max(number for number, step in enumerate(steps) if step.form != "none")
    if told.moment is not None:
        moment = step_of(told.moment, steps, (*place, "moment"))
    title = told.title or Template((Field(None, "title"),))
    _check_fields(title, steps, moment, (*place, "title"))
    for key, label in told.labels.items():
        _check_fields(label, steps, moment, (*place, "labels", key))
    for name in told.session.where:
        _check_session(name, (*place, "session", "where", name))
    return Rule(
        name=told.name,
        about=told.about,
        severity=told.severity,
        labels=tuple(told.labels.items()),
        session=tuple(sorted(told.session.where.items())),
        has=patterns.patterns(told.session.has, (*place, "session", "has")),
        lacks=patterns.patterns(told.session.lacks, (*place, "session", "lacks")),
        steps=steps,
        moment=moment,
        before_ms=told.before,
        after_ms=told.after,
        title=title,
        most=told.most,
        deliver=told.deliver,
    )


def _check_fields(template: Template, steps: Sequence[Step], moment: int, place: Place) -> None:
    for field in template.fields:
        if field.step == "session":
            _check_session(field.name, place)
            continue
        step = steps[moment if field.step is None else step_of(field.step, steps, place)]
        if field.name not in OF_ANY and not any(
            vocabulary.knows(pattern.possible_kinds(), field.name) for pattern in step.patterns
        ):
            known: Iterable[str] = {name for each in step.patterns for name in vocabulary.known(each.possible_kinds())}
            raise RuleError(
                place, f"{step.name!r} has no property {field.name[:40]!r}{meant(field.name, {*known, *OF_ANY})}"
            )


def _check_session(name: str, place: Place) -> None:
    if name not in vocabulary.SESSION and not name.startswith("person."):
        raise RuleError(place, f"sessions have no {name[:40]!r}{meant(name, (*vocabulary.SESSION, 'person.NAME'))}")
