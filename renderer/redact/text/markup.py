"""Text that is a language of its own: HTML and SVG in a string, and style sheets."""

import html
import re
from collections.abc import Callable

from renderer.redact.text.masks import mask, mask_spans
from renderer.redact.text.scrub import Scrub

# Drawings are lists of numbers, which look like telephones' now and then; nobody reads them.
_GEOMETRY = re.compile(
    r"""(\b(?:d|points|viewBox|transform|gradientTransform|patternTransform|values|keyTimes|keySplines|dur|begin)\s*=\s*(?:"[\w\s.,+\-();%]*"|'[\w\s.,+\-();%]*'))"""
)
GEOMETRIC = frozenset(
    {"d", "points", "viewbox", "transform", "gradienttransform", "patterntransform", "values", "keytimes", "keysplines"}
)
_DRAWN = re.compile(r"[\w\s.,+\-();%]*")

_ADDRESS = re.compile(r"""(url\(\s*)("[^"\n]*"|'[^'\n]*'|[^()\s"']*)(\s*\))""", re.IGNORECASE)
_IMPORT = re.compile(r"""(@import\s+)("[^"\n]*"|'[^'\n]*')""", re.IGNORECASE)
_STRING = re.compile(r""""(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})[ \t\r\n\f]?|([^\n0-9a-fA-F]))")


def is_drawing(name: str, value: str) -> bool:
    """Whether an attribute holds a drawing's numbers and nothing else."""
    return name.lower() in GEOMETRIC and _DRAWN.fullmatch(value) is not None


def scrubbed(text: str, scrub: Scrub) -> str:
    """HTML, SVG, JSON or plain text in one string."""
    if "<" not in text:
        clean = scrub.text(text)
    else:
        clean = "".join(
            piece if number % 2 else scrub.text(piece) for number, piece in enumerate(_GEOMETRY.split(text))
        )
    if "&" in clean:
        plain = html.unescape(clean)
        # Entities hide it from a pattern and show it to a reader.
        if plain != clean and scrub.finds(plain):
            return html.escape(scrub.text(plain), quote=False) if "<" not in clean else _plainly(clean, scrub)
    return clean


def _plainly(text: str, scrub: Scrub) -> str:
    """Markup whose text runs are unescaped, scrubbed and escaped again one by one."""
    pieces = re.split(r"(<[^<>]*>)", text)
    for number, piece in enumerate(pieces):
        plain = html.unescape(piece)
        if plain == piece or not scrub.finds(plain):
            continue
        pieces[number] = html.escape(scrub.text(plain)) if number % 2 == 0 else mask(piece)
    joined = "".join(pieces)
    return mask(joined) if scrub.finds(html.unescape(joined)) else joined


def style(text: str, scrub: Scrub, loaded: Callable[[str], str]) -> str:
    """A style sheet, a rule or a style attribute: its pictures keep loading, its other texts are scrubbed."""
    if "(" in text or "@" in text:
        text = _ADDRESS.sub(lambda match: match[1] + _in_quotes(match[2], loaded) + match[3], text)
        if "@import" in text or "@IMPORT" in text:
            text = _IMPORT.sub(lambda match: match[1] + _in_quotes(match[2], loaded), text)
    spans = scrub.finder.patterns(text)
    if spans:
        addresses = [match.span() for match in _ADDRESS.finditer(text)]
        spans = [one for one in spans if not any(start <= one[0] and one[1] <= end for start, end in addresses)]
        text = mask_spans(text, spans)
    if "\\" in text:
        text = _STRING.sub(lambda match: _string(match[0], scrub), text)
    return text


def _in_quotes(told: str, loaded: Callable[[str], str]) -> str:
    sign = told[:1] if told[:1] in {'"', "'"} else ""
    address = told[1:-1] if sign else told
    plain = _unescaped(address) if "\\" in address else address
    new = loaded(plain)
    if new == plain:
        return told
    sign = sign or '"'
    return sign + new.replace("\\", "\\\\").replace(sign, "\\" + sign).replace("\n", "") + sign


def _string(told: str, scrub: Scrub) -> str:
    """A CSS string with escapes in it: \\40 is an @ to the reader alone."""
    inner = told[1:-1]
    plain = _unescaped(inner)
    if plain == inner or not scrub.finds(plain):
        return told
    return told[0] + scrub.text(plain).replace("\\", "").replace(told[0], "").replace("\n", " ") + told[0]


def _unescaped(text: str) -> str:
    def sign(match: re.Match[str]) -> str:
        if match[2] is not None:
            return match[2]
        code = int(match[1], 16)
        return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else "\ufffd"

    return _ESCAPE.sub(sign, text)
