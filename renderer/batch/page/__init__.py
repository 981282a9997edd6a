"""`index.html`: one file with everything in it, that opens from a disk as from a server and asks nobody for anything."""

import base64
import hashlib
import re
from functools import cache
from importlib import resources
from typing import Final

_STYLES: Final = ("triage.css", "cards.css", "clip.css")
_SCRIPTS: Final = ("dom.js", "model.js", "state.js", "head.js", "filters.js", "cards.js", "clip.js", "triage.js")

# 'self' is what a server gives. What it means on a disk is left to browsers: Chromium 156 and Firefox 153 take it for any file,
# and `file:` says so to all; a page from a server can load nothing by it. The icon is the one `data:`.
# Trusted Types without a policy make innerHTML and its kin throw: no recorded text ever becomes markup.
_POLICY: Final = (
    "default-src 'none'; script-src '{script}'; style-src '{style}'; img-src 'self' file: data:; media-src 'self' file:; "
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_PLACE: Final = re.compile(r"%(POLICY|STYLE|SCRIPT|INDEX)%")


def write_page(index_json: str) -> str:
    """The page around an index. `index_json` is JSON, so what is escaped here stands in strings only."""
    index = index_json
    # `<` ends a script element or begins a comment in it; U+2028 and U+2029 are line ends to old parsers.
    for character in "<>&\u2028\u2029":
        index = index.replace(character, f"\\u{ord(character):04x}")
    head, tail = _frame()
    return f"{head}{index}{tail}"


@cache
def _frame() -> tuple[str, str]:
    """What stands before and after the index."""
    style = "".join(_part(name) for name in _STYLES)
    # One scope for all parts, and none of their names on `window`, where an element's id could meet them.
    script = '"use strict";\n(() => {\n' + "".join(_part(name) for name in _SCRIPTS) + "})();\n"
    filled = {
        "POLICY": _POLICY.format(script=_digest(script), style=_digest(style)),
        "STYLE": style,
        "SCRIPT": script,
        "INDEX": "%INDEX%",
    }
    head, _, tail = _PLACE.sub(lambda place: filled[place[1]], _part("index.html")).partition("%INDEX%")
    return head, tail


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _part(name: str) -> str:
    return resources.files(__name__).joinpath(name).read_text("utf-8")
