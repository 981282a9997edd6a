"""What was odd but did not stop the render: the `warnings[]` of the manifest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of oddity, seen `count` times. `code` is stable snake_case, `message` one plain sentence."""

    code: str
    message: str
    count: int = 1


class Notices:
    """Collects notices; a code seen again is counted, not listed twice, and keeps its first message."""

    def __init__(self, notices: Iterable[Notice] = ()) -> None:
        self._by_code: dict[str, Notice] = {}
        for notice in notices:
            self.add(notice.code, notice.message, notice.count)

    def add(self, code: str, message: str, count: int = 1) -> None:
        if count <= 0:
            return
        seen = self._by_code.get(code)
        self._by_code[code] = Notice(code, seen.message if seen else message, count + (seen.count if seen else 0))

    def extend(self, notices: Iterable[Notice]) -> None:
        for notice in notices:
            self.add(notice.code, notice.message, notice.count)

    def __iter__(self) -> Iterator[Notice]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)
