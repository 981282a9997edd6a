"""The shape of a file of rules, as it is written (docs/rules.md)."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf

from renderer.rules.language.conditions import Check, parse_condition
from renderer.rules.language.durations import parse_duration
from renderer.rules.language.templates import Template, parse_template

Severity = Literal["low", "medium", "high", "critical"]

MOST_RULES: Final = 200
MOST_STEPS: Final = 10
_MOST_ALTERNATIVES: Final = 50


def _listed(value: object) -> object:
    """One stands for a list of one."""
    return value if isinstance(value, list) else [value]


def _template(value: object) -> Template:
    return parse_template(value if isinstance(value, str) else str(value))


Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Word = Annotated[str, Field(min_length=1, max_length=400)]
Words = Annotated[tuple[Word, ...], Field(min_length=1, max_length=200), BeforeValidator(_listed)]
Condition = Annotated[tuple[InstanceOf[Check], ...], BeforeValidator(parse_condition)]
Duration = Annotated[int, BeforeValidator(parse_duration)]
Text = Annotated[InstanceOf[Template], BeforeValidator(_template)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pattern(Part):
    """One thing that happened. All that is written must hold of it."""

    pattern: Name | None = None
    kind: Words = ()
    name: Words = ()
    level: Words = ()
    where: dict[Word, Condition] = Field(default_factory=dict)
    any: Annotated[tuple["Pattern", ...] | None, Field(min_length=1, max_length=_MOST_ALTERNATIVES)] = None
    unlike: Annotated["Pattern | None", Field(alias="not")] = None


class Times(Part):
    """So many, the last at most `within` after the first."""

    count: Annotated[int, Field(strict=True, ge=2, le=1000)]
    within: Duration | None = None


def _times(value: object) -> object:
    return {"count": value} if isinstance(value, int) else value


class Step(Pattern):
    """A pattern, when it must come, and how often; or several in any order; or none."""

    called: Annotated[Name | None, Field(alias="as")] = None
    all: Annotated[tuple[Pattern, ...] | None, Field(min_length=2, max_length=10)] = None
    none: Pattern | None = None
    times: Annotated[Times | None, BeforeValidator(_times)] = None
    within: Duration | None = None
    after: Duration | None = None
    since: Name | None = None
    same: Words = ()


class SessionPart(Part):
    """Conditions on the whole session, and what must or must not happen anywhere in it."""

    where: dict[Word, Condition] = Field(default_factory=dict)
    has: Annotated[tuple[Pattern, ...], Field(max_length=20), BeforeValidator(_listed)] = ()
    lacks: Annotated[tuple[Pattern, ...], Field(max_length=20), BeforeValidator(_listed)] = ()


class RulePart(Part):
    name: Name
    about: Annotated[str, Field(max_length=2000)] = ""
    severity: Severity = "medium"
    labels: Annotated[dict[Word, Text], Field(max_length=20)] = Field(default_factory=dict)
    session: SessionPart = SessionPart()
    when: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MOST_STEPS), BeforeValidator(_listed)]
    moment: Name | None = None
    before: Duration = 15_000
    after: Duration = 20_000
    title: Text | None = None
    most: Annotated[int | None, Field(strict=True, ge=1, le=1000)] = None
    deliver: Annotated[tuple[Word, ...], Field(max_length=10)] = ()


class RuleFile(Part):
    version: Literal[1] = 1
    include: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = ()
    patterns: Annotated[dict[Name, Pattern], Field(max_length=200)] = Field(default_factory=dict)
    rules: Annotated[tuple[RulePart, ...], Field(max_length=MOST_RULES)] = ()


def fields_of(model: type[BaseModel]) -> list[str]:
    """Keys as they are written."""
    return sorted(info.alias or name for name, info in model.model_fields.items())


def model_at(place: tuple[Any, ...]) -> type[BaseModel]:
    """Which part of the file stands there, to say which keys it knows. Of a place that pydantic tells."""
    model: type[BaseModel] = RuleFile
    for part in place:
        model = _INSIDE.get((model, str(part)), model)
    return model


_INSIDE: Final[dict[tuple[type[BaseModel], str], type[BaseModel]]] = {
    (RuleFile, "rules"): RulePart,
    (RuleFile, "patterns"): Pattern,
    (RulePart, "session"): SessionPart,
    (RulePart, "when"): Step,
    (SessionPart, "has"): Pattern,
    (SessionPart, "lacks"): Pattern,
    (Step, "any"): Pattern,
    (Step, "not"): Pattern,
    (Step, "all"): Pattern,
    (Step, "none"): Pattern,
    (Step, "times"): Times,
}
