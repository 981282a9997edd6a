"""Which files go up."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest

from renderer.deliver.choose import INLINE_GIF_BYTES, choose
from renderer.deliver.model import MIB, Capabilities
from renderer.deliver.parcel import FileKind, Parcel, ParcelFile
from renderer.errors import EncodeError

CAN = Capabilities(
    takes={"mp4": 10 * MIB, "webm": 10 * MIB, "gif": 10 * MIB, "poster": 10 * MIB},
    inline=frozenset({"gif", "poster"}),
    readers="internal",
    dialect="HTML",
    note_chars=1000,
)
FILM_PLAYS = replace(CAN, inline=frozenset({"mp4", "gif", "poster"}))


def file(kind: FileKind, size: int) -> ParcelFile:
    return ParcelFile(kind, f"clip.{kind}", Path(f"clip.{kind}"), size, f"{kind}{size}")


def parcel(**sizes: int) -> Parcel:
    kinds: tuple[FileKind, ...] = ("mp4", "webm", "gif", "poster")
    return Parcel(key="k", summary="", files=tuple(file(kind, sizes[kind]) for kind in kinds if kind in sizes))


def fit(source: ParcelFile, kind: Literal["mp4", "gif"], most_bytes: int) -> ParcelFile:
    if most_bytes < 200_000:
        raise EncodeError("cannot_fit", "too small")
    return ParcelFile(kind, f"clip.{kind}", Path("fitted"), most_bytes, "fitted", ("quality lowered",))


def chosen(
    what: Parcel, takes: Mapping[FileKind, int | None] | None = None, can: Capabilities = CAN
) -> list[tuple[str, int]]:
    return [(each.kind, each.bytes) for each in choose(what, takes or can.takes, can, fit).files]


def test_a_film_and_the_clips_own_gif_go_where_films_do_not_play() -> None:
    assert chosen(parcel(mp4=MIB, gif=2 * MIB, poster=9)) == [("gif", 2 * MIB), ("mp4", MIB)]


def test_a_gif_is_made_where_the_clip_has_none() -> None:
    assert chosen(parcel(mp4=MIB, poster=9)) == [("gif", INLINE_GIF_BYTES), ("mp4", MIB)]


def test_no_gif_goes_where_films_play() -> None:
    assert chosen(parcel(mp4=MIB, gif=MIB, poster=9), can=FILM_PLAYS) == [("mp4", MIB)]


def test_a_gif_goes_where_films_would_play_but_are_refused() -> None:
    takes: dict[FileKind, int | None] = {"mp4": 0, "gif": 5 * MIB, "poster": None}
    assert chosen(parcel(mp4=MIB, gif=MIB, poster=9), takes, FILM_PLAYS) == [("gif", MIB)]


def test_what_is_too_large_is_made_to_fit() -> None:
    takes: dict[FileKind, int | None] = {"mp4": 300_000, "gif": 250_000}
    assert chosen(parcel(mp4=MIB, gif=MIB), takes) == [("gif", 250_000), ("mp4", 300_000)]


def test_a_webm_goes_as_it_is_or_as_mp4() -> None:
    assert chosen(parcel(webm=MIB), can=FILM_PLAYS, takes={"webm": None, "gif": 0}) == [("webm", MIB)]
    assert chosen(parcel(webm=MIB), can=FILM_PLAYS, takes={"mp4": None, "gif": 0}) == [("mp4", 2 * MIB)]


def test_all_files_together_keep_to_a_limit() -> None:
    small = replace(CAN, total_bytes=MIB)
    found = chosen(parcel(mp4=3 * MIB, gif=3 * MIB), can=small)
    assert [kind for kind, _ in found] == ["gif", "mp4"]
    assert sum(size for _, size in found) <= MIB


def test_where_nothing_that_moves_fits_the_poster_goes_and_it_is_said() -> None:
    choice = choose(parcel(mp4=MIB, gif=MIB, poster=90_000), dict.fromkeys(CAN.takes, 100_000), CAN, fit)
    assert [each.kind for each in choice.files] == ["poster"]
    assert any("only a picture" in note for note in choice.notes)


def test_where_nothing_fits_nothing_goes() -> None:
    assert chosen(parcel(mp4=MIB, poster=90_000), dict.fromkeys(CAN.takes, 0)) == []


def test_what_was_given_up_is_told() -> None:
    choice = choose(parcel(mp4=MIB), {"mp4": 300_000}, CAN, fit)
    assert choice.notes == ("clip.mp4: quality lowered",)


def test_an_encoder_that_fails_otherwise_is_no_matter_of_size() -> None:
    def broken(source: ParcelFile, kind: Literal["mp4", "gif"], most_bytes: int) -> ParcelFile:
        raise EncodeError("encoder_failed", "ffmpeg failed")

    with pytest.raises(EncodeError):
        choose(parcel(mp4=MIB), {"mp4": 300_000}, CAN, broken)
