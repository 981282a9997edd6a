"""A finished clip is made to fit a limit: measured in the file, compared with the clip. Real ffmpeg, real clips of ours."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image

from renderer.encode import look
from renderer.encode.encoder import Encoder
from renderer.encode.model import EncodedFile
from renderer.encode.probe import box_order
from renderer.encode.refit.refit import Refitted, refit
from renderer.encode.refit.work import refit_folder
from renderer.errors import EncodeError
from renderer.request import Output, OutputFormat
from renderer.settings import Settings
from renderer.story.model import Chapter
from tests.integration.encode_pictures import captured, decoded, number_of, numbered, plan_for, some_indices

SIZE = (640, 360)
FRAMES = 100
END_MS = FRAMES * 40
CHAPTERS = (
    Chapter(start_ms=0, end_ms=2000, title="Opened “Billing help”"),
    Chapter(start_ms=2000, end_ms=END_MS, title="a=b; #c 日本語 🎉"),
)


def busy(index: int) -> Image.Image:
    """Numbered, with a patch of faint noise that no encoder gets for nothing."""
    image = numbered(index, SIZE)
    noise = bytes(160 + byte // 4 for byte in random.Random(index).randbytes(160 * 90))
    image.paste(Image.frombytes("L", (160, 90), noise).convert("RGB"), (400, 200))
    return image


def make_clip(folder: Path, kind: OutputFormat = "mp4", fps: int = 25) -> EncodedFile:
    """The last picture stands for a second: what would stretch or cut it, shows."""
    segments = captured(folder / "pictures", [0, 41, FRAMES], some_indices(FRAMES - fps, 2), busy)
    with Encoder(
        plan_for(segments, fps, SIZE), [Output(format=kind)], folder / "work", Settings(), CHAPTERS
    ) as encoder:
        for segment in segments:
            encoder.add(segment)
        (file,) = encoder.finish().files
    return file


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> EncodedFile:
    return make_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(work_dir=tmp_path / "rooms")


def fitted(
    clip: EncodedFile,
    target: Path,
    max_bytes: int,
    settings: Settings,
    kind: Literal["mp4", "gif"] = "mp4",
    max_side_px: int | None = None,
) -> Refitted:
    made = refit(clip.path, target, kind=kind, max_bytes=max_bytes, settings=settings, max_side_px=max_side_px)
    assert made.path == target
    assert made.bytes == target.stat().st_size <= max_bytes
    return made


def probed(path: Path) -> dict[str, Any]:
    argv = ["ffprobe", "-v", "error", "-show_chapters", "-show_streams", "-show_format", "-of", "json", str(path)]
    shown: dict[str, Any] = json.loads(subprocess.check_output(argv))
    return shown


def chapters_in(path: Path) -> list[tuple[int, int, str]]:
    return [
        (round(float(one["start_time"]) * 1000), round(float(one["end_time"]) * 1000), one["tags"]["title"])
        for one in probed(path)["chapters"]
    ]


def likeness_db(path: Path, clip: EncodedFile) -> float:
    """The least of five moments a second, at the size of the smaller picture; the film may be a slot (0.34 s) behind."""
    made, due = decoded(path, 25), decoded(clip.path, 25)
    assert len(made) == len(due)
    return min(
        max(
            look.psnr_db(look.difference(one, other.resize(one.size, Image.Resampling.LANCZOS)))
            for other in due[max(0, place - 9) : place + 1]
        )
        for place, one in list(enumerate(made))[::5]
    )


@pytest.mark.parametrize(("percent", "floor_db"), [(60, 30), (25, 20), (5, 12)])
def test_a_film_fits_and_is_the_same_film(
    tmp_path: Path, clip: EncodedFile, settings: Settings, percent: int, floor_db: int
) -> None:
    made = fitted(clip, tmp_path / "fits.mp4", clip.bytes * percent // 100, settings)
    assert made.given_up[0].startswith("quality lowered (crf ")
    assert made.duration_ms == END_MS
    shown = probed(made.path)
    assert float(shown["format"]["duration"]) == END_MS / 1000
    film = next(stream for stream in shown["streams"] if stream["codec_type"] == "video")
    assert (film["codec_name"], film["pix_fmt"], film["color_space"]) == ("h264", "yuv420p", "bt709")
    assert (film["width"], film["height"]) == (made.width_px, made.height_px)
    assert int(film["nb_frames"]) > 1
    assert chapters_in(made.path) == [(one.start_ms, one.end_ms, one.title) for one in CHAPTERS]
    boxes = box_order(made.path)
    assert boxes.index("moov") < boxes.index("mdat")
    assert likeness_db(made.path, clip) > floor_db
    pictures = decoded(made.path)
    if percent > 5:
        assert [number_of(pictures[0]), number_of(pictures[-1])] == [0, number_of(decoded(clip.path)[-1])]
    assert list(settings.work_dir.iterdir()) == []  # type: ignore[union-attr]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["fits.mp4"]


def test_every_picture_keeps_its_time_when_quality_alone_goes(
    tmp_path: Path, clip: EncodedFile, settings: Settings
) -> None:
    made = fitted(clip, tmp_path / "fits.mp4", clip.bytes * 6 // 10, settings)
    assert len(made.given_up) == 1
    entries = ["-show_entries", "packet=pts_time", "-select_streams", "v", "-of", "csv=p=0"]
    times = subprocess.check_output(["ffprobe", "-v", "error", *entries, str(made.path)], text=True).split()
    assert [round(float(at.strip(",")) * 1000) for at in times] == [round(at) for at in clip.pts_ms]
    assert [number_of(one) for one in decoded(made.path)] == [number_of(one) for one in decoded(clip.path)]


def test_a_film_that_fits_is_not_encoded_again(tmp_path: Path, clip: EncodedFile, settings: Settings) -> None:
    made = fitted(clip, tmp_path / "fits.mp4", clip.bytes, settings)
    assert (made.sha256, made.given_up) == (clip.sha256, ())


def test_no_side_is_longer_than_asked(tmp_path: Path, clip: EncodedFile, settings: Settings) -> None:
    made = fitted(clip, tmp_path / "fits.mp4", clip.bytes, settings, max_side_px=321)
    assert (made.width_px, made.height_px) == (320, 180)
    assert likeness_db(made.path, clip) > 25


@pytest.mark.parametrize(("fps", "tight"), [(24, False), (25, True)])
def test_a_gif_plays_for_ever_and_as_long_as_the_film(
    tmp_path: Path, settings: Settings, fps: int, tight: bool
) -> None:
    clip = make_clip(tmp_path / "clip", fps=fps)
    made = fitted(clip, tmp_path / "fits.gif", 10_000_000, settings, "gif")
    assert made.given_up == ()
    if tight:
        made = fitted(clip, tmp_path / "fits.gif", made.bytes * 4 // 10, settings, "gif")
        assert made.given_up[0].startswith("quality lowered (colours ")
        assert any("pictures a second" in said for said in made.given_up)
    with Image.open(made.path) as image:
        assert image.info["loop"] == 0
        delays_ms = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            delays_ms.append(image.info["duration"])
    assert len(delays_ms) > 1
    assert min(delays_ms) >= 20
    assert sum(delays_ms) == made.duration_ms == round(FRAMES * 100 / fps) * 10
    pictures = decoded(made.path)
    assert number_of(pictures[0]) == 0, "the first picture is the film's"
    assert number_of(pictures[-1]) == number_of(decoded(clip.path)[-1]), "so is the last"
    assert likeness_db(made.path, clip) > (15 if tight else 25)


def test_a_webm_becomes_an_mp4_with_its_chapters(tmp_path: Path, settings: Settings) -> None:
    clip = make_clip(tmp_path / "clip", "webm", fps=24)
    made = fitted(clip, tmp_path / "fits.mp4", 10_000_000, settings)
    assert made.duration_ms == clip.duration_ms
    assert [title for _, _, title in chapters_in(made.path)] == [one.title for one in CHAPTERS]
    assert [number_of(one) for one in decoded(made.path)] == [number_of(one) for one in decoded(clip.path)]


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_a_film_of_one_picture(tmp_path: Path, settings: Settings, kind: Literal["mp4", "gif"]) -> None:
    (segment,) = captured(tmp_path / "pictures", [0, 1], [])
    with Encoder(plan_for([segment]), [Output(format="webm")], tmp_path / "work", Settings()) as encoder:
        encoder.add(segment)
        (clip,) = encoder.finish().files
    made = fitted(clip, tmp_path / f"fits.{kind}", 100_000, settings, kind)
    assert made.duration_ms == 40
    assert [number_of(one) for one in decoded(made.path)] == [0]


@pytest.mark.parametrize(("kind", "percent"), [("gif", 1000), ("mp4", 25)])
def test_a_last_picture_of_one_frame_is_what_the_viewer_is_left_with(
    tmp_path: Path, settings: Settings, kind: Literal["mp4", "gif"], percent: int
) -> None:
    segments = captured(tmp_path / "pictures", [0, 100], [*range(0, 90, 3), 98, 99])
    with Encoder(plan_for(segments), [Output(format="mp4")], tmp_path / "work", Settings()) as encoder:
        encoder.add(segments[0])
        (clip,) = encoder.finish().files
    made = fitted(clip, tmp_path / f"fits.{kind}", clip.bytes * percent // 100, settings, kind)
    assert kind == "gif" or any("pictures a second" in said for said in made.given_up)
    assert made.duration_ms == 4000
    pictures = decoded(made.path)
    assert (number_of(pictures[0]), number_of(pictures[-1])) == (0, 99)


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_the_same_film_gives_the_same_bytes(
    tmp_path: Path, clip: EncodedFile, settings: Settings, kind: Literal["mp4", "gif"]
) -> None:
    made = [
        fitted(
            clip,
            tmp_path / f"{attempt}.{kind}",
            clip.bytes // (2 if kind == "mp4" else 1) + 50_000 * (kind == "gif"),
            settings,
            kind,
        )
        for attempt in range(2)
    ]
    assert made[0].sha256 == made[1].sha256


@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_an_impossible_limit_names_the_smallest_that_was_reached(
    tmp_path: Path, clip: EncodedFile, settings: Settings, kind: Literal["mp4", "gif"]
) -> None:
    target = tmp_path / f"fits.{kind}"
    target.write_bytes(b"older")
    with pytest.raises(EncodeError) as caught:
        refit(clip.path, target, kind=kind, max_bytes=1000, settings=settings)
    assert caught.value.code == "cannot_fit"
    said = caught.value.message
    assert said.startswith(f"the {kind} file cannot be made as small as the limit of 1,000 bytes: the smallest that")
    smallest = int(said.partition("reached is ")[2].partition(" ")[0].replace(",", ""))
    assert target.read_bytes() == b"older"
    assert fitted(clip, target, smallest, settings, kind).bytes > 1000


@pytest.mark.parametrize("damage", ["cut", "no index", "text", "empty", "gone", "a list", "sound"])
def test_what_is_no_whole_film_is_refused_in_one_line(
    tmp_path: Path, clip: EncodedFile, settings: Settings, damage: str
) -> None:
    source = tmp_path / "source.mp4"
    whole = clip.path.read_bytes()
    if damage == "sound":
        argv = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=duration=1", str(source)]
        subprocess.run(argv, check=True)
    elif damage != "gone":
        content = {
            "cut": whole[: len(whole) * 2 // 3],
            "no index": whole.replace(b"moov", b"gone"),
            "text": b"What do you mean, a film?",
            "empty": b"",
            "a list": f"ffconcat version 1.0\nfile {clip.path}\n".encode(),
        }
        source.write_bytes(content[damage])
    with pytest.raises(EncodeError) as caught:
        refit(source, tmp_path / "fits.mp4", kind="mp4", max_bytes=10_000_000, settings=settings)
    assert caught.value.code == "not_a_film"
    assert "\n" not in caught.value.message
    assert str(tmp_path) not in caught.value.message
    assert not (tmp_path / "fits.mp4").exists()


@pytest.mark.parametrize("share", [0.5, 2])
def test_a_damaged_picture_is_refused(tmp_path: Path, clip: EncodedFile, settings: Settings, share: float) -> None:
    """Also when the file would have fitted as it is."""
    whole = bytearray(clip.path.read_bytes())
    start = whole.index(b"mdat")
    for at in range(start + 2000, len(whole) - 1000, 500):
        whole[at : at + 60] = bytes(60)
    source = tmp_path / "source.mp4"
    source.write_bytes(whole)
    with pytest.raises(EncodeError) as caught:
        refit(source, tmp_path / "fits.mp4", kind="mp4", max_bytes=int(len(whole) * share), settings=settings)
    assert "\n" not in caught.value.message
    assert not (tmp_path / "fits.mp4").exists()


def test_a_killed_run_leaves_nothing_under_the_name(tmp_path: Path, clip: EncodedFile, settings: Settings) -> None:
    """What it leaves in the work folder is swept by the next one."""
    work_dir = settings.work_dir
    assert work_dir is not None
    target = tmp_path / "out" / "fits.mp4"
    target.parent.mkdir()
    code = (
        "import sys; from pathlib import Path; from renderer.encode.refit.refit import refit; from renderer.settings import Settings\n"
        "refit(Path(sys.argv[1]), Path(sys.argv[2]), kind='mp4', max_bytes=int(sys.argv[3]), settings=Settings(work_dir=Path(sys.argv[4])))"
    )
    argv = [sys.executable, "-c", code, str(clip.path), str(target), str(clip.bytes // 4), str(work_dir)]
    process = subprocess.Popen(argv)
    deadline = time.monotonic() + 60
    while not list(work_dir.glob("*/half-*.mp4")):
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert list(target.parent.iterdir()) == []
    (left,) = work_dir.iterdir()
    with refit_folder(settings) as folder:
        assert folder.parent == work_dir.resolve()
        assert not left.exists()
