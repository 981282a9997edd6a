"""What is asked of one value: `answered`, `"> 5s"`, `[408, 504]`, `{contains: refund, regex: …}`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, cast, get_args

from renderer.redact.policy import expressions
from renderer.rules.language.durations import duration_ms

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "contains", "regex", "exists", "one of"]
Scalar = str | int | float | bool | None
Tester = Callable[[Any], bool]

OPERATORS: Final[tuple[str, ...]] = get_args(Operator)
_SIGNS: Final = ("!=", "<=", ">=", "=", "<", ">")
_ORDER: Final = frozenset({"<", "<=", ">", ">="})
_LONGEST: Final = 1000
_MOST: Final = 200
_LISTS: Final = (tuple, list)


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """`operand`: a number for <, <=, > and >=, a bool for exists, a tuple of scalars for one of, a text for contains and regex."""

    operator: Operator
    operand: Scalar | tuple[Scalar, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Check) and self._written() == other._written()

    def __hash__(self) -> int:
        return hash(self._written())

    def _written(self) -> tuple[str, str]:
        """True and 1 are equal to Python, and mean different things here."""
        return self.operator, repr(self.operand)


def parse_condition(value: object) -> tuple[Check, ...]:
    """All of them must hold. Raises ValueError with what is wrong and what to write."""
    if isinstance(value, Mapping):
        if not value:
            raise ValueError(f"says nothing; write a value, or one of {', '.join(OPERATORS)}")
        return tuple(_test(operator, operand) for operator, operand in value.items())
    if isinstance(value, list):
        return (_test("one of", value),)
    if isinstance(value, str):
        for sign in _SIGNS:
            if value.startswith(f"{sign} "):
                return (_test(sign, _written(value[len(sign) + 1 :].strip())),)
    return (_test("=", value),)


def _written(text: str) -> object:
    """What stands behind a sign inside quotes is read as it would be without them."""
    words = {"true": True, "false": False, "null": None}
    if text in words:
        return words[text]
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text


def _test(operator: str, operand: object) -> Check:
    if operator not in OPERATORS:
        raise ValueError(f"there is no operator {operator[:40]!r}; it can be {', '.join(OPERATORS)}")
    known = cast(Operator, operator)
    if known == "one of":
        if not isinstance(operand, list) or not operand or len(operand) > _MOST:
            raise ValueError(f"one of needs a list of values, {_MOST} at the most: [length, max_tokens]")
        return Check(known, tuple(_scalar(each) for each in operand))
    if known == "exists":
        if not isinstance(operand, bool):
            raise ValueError("exists is true or false")
        return Check(known, operand)
    found = _scalar(operand)
    if known in _ORDER:
        return Check(known, _number(known, found))
    if known == "contains":
        if not isinstance(found, str) or not found:
            raise ValueError("contains needs a text")
        return Check(known, found.casefold())
    if known == "regex":
        if not isinstance(found, str) or not found:
            raise ValueError("regex needs a text")
        return Check(known, _regex(found))
    return Check(known, found)


def _scalar(value: object) -> Scalar:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        if len(value) > _LONGEST:
            raise ValueError(f"is longer than {_LONGEST:,} letters")
        return value
    raise ValueError("is no value that can be compared: a text, a number, true, false or null")


def _number(operator: str, value: Scalar) -> int | float:
    if isinstance(value, str) and (length_ms := duration_ms(value)) is not None:
        return length_ms
    if isinstance(value, bool | str) or value is None:
        raise ValueError(f"{operator} needs a number or a length of time: {operator} 5, {operator} 30s")
    return value


def _regex(value: str) -> str:
    if problem := expressions.problem(value):
        raise ValueError(f"{value[:60]!r} {problem[0]}; {problem[1]}")
    return value


def holds(checks: tuple[Check, ...], value: Any) -> bool:
    """Whether all hold of `value`, None when there is none. Of a list, =, one of, contains and regex ask for an item that fits."""
    return tester(checks)(value)


@lru_cache(maxsize=10_000)
def tester(checks: tuple[Check, ...]) -> Tester:
    """`holds` of these checks, made ready: sessions have thousands of values, and rules a few checks."""
    tests = tuple(_tester(check.operator, check.operand) for check in checks)
    return tests[0] if len(tests) == 1 else lambda value: all(test(value) for test in tests)


def _tester(operator: Operator, operand: Any) -> Tester:
    match operator:
        case "=":
            return _of_items(_equal(operand))
        case "!=":
            equal = _of_items(_equal(operand))
            return lambda value: not equal(value)
        case "exists":
            return lambda value: (value is not None) is operand
        case "one of":
            equals = tuple(_equal(each) for each in operand)
            return _of_items(lambda value: any(equal(value) for equal in equals))
        case "contains":
            return _of_items(lambda value: isinstance(value, str) and operand in value.casefold())
        case "regex":
            return _of_items(lambda value: isinstance(value, str) and expressions.occurs(operand, value))
        case "<":
            return lambda value: _is_number(value) and value < operand
        case "<=":
            return lambda value: _is_number(value) and value <= operand
        case ">":
            return lambda value: _is_number(value) and value > operand
        case ">=":
            return lambda value: _is_number(value) and value >= operand


def _of_items(test: Tester) -> Tester:
    return lambda value: any(map(test, value)) if value.__class__ in _LISTS else test(value)


def _equal(operand: Scalar) -> Tester:
    # True is 1 to Python, and not to who writes rules.
    is_truth = isinstance(operand, bool)
    return lambda value: (value.__class__ is bool) is is_truth and bool(value == operand)


def _is_number(value: Any) -> bool:
    return value.__class__ is int or value.__class__ is float
