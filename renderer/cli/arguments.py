"""From what was typed after `renderer clip` to a request, before any work is done."""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from renderer.errors import RequestError
from renderer.plan.overlays import parse_overlays
from renderer.plan.timecode import parse_timecode
from renderer.request import ClipRequest, OutputFormat

_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([kmg]?)(i?)b?", re.ASCII | re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3}
_BESIDE = (".json", ".png", ".vtt", ".md")
_TYPED = {"range": "--from and --to", "recording": "RECORDING", "outputs": "--output"}


def parse_bytes(text: str) -> int:
    """`10MB`, `8MiB`, `500k`, `1.5m`, `8000000`. Decimal units, binary with an i. RequestError `bad_size`."""
    match = _SIZE.fullmatch(text.strip())
    if match is None or (match[3] and not match[2]):
        raise RequestError("bad_size", f"a size in bytes is written 10MB, 8MiB, 500k or 8000000, not {text!r}")
    count = int(Decimal(match[1]) * (1024 if match[3] else 1000) ** _POWERS[match[2].lower()])
    if count < 1:
        raise RequestError("bad_size", "--max-bytes must be at least one byte")
    return count


def choose_outputs(paths: Sequence[Path], inputs: Mapping[str, str | None]) -> dict[OutputFormat, Path]:
    """The formats, by suffix. `inputs` are what is read, by what a person calls it: none may be written over.

    RequestError: `unknown_format`, `duplicate_format`, `bad_output`, `output_is_input`.
    """
    outputs: dict[OutputFormat, Path] = {}
    formats = {f".{name}": name for name in get_args(OutputFormat)}
    for path in paths:
        kind: OutputFormat | None = formats.get(path.suffix.lower())
        if kind is None:
            raise RequestError(
                "unknown_format",
                f"{path.name or path} does not end in {', '.join(formats)}: the suffix says which format is wanted",
            )
        if kind in outputs:
            raise RequestError("duplicate_format", f"{kind} is asked for twice: give each format one --output")
        for what, name in inputs.items():
            if name is not None:
                _refuse_overwriting(path, what, Path(name))
        _check_folder(path)
        outputs[kind] = path
    return outputs


def _refuse_overwriting(path: Path, what: str, read: Path) -> None:
    """Beside clip.mp4 stand clip.json and others: a recording of that name would be lost."""
    for written in (path, *(path.with_suffix(suffix) for suffix in _BESIDE)):
        try:
            same = written.samefile(read)
        except (OSError, ValueError):  # one of them is not there, or is not a path at all
            continue
        if same:
            along = "" if written == path else f" (it comes with {path.name})"
            raise RequestError(
                "output_is_input",
                f"{written.name} would be written over the {what}{along}: give --output another name",
            )


def _check_folder(path: Path) -> None:
    folder = path.parent
    if path.is_dir():
        raise RequestError("bad_output", f"{path.name} is a folder: --output is the name of a file")
    if not folder.is_dir():
        raise RequestError("bad_output", f"the folder {folder} does not exist: make it first")
    try:
        # Asking for permission is not enough: a read-only or a full disk, or /proc, says so only when written to.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x")
            probe.flush()
    except OSError as error:
        raise RequestError(
            "bad_output", f"the folder {folder} cannot be written ({error.strerror}): choose another for --output"
        ) from error


def build_request(
    recording: str, formats: Sequence[OutputFormat], times: tuple[str | None, str | None], fields: Mapping[str, Any]
) -> ClipRequest:
    """`fields` as ClipRequest names them, `max_bytes` as text, None for what was not given. RequestError `bad_request`."""
    given = {name: value for name, value in fields.items() if value is not None}
    parse_overlays(given.get("overlays", "auto"))
    limit = given.pop("max_bytes", None)
    limit_bytes = None if limit is None else parse_bytes(limit)
    span = {
        name: parse_timecode(text) for name, text in zip(("from_ms", "to_ms"), times, strict=True) if text is not None
    }
    try:
        return ClipRequest.model_validate(
            given
            | {
                "recording": recording,
                "range": span,
                "outputs": [{"format": kind, "max_bytes": limit_bytes} for kind in formats],
            }
        )
    except ValidationError as error:
        raise RequestError("bad_request", describe(error, _option)) from None


def moment_of(name: str | None, before: str | None, after: str | None) -> dict[str, Any]:
    """The field `moment`, when any of the three was given. RequestError `bad_time`."""
    told: dict[str, Any] = {} if name is None else {"name": name}
    for field, text in (("before_ms", before), ("after_ms", after)):
        if text is not None:
            told[field] = parse_timecode(text)
    return {"moment": told} if told else {}


def describe(error: ValidationError, name: Callable[[str], str] = str) -> str:
    """The first complaint on one line, without the value: it may be a secret."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    said = first["msg"].removeprefix("Value error, ")
    return f"{name(str(first['loc'][0]))}: {said[:1].lower()}{said[1:]}" if first["loc"] else said


def _option(field: str) -> str:
    return _TYPED.get(field, "--" + field.replace("_", "-"))
