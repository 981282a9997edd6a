"""`index.csv`: one row per clip, for a spreadsheet."""

import codecs
import csv
import io
from collections.abc import Callable, Mapping
from typing import Final

from renderer.batch.index_model import ClipEntry, Index

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet calculate (https://owasp.org/www-community/attacks/CSV_Injection); the wide ones in East Asian Excel."""

_FILES: Final = ("mp4", "gif", "webm", "poster", "captions", "summary", "manifest")

Cell = str | int | None


def _path_of(kind: str) -> Callable[[ClipEntry], Cell]:
    return lambda clip: clip.files[kind].path if kind in clip.files else None


_COLUMNS: Final[Mapping[str, Callable[[ClipEntry], Cell]]] = {
    "id": lambda clip: clip.id,
    "status": lambda clip: clip.status,
    "severity": lambda clip: clip.severity,
    "title": lambda clip: clip.title,
    "rules": lambda clip: ", ".join(clip.rules),
    "moments": lambda clip: len(clip.moments),
    "session": lambda clip: clip.session,
    "recording_id": lambda clip: clip.recording_id,
    "started_at": lambda clip: clip.started_at.isoformat() if clip.started_at else None,
    "session_ms": lambda clip: clip.session_ms,
    "from_ms": lambda clip: clip.range.from_ms,
    "to_ms": lambda clip: clip.range.to_ms,
    "duration_ms": lambda clip: clip.duration_ms,
    "browser": lambda clip: clip.environment.browser,
    "os": lambda clip: clip.environment.os,
    "device": lambda clip: clip.environment.device,
    "person": lambda clip: clip.environment.person,
    "replay_url": lambda clip: clip.replay_url,
    "error_code": lambda clip: clip.error.code if clip.error else None,
    "error_message": lambda clip: clip.error.message if clip.error else None,
    **{kind: _path_of(kind) for kind in _FILES},
}


def write_csv(index: Index) -> bytes:
    """UTF-8 with a byte order mark: Excel takes a file without one for Windows-1252, and opens it with `â€œSendâ€`.

    Who reads it with a program has `index.json`, or the codec `utf-8-sig`.
    """
    labels = sorted({key for clip in index.clips for key in clip.labels})
    text = io.StringIO(newline="")
    # RFC 4180 ends lines with CR LF, csv's default.
    writer = csv.writer(text)
    writer.writerow([*_COLUMNS, *(f"label.{key}" for key in labels)])
    for clip in index.clips:
        cells = [*(read(clip) for read in _COLUMNS.values()), *(clip.labels.get(key) for key in labels)]
        writer.writerow([_harmless(cell) for cell in cells])
    return codecs.BOM_UTF8 + text.getvalue().encode()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
