"""What matched one pattern in a session, in the order in which it happened."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, Final

from renderer.rules.happening import Happening, value_of, when_ms

Key = tuple[Any, ...]


class Hits:
    """`times_ms[i]`: when `things[i]` happened; ascending."""

    def __init__(self, things: Sequence[Happening]) -> None:
        self.things = sorted(things, key=when_ms)
        self.times_ms = [when_ms(thing) for thing in self.things]
        self._groups: dict[tuple[str, ...], dict[Key, Hits]] = {}
        self._bursts: dict[tuple[int, int | None], list[int]] = {}

    def __len__(self) -> int:
        return len(self.things)

    def between(self, from_ms: int, to_ms: int | None) -> range:
        """Numbers of those that happened from `from_ms` to `to_ms`, both included; None is to the end."""
        end = len(self.times_ms) if to_ms is None else bisect_right(self.times_ms, to_ms)
        return range(bisect_left(self.times_ms, from_ms), end)

    def like(self, thing: Happening, names: tuple[str, ...]) -> "Hits":
        """Those in which the properties `names` are as in `thing`. What has no window may have happened in any."""
        if not names:
            return self
        key = _key(thing, names)
        if not _is_whole(key, names):
            return NO_HITS
        groups = self._grouped(names)
        found = groups.get(key)
        if found is None and "window" in names:
            found = groups.get(_at_window(key, names, _OTHER))
        return found if found is not None else NO_HITS

    def each_alike(self, names: tuple[str, ...]) -> Iterator["Hits"]:
        """Those that are alike in `names`, group by group."""
        if not names:
            yield self
            return
        groups: dict[Key, list[Happening]] = {}
        for thing in self.things:
            groups.setdefault(_key(thing, names), []).append(thing)
        for key, group in groups.items():
            if _is_whole(key, names):
                yield Hits(group)

    def burst_from(self, place: int, count: int, spread_ms: int | None) -> int:
        """The first number from `place` on at which `count` things begin that lie within `spread_ms`; `len(self)` when none does."""
        starts = self._bursts.get((count, spread_ms))
        if starts is None:
            starts = self._bursts[count, spread_ms] = self._burst_starts(count, spread_ms)
        return starts[place]

    def _burst_starts(self, count: int, spread_ms: int | None) -> list[int]:
        times, total = self.times_ms, len(self.times_ms)
        starts = [total] * (total + 1)
        for place in range(total - count, -1, -1):
            is_one = spread_ms is None or times[place + count - 1] - times[place] <= spread_ms
            starts[place] = place if is_one else starts[place + 1]
        return starts

    def _grouped(self, names: tuple[str, ...]) -> dict[Key, "Hits"]:
        """By what they are like. With windows there is a group of each, one of all of them (None), and one of what has none, for
        windows in which nothing happened.
        """
        groups = self._groups.get(names)
        if groups is None:
            found: dict[Key, list[Happening]] = {}
            keys = [_key(thing, names) for thing in self.things]
            places = _across_windows(keys, names) if "window" in names else {key: (key,) for key in keys}
            for thing, key in zip(self.things, keys, strict=True):
                for place in places[key]:
                    found.setdefault(place, []).append(thing)
            groups = self._groups[names] = {key: Hits(things) for key, things in found.items()}
        return groups


def _across_windows(keys: Sequence[Key], names: tuple[str, ...]) -> dict[Key, tuple[Key, ...]]:
    """By key, the groups that such a thing is in: that of its window and that of all; without a window, those of every window."""
    windows: dict[Key, dict[Key, None]] = {}
    for key in keys:
        windows.setdefault(_at_window(key, names, None), {})[key] = None
    places: dict[Key, tuple[Key, ...]] = {}
    for everywhere, own in windows.items():
        for key in own:
            places[key] = (key, everywhere)
        if everywhere in own:
            places[everywhere] = (*own, _at_window(everywhere, names, _OTHER))
    return places


_OTHER: Final = object()
NO_HITS: Final = Hits(())


def _at_window(key: Key, names: tuple[str, ...], window: object) -> Key:
    place = names.index("window")
    return (*key[:place], window, *key[place + 1 :])


def _is_whole(key: Key, names: tuple[str, ...]) -> bool:
    """What has not got the property is like nothing; only a window may be unknown."""
    return all(value is not None or name == "window" for name, value in zip(names, key, strict=True))


def _key(thing: Happening, names: tuple[str, ...]) -> Key:
    return tuple(_hashable(thing.window_id if name == "window" else value_of(thing, name)) for name in names)


def _hashable(value: Any) -> Any:
    """Truths are no numbers, as in conditions; what holds others is compared as it is written."""
    if isinstance(value, bool):
        return ("bool", value)
    return value if value is None or isinstance(value, str | int | float) else repr(value)
