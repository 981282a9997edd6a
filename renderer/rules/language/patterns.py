"""Patterns as they are written, to patterns that can be looked for: names resolved, kinds and properties known."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from renderer.rules import vocabulary
from renderer.rules.language import model as written
from renderer.rules.language.document import Place
from renderer.rules.language.wrong import RuleError, meant
from renderer.rules.model import Pattern

_MOST_NESTED: Final = 8
NOTHING: Final = Pattern()


class Patterns:
    """Those of one file, by name. Raises RuleError for what would never be found, used or not."""

    def __init__(self, named: Mapping[str, written.Pattern]) -> None:
        self._written = named
        self._resolved: dict[str, Pattern] = {}
        self._open: list[str] = []
        for name in named:
            self._of_name(name, ("patterns", name))

    def pattern(self, told: written.Pattern, place: Place) -> Pattern:
        """Raises RuleError, also when it says nothing."""
        found = self.resolve(told, place)
        if found == NOTHING:
            raise RuleError(
                place, "says nothing about what happens; give a kind, a name, a level, where, any or pattern"
            )
        return found

    def patterns(self, told: Iterable[written.Pattern], place: Place) -> tuple[Pattern, ...]:
        return tuple(self.pattern(each, (*place, number)) for number, each in enumerate(told))

    def resolve(self, told: written.Pattern, place: Place) -> Pattern:
        if sum(part in {"any", "not"} for part in place) + len(self._open) > _MOST_NESTED:
            raise RuleError(place, f"patterns are nested more than {_MOST_NESTED} deep")
        found = Pattern(
            kinds=_known(told.kind, vocabulary.KINDS, "kind", (*place, "kind")),
            names=frozenset(told.name) or None,
            levels=_known(told.level, vocabulary.LEVELS, "level", (*place, "level")),
            where=tuple(sorted(told.where.items())),
            any=self.patterns(told.any or (), (*place, "any")),
            unlike=(self.pattern(told.unlike, (*place, "not")),) if told.unlike is not None else (),
        )
        if told.pattern is not None:
            named = self._of_name(told.pattern, (*place, "pattern"))
            found = named if found == NOTHING else replace(found, also=(named,))
        kinds = found.possible_kinds()
        if kinds is not None and not kinds:
            raise RuleError(place, "nothing is of all these kinds at once")
        for name in told.where:
            if not vocabulary.knows(kinds, name):
                of = "nothing" if kinds is None else f"no {' or '.join(sorted(kinds))}"
                raise RuleError(
                    (*place, "where", name), f"{of} has a property {name[:40]!r}{meant(name, vocabulary.known(kinds))}"
                )
        return found

    def _of_name(self, name: str, place: Place) -> Pattern:
        if name in self._resolved:
            return self._resolved[name]
        if name not in self._written:
            raise RuleError(place, f"there is no pattern {name!r}{meant(name, self._written)}")
        if name in self._open:
            circle = " -> ".join([*self._open[self._open.index(name) :], name])
            raise RuleError(place, f"patterns that stand for each other: {circle}")
        self._open.append(name)
        found = self.pattern(self._written[name], ("patterns", name))
        self._open.pop()
        self._resolved[name] = found
        return found


def _known(words: tuple[str, ...], of: frozenset[str], what: str, place: Place) -> frozenset[str] | None:
    for number, word in enumerate(words):
        if word not in of:
            raise RuleError((*place, number), f"there is no {what} {word[:40]!r}{meant(word, of)}")
    return frozenset(words) or None
