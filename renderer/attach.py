"""From a finished clip to what goes on a ticket."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, cast, get_args

from pydantic import ValidationError

from renderer.deliver.parcel import FileKind, Fit, Parcel, ParcelFile, Watch
from renderer.errors import RequestError
from renderer.manifest.model import Manifest, MomentFacts
from renderer.rules.model import SEVERITIES
from renderer.settings import Settings

_LEAD_MS: Final = 3000
"""How long before the moment a link into the replay begins: who follows it wants to see how it came to that."""
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


def read_manifest(path: Path) -> Manifest:
    """A clip.json. Raises RequestError: clip_not_found, not_a_clip."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise RequestError(
            "clip_not_found",
            f"{path} cannot be read: {error.strerror}; give the clip.json that stands beside a finished clip",
        ) from None
    try:
        return Manifest.model_validate_json(text)
    except ValidationError:
        raise RequestError(
            "not_a_clip", f"{path.name} is not the manifest of a clip: give the clip.json that stands beside it"
        ) from None


def files_beside(manifest: Manifest, manifest_path: Path) -> dict[str, Path]:
    """The clip's files by kind: they stand beside its manifest, wherever they were made. Raises RequestError: clip_file_missing, clip_file_changed."""
    found: dict[str, Path] = {}
    for file in manifest.files:
        path = manifest_path.parent / Path(file.path).name
        if not path.is_file():
            raise RequestError(
                "clip_file_missing", f"{path.name} is not beside {manifest_path.name}: keep a clip's files together"
            )
        if path.stat().st_size != file.bytes or _sha256(path) != file.sha256:
            raise RequestError(
                "clip_file_changed", f"{path.name} is not the file that the clip was made with: make the clip again"
            )
        found[file.kind] = path
    return found


def parcel_of(
    manifest: Manifest,
    files: Mapping[str, Path],
    summary: str,
    *,
    key: str,
    is_public: bool = False,
    accepts: frozenset[str] = frozenset(),
    watch: Callable[[], Watch] | None = None,
) -> Parcel:
    """`files`: by kind, those that are on this machine's disk; see `Parcel` for the rest."""
    return Parcel(
        key=key,
        summary=summary,
        files=tuple(
            ParcelFile(cast(FileKind, file.kind), _safe_name(file.path), files[file.kind], file.bytes, file.sha256)
            for file in manifest.files
            if file.kind in get_args(FileKind) and file.kind in files
        ),
        replay_url=manifest.recording.replay_url,
        moment_ms=_moment_ms(manifest),
        time_map=tuple((piece.video_ms, piece.session_ms, piece.speed) for piece in manifest.time_map),
        watch=watch,
        is_public=is_public,
        accepts=accepts,
    )


def fit_in(folder: Path, settings: Settings) -> Fit:
    """Makes smaller files in `folder`, which has to outlive the delivery."""
    from renderer.encode.refit.refit import refit  # who only answers requests, or sends what fits, needs no ffmpeg

    def fit(source: ParcelFile, kind: Literal["mp4", "gif"], most_bytes: int) -> ParcelFile:
        name = Path(source.name).with_suffix(f".{kind}").name
        target = folder / f"{most_bytes}" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        made = refit(source.path, target, kind=kind, max_bytes=most_bytes, settings=settings)
        return ParcelFile(kind, name, made.path, made.bytes, made.sha256, made.given_up)

    return fit


def _safe_name(path: str) -> str:
    """As every ticket system's markup, headers and addresses can hold it: `bug report.mp4` goes as `bug-report.mp4`."""
    file = Path(path)
    return f"{_UNSAFE.sub('-', file.stem).strip('-.') or 'clip'}{file.suffix.lower()}"


def _moment_ms(manifest: Manifest) -> int:
    shown = [moment for moment in manifest.moments if moment.video_ms is not None]
    if not shown:
        return manifest.range.from_ms
    return max(manifest.range.from_ms, min(shown, key=_rank).at_ms - _LEAD_MS)


def _rank(moment: MomentFacts) -> tuple[int, int]:
    """The one that was asked for goes first, then the gravest."""
    if moment.rule is None:
        return -len(SEVERITIES), moment.at_ms
    return -SEVERITIES.index(moment.severity) if moment.severity in SEVERITIES else 1, moment.at_ms


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
