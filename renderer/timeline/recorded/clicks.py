"""What became of clicks: repeated in anger, answered by nothing, or just clicks."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from renderer.recording.dom.mirror import Node
from renderer.timeline.model import Entry, Value
from renderer.timeline.recorded import roles
from renderer.timeline.recorded.gestures import Click, title_of

RAGE_CLICKS: Final = 3
RAGE_GAP_MS: Final = 1000
RAGE_PX: Final = 30
"""PostHog's definition (posthog-js, extensions/rageclick.ts): three clicks, each within a second and 30 px of the last."""

DEAD_MS: Final = 2500
"""So long nothing on the page changes. PostHog's autocapture waits as long for a mutation (posthog-js, dead clicks)."""

SLOW_PAGE_MS: Final = 10_000
"""A page that comes within this was waited for."""

_SAME_PX: Final = 30
_DOUBLE_MS: Final = 1000
_AT_ONCE_MS: Final = 300

# Buttons that are meant to be clicked again and again.
_REPEATED: Final = re.compile(
    r"[<>+\-−–‹›«»→←↑↓\d.,/*=]|next|prev(ious)?|back|forward|more|less|older|newer|up|down|(in|de)crease.*|zoom.*|undo|redo",
    re.IGNORECASE,
)
# What these do happens outside the document: clipboard, files, printer, sound.
_OUTSIDE: Final = re.compile(
    r"copy|copied|clipboard|download|export|print|share|full.?screen|mute|volume|play|pause|record|upload|attach|open in",
    re.IGNORECASE,
)
_CAN_BE_DEAD: Final = frozenset({roles.BUTTON, roles.LINK, "tab", "menu item", "switch"})
_UNRECORDED: Final = frozenset({"canvas", "iframe", "frame", "object", "embed", "video", "audio"})
_AROUND: Final = 4


class Clicks:
    """Clicks of one window in order, and whether something answered them."""

    def __init__(self, window_id: str) -> None:
        self._window_id = window_id
        self._clicks: list[Click] = []
        self._waiting: list[Click] = []
        self._effect_ms = -1
        self.href = ""

    def tell(self, click: Click) -> None:
        since_ms = click.pressed_ms if click.pressed_ms < click.at_ms else click.at_ms - _AT_ONCE_MS
        click.alive = self._effect_ms >= since_ms or not _can_be_dead(click, self.href)
        click.target = replace(click.target, node=None)  # a node that is taken out holds all that was below it
        self._clicks.append(click)
        if not click.alive:
            self._waiting.append(click)

    def effect(self, at_ms: int) -> None:
        """Something changed that a person can see."""
        self._answered(at_ms, DEAD_MS)

    def navigated(self, at_ms: int) -> None:
        """Another page came; told up to a few seconds after it did."""
        self._answered(at_ms, SLOW_PAGE_MS)

    def focused(self, at_ms: int) -> None:
        """By a script, as the press of a button comes before its click; later ones are the next thing that the user does."""
        for click in self._waiting:
            click.alive = click.alive or 0 <= at_ms - click.at_ms <= _AT_ONCE_MS

    def _answered(self, at_ms: int, within_ms: int) -> None:
        self._effect_ms = max(self._effect_ms, at_ms)
        if self._waiting:
            for click in self._waiting:
                click.alive = click.alive or click.pressed_ms <= at_ms <= click.at_ms + within_ms
            oldest_ms = at_ms - 2 * SLOW_PAGE_MS
            self._waiting = [click for click in self._waiting if not click.alive and click.at_ms > oldest_ms]

    def entries(self, last_ms: int, answers_ms: Sequence[int]) -> Iterator[Entry]:
        """`last_ms`: the window's last event. `answers_ms`: sorted times at which a request or another window began."""
        for click in self._clicks:
            place = bisect_left(answers_ms, click.pressed_ms)
            answered = place < len(answers_ms) and answers_ms[place] <= click.at_ms + DEAD_MS
            click.alive = click.alive or answered or last_ms - click.at_ms < DEAD_MS
        for group in self._groups():
            yield self._rage(group) if len(group) >= RAGE_CLICKS else self._one(group[-1])

    def _groups(self) -> Iterator[list[Click]]:
        """Rage clicks together; the first click of a double click with its second; all others alone."""
        for run in _runs(self._clicks):
            if len(run) >= RAGE_CLICKS and not _is_repeated(run):
                yield run
                continue
            for place, click in enumerate(run):
                doubled = place + 1 < len(run) and run[place + 1].action == "double click"
                if not (doubled and click.action in {"click", "tap"}):
                    yield [click]

    def _one(self, click: Click) -> Entry:
        facts: dict[str, Value] = {"action": click.action, "by": click.by, **click.facts}
        if not click.alive:
            return Entry(
                at_ms=click.at_ms,
                kind="dead_click",
                title=f"{title_of(click)}, and nothing happened",
                level="warning",
                window_id=self._window_id,
                properties=facts,
            )
        marked = click.action == "select"  # from the press on, as that is what is seen
        return Entry(
            at_ms=click.pressed_ms if marked else click.at_ms,
            until_ms=click.at_ms if marked else click.until_ms,
            kind="click",
            title=title_of(click),
            window_id=self._window_id,
            properties=facts,
        )

    def _rage(self, run: list[Click]) -> Entry:
        dead = not any(click.alive for click in run)
        last = run[-1]
        title = f"Clicked {last.target.phrase} {len(run)} times in a row" + (", and nothing happened" if dead else "")
        return Entry(
            at_ms=run[0].at_ms,
            until_ms=last.until_ms or last.at_ms,
            kind="rage_click",
            title=title,
            level="warning",
            window_id=self._window_id,
            properties={"count": len(run), "dead": dead, "by": last.by, **last.facts},
        )


