"""The page behind a share link: the video and what it shows, in one HTML file without scripts."""

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 80rem; padding: 1rem }
h1 { font-size: 1.25rem; font-weight: 600; margin: 0 0 .75rem }
video, img { display: block; width: 100%; height: auto; background: #000; border-radius: 6px }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: 1rem 0 }
footer { opacity: .75; font-size: .875rem; display: flex; flex-wrap: wrap; gap: 0 1rem }
""".strip()
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; media-src 'self'; img-src 'self'; style-src 'sha256-{_STYLE_HASH}';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, no-store",
}
_VIDEOS: Final = ("mp4", "webm")
_TAG: Final = re.compile(r"</?(?:details|summary|br|sub|sup|b|i|code|p)\s*/?>", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
# Bold, code, headings.
_MARK: Final = re.compile(r"\*\*|(?<!\\)`|^#{1,6} ", re.MULTILINE)
_SENTENCE: Final = re.compile(r".+?(?:[.!?](?=\s)|$)")
_LONGEST_TITLE: Final = 140


def page(files: Sequence[Mapping[str, Any]], at: str, summary: str | None, expires: str) -> str:
    """`files`: those that the link opens. `at`: its address, without a slash at its end. `summary`: clip.md, None when it is not opened."""
    by_kind = {str(file["kind"]): file for file in files}
    text = plain(summary) if summary else ""
    title = _title(text)
    links = " ".join(f'<a href="{_url(at, file)}" download>{html.escape(str(file["name"]))}</a>' for file in files)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(title)}</h1>\n{_picture(by_kind, at)}\n"
        + (f"<pre>{html.escape(text)}</pre>\n" if text else "")
        + f"<footer>{links} <span>This link works until {html.escape(expires)}.</span></footer>\n</body>\n</html>\n"
    )


def plain(markdown: str) -> str:
    """Markdown as text for people: without folding tags, marks and escapes."""
    return html.unescape(_ESCAPED.sub(r"\1", _MARK.sub("", _TAG.sub("", markdown)))).strip()


def _title(text: str) -> str:
    """The first sentence, or as much of it as a title holds."""
    sentence = _SENTENCE.match(text.partition("\n")[0])
    first = sentence[0] if sentence else "A recorded session"
    if len(first) <= _LONGEST_TITLE:
        return first
    head = first[:_LONGEST_TITLE]
    return f"{head.rpartition('; ')[0] or head.rpartition(' ')[0] or head} …"


def _picture(by_kind: Mapping[str, Mapping[str, Any]], at: str) -> str:
    videos = [by_kind[kind] for kind in _VIDEOS if kind in by_kind]
    if videos:
        first, poster, captions = videos[0], by_kind.get("poster"), by_kind.get("captions")
        sources = "".join(
            f'<source src="{_url(at, each)}" type="{html.escape(str(each["content_type"]))}">' for each in videos
        )
        track = f'<track kind="captions" srclang="en" label="Steps" src="{_url(at, captions)}">' if captions else ""
        shown = f' poster="{_url(at, poster)}"' if poster else ""
        return f'<video controls playsinline preload="metadata"{_size(first)}{shown}>{sources}{track}</video>'
    picture = by_kind.get("gif") or by_kind.get("poster")
    return f'<img src="{_url(at, picture)}"{_size(picture)} alt="The recorded session">' if picture else ""


def _size(file: Mapping[str, Any]) -> str:
    width, height = file.get("width_px"), file.get("height_px")
    return f' width="{int(width)}" height="{int(height)}"' if width and height else ""


def _url(at: str, file: Mapping[str, Any]) -> str:
    return html.escape(f"{at}/{file['name']}")
