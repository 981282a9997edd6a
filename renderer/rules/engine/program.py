"""Rules made ready to run over many sessions: equal patterns are one, and each is only shown what it may match."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from renderer.rules.engine.hits import Hits
from renderer.rules.engine.predicates import Predicate, predicate
from renderer.rules.happening import Happening
from renderer.rules.model import Pattern, Rule
from renderer.rules.vocabulary import KINDS

_Watch = tuple[int, Predicate]


class Program:
    """The patterns of all rules. Made once, run over each session."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: Final = tuple(rules)
        patterns: dict[Pattern, int] = {}
        # By identity: to look a pattern up by what it says costs more than to look for it.
        self._places: Final[dict[int, int]] = {}
        for rule in self.rules:
            for pattern in (*rule.has, *rule.lacks, *(each for step in rule.steps for each in step.patterns)):
                self._places[id(pattern)] = patterns.setdefault(pattern, len(patterns))
        self._count: Final = len(patterns)
        self._of_kind: Final[dict[str, list[_Watch]]] = defaultdict(list)
        # An application has many events of its own, and most rules name the one that they mean.
        self._of_name: Final[dict[tuple[str, str], list[_Watch]]] = defaultdict(list)
        for pattern, place in patterns.items():
            for kind in KINDS:
                if (holds := predicate(pattern, kind)) is None:
                    continue
                if pattern.names is None:
                    self._of_kind[kind].append((place, holds))
                for name in pattern.names or ():
                    self._of_name[kind, name].append((place, holds))
        self._of_kind.default_factory = self._of_name.default_factory = None

    @property
    def kinds(self) -> frozenset[str]:
        """What may match anything at all: nothing else has to be looked for in a session."""
        return frozenset(self._of_kind) | {kind for kind, _ in self._of_name}

    def look(self, things: Iterable[Happening]) -> "Found":
        """One pass over what happened."""
        matched: list[list[Happening]] = [[] for _ in range(self._count)]
        by_kind, by_name = self._of_kind.get, self._of_name.get
        named = {kind for kind, _ in self._of_name}
        for thing in things:
            kind = thing.kind
            for place, holds in by_kind(kind, ()):
                if holds(thing):
                    matched[place].append(thing)
            if kind in named:
                for place, holds in by_name((kind, thing.name), ()):
                    if holds(thing):
                        matched[place].append(thing)
        return Found(self._places, [Hits(each) for each in matched])


class Found:
    """What matched each pattern of the program's own rules in one session."""

    def __init__(self, places: Mapping[int, int], hits: list[Hits]) -> None:
        self._places = places
        self._hits = hits

    def of(self, pattern: Pattern) -> Hits:
        return self._hits[self._places[id(pattern)]]