def _runs(clicks: Sequence[Click]) -> Iterator[list[Click]]:
    run: list[Click] = []
    for click in clicks:
        if run and not _continues(run[-1], click):
            yield run
            run = []
        run.append(click)
    if run:
        yield run


def _continues(last: Click, click: Click) -> bool:
    if not {last.action, click.action} <= {"click", "tap", "double click"} or click.at_ms - last.at_ms > RAGE_GAP_MS:
        return False
    if last.x is None or last.y is None or click.x is None or click.y is None:
        return False
    return abs(click.x - last.x) + abs(click.y - last.y) < RAGE_PX


def _is_repeated(run: Sequence[Click]) -> bool:
    """Three clicks mark a paragraph; a stepper, a pager and a game are made for many; a keyboard does not rage."""
    target = run[-1].target
    if target.role in {roles.FIELD, roles.SLIDER, roles.SELECT, "video", "drawing", "hidden"} or run[-1].by not in {
        "mouse",
        "touch",
    }:
        return True
    return bool(_REPEATED.fullmatch(target.name.strip())) or (
        target.role == "" and target.tag in {"p", "li", "td", "pre"}
    )


def _can_be_dead(click: Click, href: str) -> bool:
    """Whether the target promises that something on the page will change. In doubt it does not."""
    target = click.target
    if click.action not in {"click", "tap", "double click"} or click.by not in {"mouse", "touch"}:
        return False
    if target.node is None or target.role not in _CAN_BE_DEAD:
        return False
    attributes = target.node.attributes
    said = " ".join(str(attributes.get(name) or "")[:200] for name in ("class", "id", "title", "data-testid"))
    if _OUTSIDE.search(target.name) or _OUTSIDE.search(said):
        return False
    if attributes.get("aria-selected") in {"true", True} or attributes.get("aria-current") not in {None, "", "false"}:
        return False
    if any(not _stays(here, href) for here in (target.node, *islice(target.node.ancestors(), _AROUND))):
        return False
    return not _is_beside_unrecorded(target.node)


def _stays(node: Node, href: str) -> bool:
    """Not a link that leads out of what is recorded, or to where the page already is."""
    if node.tag not in {"a", "area"} or "href" not in node.attributes:
        return True
    link = node.attribute("href").strip()
    if node.attribute("target") not in {"", "_self"} or "download" in node.attributes:
        return False
    if link in {"", "#"} or link.lower().startswith("javascript:"):
        return True
    try:
        there, here = urlsplit(link), urlsplit(href)
    except ValueError:
        return False
    if there.scheme not in {"", "http", "https"} or (there.netloc and there.netloc != here.netloc):
        return False
    return there.path not in {"", here.path}


def _is_beside_unrecorded(node: Node) -> bool:
    """A map's zoom button changes the map: a drawing, a video or a frame that the recording does not hold."""
    for here in (node, *islice(node.ancestors(), _AROUND)):
        if here.tag in {"body", "html"}:
            return False
        if here.tag in _UNRECORDED or any(below.tag in _UNRECORDED for below in islice(here.descendants(), 200)):
            return True
    return False
