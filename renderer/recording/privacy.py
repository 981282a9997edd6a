"""What the recorder itself was told to hide, as its configuration events say it."""

import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec

MAX_SELECTORS: Final = 200
_LONGEST: Final = 10_000
_DEEPEST: Final = 8

_BLOCK = ("blockSelector", "blockClass")
_MASK = ("maskTextSelector", "maskTextClass")
_IGNORE = ("ignoreSelector", "ignoreClass")
# Amplitude's: "light" masks the kinds of input that its SDK knows as secret.
_ALL_INPUTS = frozenset({"medium", "conservative"})
_ALL_TEXT = "conservative"
_PLAIN_CLASS = re.compile(r"[A-Za-z_][\w\-]*")


@dataclass(frozen=True, slots=True)
class RecorderPrivacy:
    """rrweb's `blockClass`, `blockSelector`, `maskTextClass`, `maskTextSelector`, `ignoreClass`, `maskAllInputs` and
    `maskInputOptions`, and Amplitude's `maskSelector` and `defaultMaskLevel`, from all configurations that a recording holds (SDK's and server's), each once.

    Selectors are CSS as it was told, not checked; classes have become selectors. `unreadable` counts what was given as
    something else than a text (a RegExp becomes {} in JSON) or was too much.
    """

    block: tuple[str, ...] = ()
    mask_text: tuple[str, ...] = ()
    ignore_input: tuple[str, ...] = ()
    mask_all_inputs: bool = False
    mask_all_text: bool = False
    mask_input_types: tuple[str, ...] = ()
    unreadable: int = 0

    def __bool__(self) -> bool:
        return self != RecorderPrivacy()


NOTHING_HIDDEN: Final = RecorderPrivacy()


class PrivacyReader:
    """Fed with the `data` of configuration events; what it cannot read it counts."""

    def __init__(self) -> None:
        self._selectors: dict[str, dict[str, None]] = {"block": {}, "mask": {}, "ignore": {}}
        self._types: dict[str, None] = {}
        self._all_inputs = False
        self._all_text = False
        self._unreadable = 0

    def read(self, data: bytes | memoryview | msgspec.Raw) -> None:
        try:
            told = msgspec.json.decode(data)
        except (msgspec.DecodeError, RecursionError):
            self._unreadable += 1
            return
        self._walk(told.get("payload") if isinstance(told, dict) else None)

    def privacy(self) -> RecorderPrivacy:
        kinds = self._selectors
        return RecorderPrivacy(
            tuple(kinds["block"]), tuple(kinds["mask"]), tuple(kinds["ignore"]), self._all_inputs, self._all_text,
            tuple(self._types), self._unreadable,
        )  # fmt: skip

    def _walk(self, told: Any) -> None:
        """The options stand at different depths in each of the configurations, under the same names."""
        todo = [(told, 0)]
        while todo:
            value, depth = todo.pop()
            if not isinstance(value, dict) or depth > _DEEPEST:
                continue
            for kind, (selector, name) in (("block", _BLOCK), ("mask", _MASK), ("ignore", _IGNORE)):
                self._selector(kind, value.get(selector), is_class=False)
                self._selector(kind, value.get(name), is_class=True)
            self._selector("mask", value.get("maskSelector"), is_class=False)
            level = value.get("defaultMaskLevel")
            self._all_inputs |= value.get("maskAllInputs") is True or level in _ALL_INPUTS
            self._all_text |= value.get("maskAllText") is True or level == _ALL_TEXT
            options = value.get("maskInputOptions")
            if isinstance(options, dict):
                for name, wanted in options.items():
                    if wanted is True and len(self._types) < MAX_SELECTORS:
                        self._types[str(name)[:40].lower()] = None
            todo += [(inner, depth + 1) for inner in value.values() if isinstance(inner, dict)]

    def _selector(self, kind: str, told: Any, *, is_class: bool) -> None:
        if told is None or told == "" or told is False:
            return
        if isinstance(told, list):
            for each in told[: MAX_SELECTORS + 1]:
                self._selector(kind, each if isinstance(each, str) else {}, is_class=is_class)
            return
        kept = self._selectors[kind]
        if not isinstance(told, str) or len(told) > _LONGEST or len(kept) >= MAX_SELECTORS:
            self._unreadable += 1
            return
        told = told.strip()
        if is_class:
            told = " ".join(told.split())
            told = f".{told}" if _PLAIN_CLASS.fullmatch(told) else f'[class~="{_escaped(told)}"]'
        kept[told] = None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
