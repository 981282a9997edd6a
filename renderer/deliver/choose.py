"""Which files of a clip go up: the best that the system takes, made to fit where they are too large."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from renderer.deliver.model import MIB, Capabilities
from renderer.deliver.parcel import FileKind, Fit, Parcel, ParcelFile
from renderer.errors import EncodeError

INLINE_GIF_BYTES: Final = 8 * MIB
"""Of a GIF that is made for a note: whoever opens the ticket loads it, asked or not."""
SMALLEST_BYTES: Final = 64 * 1024
_GIF_SHARE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Choice:
    """`notes`: what was given up, in plain words."""

    files: tuple[ParcelFile, ...]
    notes: tuple[str, ...]


def choose(parcel: Parcel, takes: Mapping[FileKind, int | None], can: Capabilities, fit: Fit) -> Choice:
    """`takes`: of `System.vet`, less what was refused meanwhile; 0 is refused.

    A film to be watched in full, and beside it a GIF where a note shows pictures but plays no film. Where neither fits, the poster.
    """
    if not takes:
        return Choice((), ())
    notes: list[str] = []
    room = can.total_bytes
    film = parcel.file("mp4") or parcel.file("webm")
    film_kind: FileKind = "mp4"
    if film is not None and film.kind == "webm" and _limit(takes, "webm") != 0:
        film_kind = "webm"
    picture = None
    if _wants_gif(can, takes, film_kind):
        allowed = _least(_limit(takes, "gif"), None if room is None else int(room * _GIF_SHARE))
        picture = _gif(parcel, film, allowed, fit, notes)
    if room is not None and picture is not None:
        room -= picture.bytes
    taken = None
    if film is not None:
        taken = _film(film, film_kind, takes, room, fit, notes)
    files = tuple(file for file in (picture, taken) if file is not None)
    if not files and (poster := parcel.file("poster")) is not None:
        allowed = _least(_limit(takes, "poster"), room)
        if allowed is None or poster.bytes <= allowed:
            notes.append("only a picture of the moment is attached, as nothing that moves was taken")
            files = (poster,)
    return Choice(files, tuple(notes))


def _wants_gif(can: Capabilities, takes: Mapping[FileKind, int | None], film: FileKind) -> bool:
    if _limit(takes, "gif") == 0:
        return False
    return "gif" in can.inline and (film not in can.inline or _limit(takes, film) == 0)


def _gif(parcel: Parcel, film: ParcelFile | None, allowed: int | None, fit: Fit, notes: list[str]) -> ParcelFile | None:
    own = parcel.file("gif")
    if own is not None and (allowed is None or own.bytes <= allowed):
        return own
    source = film or own
    if source is None:
        return None
    return _fitted(source, "gif", min(INLINE_GIF_BYTES, allowed or INLINE_GIF_BYTES), fit, notes)


def _film(
    film: ParcelFile,
    kind: FileKind,
    takes: Mapping[FileKind, int | None],
    room: int | None,
    fit: Fit,
    notes: list[str],
) -> ParcelFile | None:
    """`kind`: as which it goes, if it fits as it is; made smaller it is an MP4 in any case."""
    as_is = _least(_limit(takes, kind), room)
    if film.kind == kind and (as_is is None or film.bytes <= as_is):
        return film
    allowed = _least(_limit(takes, "mp4"), room)
    if allowed == 0:
        notes.append("the film is not attached, as its type is not taken")
        return None
    return _fitted(film, "mp4", film.bytes * 2 if allowed is None else allowed, fit, notes)


def _fitted(
    source: ParcelFile, kind: Literal["mp4", "gif"], most_bytes: int, fit: Fit, notes: list[str]
) -> ParcelFile | None:
    if most_bytes >= SMALLEST_BYTES:
        try:
            made = fit(source, kind, most_bytes)
        except EncodeError as error:
            if error.code not in {"cannot_fit", "not_a_film"}:
                raise
        else:
            notes.extend(f"{made.name}: {said}" for said in made.given_up)
            return replace(made, kind=kind)
    notes.append(f"no {kind.upper()} is attached, as none of {most_bytes:,} bytes can be read")
    return None


def _limit(takes: Mapping[FileKind, int | None], kind: FileKind) -> int | None:
    return takes.get(kind, 0)


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)
