"""A segment on its way between workers: it comes out as it went in, or not at all."""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.capture.tally import Tally
from renderer.errors import OperationError
from renderer.frames import CapturedSegment, Frame, Sprite
from renderer.jobs.render.pack import Noted, read_pack, write_pack
from renderer.player.protocol import Report

PICTURES = [b"\x89PNG first" * 50, b"\x89PNG second" * 80]
ARROW = Sprite("arrow", 12, 34, 1.5)
RING = Sprite("ring", -3, 4, 1.0, step=2)


def segment(folder: Path) -> CapturedSegment:
    """Three frames of two pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = []
    for index, (picture, sprites) in enumerate(((0, ()), (0, (ARROW,)), (1, (ARROW, RING)))):
        path = folder / f"{picture}.png"
        path.write_bytes(PICTURES[picture])
        digest = hashlib.sha256(PICTURES[picture]).hexdigest()
        frames.append(Frame(100 + 7 * index, 4000 + index, path, digest, sprites))
    return CapturedSegment(3, 100, 140, tuple(frames))


def report(**changes: int | bool) -> Report:
    empty: dict[object, object] = {bool: False, int: 0, str: ""}
    values = {name: empty[field.annotation] for name, field in Report.model_fields.items()}
    return Report.model_validate({**values, **changes})


def noted() -> Noted:
    tally = Tally(pictures=17, late_assets=2, lost=["it died"], stilled={"b.gif", "a.gif"})
    tally.add_report("window-1", report(shown=True, events_failed=4))
    return Noted.of("wrk_1/77", tally, {"fetched": 3})


def contents(made: CapturedSegment) -> object:
    return (
        (made.number, made.first, made.end),
        [
            (frame.index, frame.session_ms, frame.sha256, frame.sprites, frame.path.read_bytes())
            for frame in made.frames
        ],
    )


def test_a_segment_comes_out_as_it_went_in(tmp_path: Path) -> None:
    given_segment = segment(tmp_path / "there")
    write_pack(given_segment, noted(), tmp_path / "a.pack")
    unpacked = read_pack(tmp_path / "a.pack", tmp_path / "here")
    assert contents(unpacked.segment) == contents(given_segment)
    assert unpacked.noted == noted()
    assert {frame.path.parent for frame in unpacked.segment.frames} == {tmp_path / "here"}
    assert len(list((tmp_path / "here").iterdir())) == 2, "a picture that is shown twice travels once"


def test_what_a_helper_noted_is_added_to_what_the_maker_noted() -> None:
    tally = Tally(pictures=3, late_assets=1, lost=["hung"], stilled={"c.gif"})
    tally.add_report("window-1", report(events_failed=9, nodes_missing=1))
    noted().add_to(tally)
    assert (tally.pictures, tally.late_assets, tally.lost) == (20, 3, ["hung", "it died"])
    assert tally.stilled == {"a.gif", "b.gif", "c.gif"}
    assert tally.assets_elsewhere == {"fetched": 3}
    together = tally.report
    assert together is not None
    assert (together.shown, together.events_failed, together.nodes_missing) == (True, 9, 1)


def members(pack: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(pack) as tar:
        found = []
        for entry in tar:
            file = tar.extractfile(entry)
            assert file is not None
            found.append((entry.name, file.read()))
    return found


def tarred(entries: list[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def told_as(facts: bytes, pack: Path) -> bytes:
    """With other facts, honestly named."""
    return tarred([(f"{hashlib.sha256(facts).hexdigest()}.json", facts), *members(pack)[1:]])


def linked(pack: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        entry = tarfile.TarInfo(members(pack)[0][0])
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)
    return out.getvalue()


Damage = Callable[[Path], bytes]
DAMAGES: dict[str, Damage] = {
    "nothing": lambda pack: b"",
    "no tar": lambda pack: b"<html>502 Bad Gateway</html>" * 100,
    "an empty tar": lambda pack: tarred([]),
    "cut in the facts": lambda pack: pack.read_bytes()[:700],
    "cut in a picture": lambda pack: pack.read_bytes()[:2700],
    "cut between pictures": lambda pack: tarred(members(pack)[:2]),
    "without pictures": lambda pack: tarred(members(pack)[:1]),
    "without facts": lambda pack: tarred(members(pack)[1:]),
    "facts that are none": lambda pack: told_as(b"[1, 2]", pack),
    "facts that lack something": lambda pack: told_as(b'{"number": 1}', pack),
    "a picture that was changed": lambda pack: pack.read_bytes().replace(b"PNG second", b"PNG secOnd", 1),
    "pictures that were swapped": lambda pack: tarred(
        [members(pack)[0], (members(pack)[1][0], members(pack)[2][1]), members(pack)[2]]
    ),
    "a name that leads out": lambda pack: tarred([members(pack)[0], ("../out.png", b"x"), *members(pack)[1:]]),
    "a link": linked,
    "a sprite of no kind": lambda pack: told_as(members(pack)[0][1].replace(b'"kind"', b'"king"'), pack),
    "a frame that is shown at another time": lambda pack: pack.read_bytes().replace(b'"index":107', b'"index":108', 1),
    "compressed": lambda pack: gzip.compress(pack.read_bytes()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_of_every_kind(damage: str, tmp_path: Path) -> None:
    write_pack(segment(tmp_path / "there"), noted(), tmp_path / "a.pack")
    (tmp_path / "b.pack").write_bytes(DAMAGES[damage](tmp_path / "a.pack"))
    assert (tmp_path / "b.pack").read_bytes() != (tmp_path / "a.pack").read_bytes()
    with pytest.raises(OperationError) as told:
        read_pack(tmp_path / "b.pack", tmp_path / "in" / "here")
    assert (told.value.code, told.value.retryable) == ("pack_damaged", True)
    assert not (tmp_path / "in" / "out.png").exists()


def test_a_pack_that_says_that_it_is_huge_is_not_read(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("00.json")
    entry.size = 1 << 40
    (tmp_path / "a.pack").write_bytes(entry.tobuf() + b"{}")
    with pytest.raises(OperationError, match="damaged"):
        read_pack(tmp_path / "a.pack", tmp_path / "here")


@given(edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 600), st.binary(max_size=600)), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_was_changed_a_pack_gives_what_was_filmed_or_nothing(
    edits: list[tuple[float, int, bytes]], tmp_path: Path
) -> None:
    given_segment = segment(tmp_path / "there")
    write_pack(given_segment, noted(), tmp_path / "a.pack")
    data = (tmp_path / "a.pack").read_bytes()
    for where, removed, inserted in edits:
        start = int(where * len(data))
        data = data[:start] + inserted + data[start + removed :]
    (tmp_path / "b.pack").write_bytes(data)
    try:
        unpacked = read_pack(tmp_path / "b.pack", tmp_path / "here")
    except OperationError as error:
        assert error.code == "pack_damaged"
        return
    assert contents(unpacked.segment) == contents(given_segment)
    assert unpacked.noted == noted()
