"""What is wrong with a rule, and where."""

import difflib
from collections.abc import Iterable

from renderer.rules.language.document import Place


class RuleError(Exception):
    """`place`: of the key that is wrong, from the top of the document."""

    def __init__(self, place: Place, why: str) -> None:
        super().__init__(why)
        self.place = place
        self.why = why


def meant(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that says that there is no such name: what may have been meant, or what there is."""
    listed = sorted(known)
    if close := difflib.get_close_matches(name, listed, 1, 0.6):
        return f"; did you mean {close[0]!r}?"
    return f"; it can be {', '.join(listed)}" if 0 < len(listed) <= 30 else ""
