"""A filmed segment on its way between workers: what was noted while filming, and its pictures as they were taken, in one tar.

Each file is named by its SHA-256.
"""

import hashlib
import io
import tarfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from renderer.capture.tally import Tally
from renderer.errors import OperationError
from renderer.frames import CapturedSegment, Frame, Sprite
from renderer.player.protocol import Report

# A picture of 4096 x 4096 pixels that does not compress.
_LARGEST_BYTES: Final = 128 * 1024**2


class _Frame(msgspec.Struct, frozen=True):
    index: int
    session_ms: int
    sha256: str
    sprites: tuple[dict[str, Any], ...]


class Noted(msgspec.Struct, frozen=True):
    """What one helper noted from its beginning until this segment; a later one of the same `helper` says it all again."""

    helper: str
    pictures: int
    late_assets: int
    lost: list[str]
    stilled: list[str]
    reports: dict[str, dict[str, Any]]
    assets: dict[str, int]

    @classmethod
    def of(cls, helper: str, tally: Tally, assets: dict[str, int]) -> "Noted":
        return cls(
            helper=helper,
            pictures=tally.pictures,
            late_assets=tally.late_assets,
            lost=list(tally.lost),
            stilled=sorted(tally.stilled),
            reports={window: report.model_dump() for window, report in tally.reports.items()},
            assets=assets,
        )

    def add_to(self, tally: Tally) -> None:
        tally.pictures += self.pictures
        tally.late_assets += self.late_assets
        tally.lost += self.lost
        tally.stilled |= set(self.stilled)
        tally.assets_elsewhere.update(self.assets)
        for window, report in self.reports.items():
            tally.add_report(window, Report.model_validate(report))


class _Facts(msgspec.Struct, frozen=True):
    number: int
    first: int
    end: int
    frames: tuple[_Frame, ...]
    noted: Noted


@dataclass(frozen=True, slots=True)
class Unpacked:
    segment: CapturedSegment
    noted: Noted


def write_pack(segment: CapturedSegment, noted: Noted, path: Path) -> None:
    frames = tuple(
        _Frame(frame.index, frame.session_ms, frame.sha256, tuple(asdict(sprite) for sprite in frame.sprites))
        for frame in segment.frames
    )
    facts = msgspec.json.encode(_Facts(segment.number, segment.first, segment.end, frames, noted))
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        entry = tarfile.TarInfo(f"{hashlib.sha256(facts).hexdigest()}.json")
        entry.size = len(facts)
        tar.addfile(entry, io.BytesIO(facts))
        for sha256, picture in {frame.sha256: frame.path for frame in segment.frames}.items():
            tar.add(picture, f"{sha256}.png", recursive=False)


def read_pack(path: Path, folder: Path) -> Unpacked:
    """The segment, its pictures in `folder`. OperationError `pack_damaged` unless all of it is what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures: dict[str, Path] = {}
    facts: _Facts | None = None
    try:
        with tarfile.open(path, "r:") as tar:
            for entry in tar:
                opened = tar.extractfile(entry)
                if opened is None or entry.size > _LARGEST_BYTES:
                    raise _damaged()
                data = opened.read()
                sha256 = hashlib.sha256(data).hexdigest()
                if entry.name != f"{sha256}.{'json' if facts is None else 'png'}":
                    raise _damaged()
                if facts is None:
                    facts = msgspec.json.decode(data, type=_Facts)
                    continue
                pictures[sha256] = folder / entry.name
                pictures[sha256].write_bytes(data)
        if facts is None:
            raise _damaged()
        frames = tuple(
            Frame(
                index=frame.index,
                session_ms=frame.session_ms,
                path=pictures[frame.sha256],
                sha256=frame.sha256,
                sprites=tuple(Sprite(**sprite) for sprite in frame.sprites),
            )
            for frame in facts.frames
        )
    except (tarfile.TarError, msgspec.DecodeError, KeyError, TypeError, EOFError):
        raise _damaged() from None
    return Unpacked(CapturedSegment(facts.number, facts.first, facts.end, frames), facts.noted)


def _damaged() -> OperationError:
    return OperationError(
        "pack_damaged", "a segment that another worker filmed came back damaged from the store", retryable=True
    )
