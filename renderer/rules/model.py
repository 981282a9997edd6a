"""Rules that were read and checked, and what they find."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from renderer.rules.language.conditions import Check
from renderer.rules.language.model import Severity
from renderer.rules.language.templates import Template

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """All that is not None or empty must hold. Equal patterns are looked for once, whichever rules they are of.

    `where`: by property. `also`: all of these. `any`: one of these at least. `unlike`: none of these.
    """

    kinds: frozenset[str] | None = None
    names: frozenset[str] | None = None
    levels: frozenset[str] | None = None
    where: tuple[tuple[str, tuple[Check, ...]], ...] = ()
    also: tuple["Pattern", ...] = ()
    any: tuple["Pattern", ...] = ()
    unlike: tuple["Pattern", ...] = ()

    def possible_kinds(self) -> frozenset[str] | None:
        """Kinds outside of which nothing can match; None when there is no such bound."""
        bounds = [self.kinds, *(each.possible_kinds() for each in self.also)]
        inner = [each.possible_kinds() for each in self.any]
        if inner and None not in inner:
            bounds.append(frozenset().union(*(each for each in inner if each is not None)))
        told = [each for each in bounds if each is not None]
        return frozenset.intersection(*told) if told else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`patterns`: one, or of `all` several. `since`: the step that it is measured from. `spread_ms`: of `times` and `all`, from the
    first to the last; None is any. `within_ms`: None is to the end of the session.
    """

    name: str
    form: Literal["one", "times", "all", "none"] = "one"
    patterns: tuple[Pattern, ...]
    count: int = 1
    spread_ms: int | None = None
    after_ms: int = 0
    within_ms: int | None = None
    since: int = 0
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """`moment`: the step that it is about. `before_ms` before the first step's beginning, `after_ms` after the last one's end."""

    name: str
    about: str = ""
    severity: Severity = "medium"
    labels: tuple[tuple[str, Template], ...] = ()
    session: tuple[tuple[str, tuple[Check, ...]], ...] = ()
    has: tuple[Pattern, ...] = ()
    lacks: tuple[Pattern, ...] = ()
    steps: tuple[Step, ...]
    moment: int
    before_ms: int = 15_000
    after_ms: int = 20_000
    title: Template
    most: int | None = None
    deliver: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RuleSet:
    """`source`: "built-in", or a file's name. `digest`: SHA-256 (hex) of what was written. Known by its identity: what is made
    ready for running is kept with it.
    """

    source: str
    digest: str
    rules: tuple[Rule, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(rule.name for rule in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a rule found. `at_ms`: of the step that it is about; from `from_ms` to `to_ms` its first to its last step.

    `steps`: by name, when each came. `window_id`: of the step that it is about.
    """

    rule: str
    title: str
    severity: Severity
    labels: Mapping[str, str] = field(default_factory=dict)
    at_ms: int
    from_ms: int
    to_ms: int
    before_ms: int
    after_ms: int
    steps: Mapping[str, int] = field(default_factory=dict)
    window_id: str | None = None
    deliver: tuple[str, ...] = ()
