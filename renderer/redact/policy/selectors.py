"""CSS selectors: whether they can be used, and which elements of the recorded document they match."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import cssselect2
from cssselect2 import compiler, parser

from renderer.recording.dom.node import Node
from renderer.redact.policy.element import Element, Families

_LONGEST: Final = 10_000
# Inside :not(), :is() and the like, every blank between two compounds multiplies the work by the depth of the document.
_MOST_COMBINATORS: Final = 20
_MOST_INSIDE: Final = 2
_SIBLING_PSEUDO: Final = frozenset(
    {"first-child", "last-child", "only-child", "first-of-type", "last-of-type", "only-of-type", "empty"}
)


class NeverError(ValueError):
    """A selector of what a recording does not tell: states of the pointer, pseudo-elements."""


@dataclass(frozen=True)
class Selector:
    """One compiled selector, without commas.

    `key`: what an element must have to be worth a test: ("id", x), ("class", x), ("attribute", x), ("tag", x) or None.
    `names`: attributes whose change can change the match. `reach`: what else a change around may change: 0 only the element
    itself, 1 what is below it, 2 its siblings and what is below them, 3 the whole document.
    """

    text: str
    test: Any
    key: tuple[str, str] | None
    names: frozenset[str]
    reach: int


def problem(text: str) -> tuple[str, str] | None:
    """What is wrong with a selector list and the mend; None when it can be used."""
    try:
        compiled_list(text)
    except NeverError:
        return "can never match in a recording", "leave out states such as :hover and :focus, and ::before"
    except ValueError as error:
        return f"is not a selector ({error})", "write it as in CSS"
    return None


@lru_cache(maxsize=1024)
def compiled_list(text: str) -> tuple[Selector, ...]:
    """The selectors of a list. Raises ValueError with a few words; NeverError when one can match in no recording."""
    if len(text) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST:,} characters")
    try:
        parsed = list(parser.parse(text))
        compiled = cssselect2.compile_selector_list(text)
    except NotImplementedError:
        raise ValueError("namespaces of attributes are not supported") from None
    except (RecursionError, MemoryError, SyntaxError):
        raise ValueError("it nests too deep") from None
    except (ValueError, TypeError, AttributeError) as error:
        told = error.args[-1] if error.args and isinstance(error.args[-1], str) else "it cannot be read"
        raise ValueError(" ".join(told.split()).rstrip(".")[:80] or "it cannot be read") from None
    selectors = []
    for tree, one in zip(parsed, compiled, strict=True):
        if one.never_matches or one.pseudo_element is not None:
            raise NeverError
        if _combinators(tree.parsed_tree) > _MOST_COMBINATORS:
            raise ValueError(f"it has more than {_MOST_COMBINATORS} combinators")
        if _inside(tree.parsed_tree) > _MOST_INSIDE:
            raise ValueError(f"it has more than {_MOST_INSIDE} combinators inside :not(), :is() or :has()")
        names, reach = _needs(tree.parsed_tree)
        selectors.append(Selector(text, _test(tree.parsed_tree), _key(tree.parsed_tree), frozenset(names), reach))
    return tuple(selectors)


def _key(tree: Any) -> tuple[str, str] | None:
    subject = _subject(tree)
    keys: list[tuple[str, str]] = []
    for simple in subject.simple_selectors:
        if isinstance(simple, parser.IDSelector):
            keys.append(("id", simple.ident))
        elif isinstance(simple, parser.ClassSelector):
            keys.append(("class", simple.class_name))
        elif isinstance(simple, parser.AttributeSelector):
            keys.append(("attribute", simple.lower_name))
        elif isinstance(simple, parser.LocalNameSelector):
            keys.append(("tag", simple.lower_local_name))
    rank = ("id", "class", "attribute", "tag")
    return min(keys, key=lambda key: rank.index(key[0])) if keys else None


def _test(tree: Any) -> Callable[[Element], bool]:
    """cssselect2 tries every way up the tree for every compound; here each compound is asked once about each ancestor."""
    own: Callable[[Element], bool] = _alone(_subject(tree))
    steps: list[tuple[str, Any]] = []
    while isinstance(tree, parser.CombinedSelector):
        steps.append((tree.combinator, _alone(_subject(tree.left))))
        tree = tree.left
    if not steps:
        return own

    def test(element: Element) -> bool:
        found = [element] if own(element) else []
        for combinator, compound in steps:
            if not found:
                return False
            found = [one for one in _reached(found, combinator) if compound(one)]
        return bool(found)

    return test


def _subject(tree: Any) -> Any:
    return tree.right if isinstance(tree, parser.CombinedSelector) else tree


def _alone(compound: Any) -> Any:
    return compiler.CompiledSelector(parser.Selector(compound)).test


def _reached(elements: list[Element], combinator: str) -> Iterable[Element]:
    """Elements that stand to one of these as the combinator says, each once."""
    if combinator == ">":
        found = [parent for one in elements if (parent := one.parent) is not None]
    elif combinator == "+":
        found = [previous for one in elements if (previous := one.previous) is not None]
    elif combinator == " ":
        found = [ancestor for one in elements[:1] for ancestor in one.ancestors]
        seen = set(found)
        for one in elements[1:]:
            for ancestor in one.ancestors:
                if ancestor in seen:
                    break
                seen.add(ancestor)
                found.append(ancestor)
    else:
        found = [sibling for one in elements for sibling in one.previous_siblings]
    return dict.fromkeys(found)


def _inside(tree: Any) -> int:
    """The most combinators in a selector within a selector."""
    most = 0
    while tree is not None:
        compound = _subject(tree)
        for simple in getattr(compound, "simple_selectors", ()):
            for one in getattr(simple, "selector_list", ()):
                inner = getattr(one, "selector", one).parsed_tree
                most = max(most, _combinators(inner), _inside(inner))
        tree = tree.left if isinstance(tree, parser.CombinedSelector) else None
    return most


def _combinators(tree: Any) -> int:
    count = 0
    while isinstance(tree, parser.CombinedSelector):
        count += 1
        tree = tree.left
    return count


def _needs(tree: Any) -> tuple[set[str], int]:
    if isinstance(tree, parser.CombinedSelector):
        names, reach = _needs(tree.right)
        more, left = _needs(tree.left)
        return names | more, max(reach, left, 1 if tree.combinator in {" ", ">"} else 2)
    names, reach = set(), 0
    for simple in getattr(tree, "simple_selectors", ()):
        if isinstance(simple, parser.IDSelector):
            names.add("id")
        elif isinstance(simple, parser.ClassSelector):
            names.add("class")
        elif isinstance(simple, parser.AttributeSelector):
            names.add(simple.lower_name)
        elif isinstance(simple, parser.PseudoClassSelector):
            names |= {"href", "disabled", "checked", "selected", "type"}
            reach = max(
                reach, 2 if simple.name in _SIBLING_PSEUDO else 1 if simple.name in {"enabled", "disabled"} else 0
            )
        elif isinstance(simple, parser.FunctionalPseudoClassSelector):
            names |= {"lang", "dir", "class", "id"}
            reach = max(reach, 2)
        elif hasattr(simple, "selector_list"):
            if isinstance(simple, parser.RelationalSelector):
                reach = 3
            for one in simple.selector_list:
                inner = getattr(one, "selector", one).parsed_tree
                more, deep = _needs(inner)
                names |= more
                reach = max(reach, deep)
    return names, reach


class Matcher:
    """Several selectors at once: an element is tested with those alone that name something that it has."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_key: dict[tuple[str, str], list[Selector]] = {}
        self._any: list[Selector] = []
        self.names: set[str] = set()
        self.reach = -1
        self._families: Families = {}
        for text in texts:
            for selector in compiled_list(text):
                if selector.key is None:
                    self._any.append(selector)
                else:
                    self._by_key.setdefault(selector.key, []).append(selector)
                self.names |= selector.names
                self.reach = max(self.reach, selector.reach)
        self._attributes = {key[1] for key in self._by_key if key[0] == "attribute"}
        self._tags = {key[1] for key in self._by_key if key[0] == "tag"}

    def __bool__(self) -> bool:
        return self.reach >= 0

    def matches(self, node: Node) -> bool:
        """Whether one of the selectors matches this element as it stands in its document now."""
        element = None
        for selector in self._candidates(node):
            element = element or Element(node, self._families)
            if selector.test(element):
                return True
        return False

    def forget(self) -> None:
        """The document has changed."""
        self._families.clear()

    def _candidates(self, node: Node) -> Iterator[Selector]:
        attributes = node.attributes
        if attributes:
            if "class" in attributes:
                for name in node.attribute("class").split():
                    yield from self._by_key.get(("class", name), ())
            if "id" in attributes:
                yield from self._by_key.get(("id", node.attribute("id")), ())
            if self._attributes:
                for attribute in attributes:
                    if (lower := attribute.lower()) in self._attributes:
                        yield from self._by_key[("attribute", lower)]
        if node.tag in self._tags:
            yield from self._by_key[("tag", node.tag)]
        yield from self._any
