"""Which page a window shows, from when on, and how it got there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from renderer.recording.dom.mirror import Change, Mirror, Node
from renderer.timeline.model import Entry, Kind, PagePlace, Value
from renderer.timeline.recorded.addresses import Address, address
from renderer.timeline.recorded.surface import PAGE
from renderer.timeline.text import plain

SAME_MS: Final = 2000
"""Several reports of one load or navigation, and the rewriting of an address while it is typed, stand this close."""

TITLE_CHARACTERS: Final = 200
_MOST_PLACES: Final = 5_000
_NOWHERE: Final = Address("", "", "")


@dataclass(slots=True)
class _Arrival:
    """A Meta event (`by_meta`) or an address that the page told, until it is clear what it was."""

    at_ms: int
    before: Address
    now: Address
    by_meta: bool
    last_ms: int
    fresh: bool = False


class Pages:
    """Loads, navigations and places of one window; events in order.

    A Meta event with an address that is known already comes with every periodic full snapshot. It is a reload only if
    the recorder or the browser says that it started anew (`started`) within SAME_MS. So nothing is told before that time
    is over (`tick`), when the title of the new page is known too.
    """

    def __init__(
        self,
        window_id: str,
        mirror: Mirror,
        *,
        is_first: bool,
        tell: Callable[[Entry], None],
        left: Callable[[int], None],
        surface: str = PAGE,
    ) -> None:
        self._window_id = window_id
        self._mirror = mirror
        self._is_first = is_first
        self._tell = tell
        self._left = left
        self._surface = surface
        self._address = _NOWHERE
        self._title = ""
        self._arrival: _Arrival | None = None
        self._started_ms: int | None = None
        self._loaded_ms: int | None = None
        self.places: list[PagePlace] = []

    @property
    def href(self) -> str:
        return self._address.url

    @property
    def host(self) -> str:
        return self._address.host

    @property
    def title(self) -> str:
        return self._title

    @property
    def facts(self) -> dict[str, Value]:
        """Of the page that is there now, as entries tell them."""
        return self._facts(self._address)

    def meta(self, at_ms: int, data: dict[str, Any]) -> None:
        before, now = self._address, address(data.get("href"))
        if not now.url:
            now = before
        waiting = self._arrival
        if waiting is not None and not waiting.by_meta and waiting.now.url == now.url:
            before = waiting.before  # the load that was told of before it came
            at_ms = waiting.at_ms
        else:
            self._settle()
        self._address = now
        self._arrival = _Arrival(at_ms, before, now, by_meta=True, last_ms=at_ms)
        if _is_near(self._started_ms, at_ms):
            self._arrival.fresh, self._started_ms = True, None

    def snapshot(self, at_ms: int) -> None:
        """After the mirror took it."""
        self._read_title()
        arrival = self._arrival
        self._place(arrival.at_ms if arrival is not None and arrival.by_meta else at_ms)

    def started(self, at_ms: int) -> None:
        """The recorder was started, the document loaded, or a navigation was timed: the page is a new one."""
        if self._arrival is not None and self._arrival.by_meta and _is_near(self._arrival.at_ms, at_ms):
            self._arrival.fresh = True
        else:
            self._started_ms = at_ms

    def went(self, at_ms: int, href: object) -> None:
        """The page told of its new address (`$pageview`, `$url_changed`)."""
        now = address(href)
        if not now.url or now.url == self._address.url:
            return
        waiting, before = self._arrival, self._address
        self._address = now
        self._left(at_ms)
        self._place(at_ms)
        if waiting is not None and not waiting.by_meta and (now.host, now.path) == (before.host, before.path):
            waiting.now, waiting.last_ms = now, at_ms  # an address that is rewritten while it is typed: where it ended
            return
        self._settle()
        self._arrival = _Arrival(at_ms, before, now, by_meta=False, last_ms=at_ms)

    def changed(self, at_ms: int, change: Change) -> None:
        if any(_is_title(node) for nodes in (change.texts, change.added, change.removed) for node in nodes):
            self._read_title()
            self._place(at_ms)

    def tick(self, at_ms: int) -> None:
        if self._arrival is not None and at_ms - self._arrival.last_ms > SAME_MS:
            self._settle()

    def finish(self) -> None:
        self._settle()

    def _settle(self) -> None:
        arrival, self._arrival = self._arrival, None
        if arrival is None:
            return
        is_first = arrival.before is _NOWHERE
        again = not is_first and arrival.before.url == arrival.now.url
        if is_first or (arrival.fresh and not (again and _is_near(self._loaded_ms, arrival.at_ms))):
            self._load(arrival, again=again, is_first=is_first)
        elif not again:
            self._left(arrival.at_ms)
            title = f"Went to {arrival.now.short(arrival.before.host) or f'another {self._surface}'}"
            self._tell(self._entry(arrival, "navigation", title))

    def _load(self, arrival: _Arrival, *, again: bool, is_first: bool) -> None:
        name = f"“{self._title}”" if self._title else arrival.now.short(limit=100) or f"the {self._surface}"
        title = f"{'Reloaded' if again else 'Opened'} {name}"
        if is_first and not self._is_first:
            title += " in a new tab" if self._surface == PAGE else " in another window"
        self._loaded_ms = arrival.at_ms
        if not is_first:
            self._left(arrival.at_ms)
        self._tell(self._entry(arrival, "page_load", title, reload=again, new_tab=is_first and not self._is_first))

    def _entry(self, arrival: _Arrival, kind: Kind, title: str, **more: Value) -> Entry:
        facts = self._facts(arrival.now)
        return Entry(
            at_ms=arrival.at_ms, kind=kind, title=title, window_id=self._window_id, properties={**facts, **more}
        )

    def _facts(self, now: Address) -> dict[str, Value]:
        return {"url": now.url, "host": now.host, "path": now.path, "page_title": self._title}

    def _place(self, at_ms: int) -> None:
        place = PagePlace(at_ms=at_ms, window_id=self._window_id, url=self._address.url, title=self._title)
        if self.places and (self.places[-1].url, self.places[-1].title) == (place.url, place.title):
            return
        if self.places and self.places[-1].at_ms >= at_ms:
            self.places[-1] = replace(place, at_ms=self.places[-1].at_ms)
        elif len(self.places) < _MOST_PLACES:
            self.places.append(place)

    def _read_title(self) -> None:
        node = _title_node(self._mirror)
        self._title = (
            plain(node.text_content(4 * TITLE_CHARACTERS, nodes=50), TITLE_CHARACTERS) if node is not None else ""
        )


def _is_near(one_ms: int | None, other_ms: int) -> bool:
    return one_ms is not None and abs(other_ms - one_ms) <= SAME_MS


def _is_title(node: Node) -> bool:
    return node.tag in {"title", "head"} or (node.parent is not None and node.parent.tag == "title")


def _title_node(mirror: Mirror) -> Node | None:
    """The page's own <title>: drawings have them too, and documents in frames."""
    node = mirror.root
    for tag in ("html", "head", "title"):
        if node is None:
            break
        node = next((child for child in islice(node.elements(), 1000) if child.tag == tag), None)
    return node
