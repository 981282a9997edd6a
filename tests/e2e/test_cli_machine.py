"""A machine that lacks something: exit code 1, and the line says what to install or to set."""

import json

import pytest

from tests.e2e import painted
from tests.e2e.program import Program, clip
from tests.unit.recordings import custom, dump, full, meta, mutation


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("RENDERER_FFMPEG", "/nonexistent", "/nonexistent was not found: install it"),
        ("RENDERER_FFPROBE", "/nonexistent", "/nonexistent was not found: install it"),
        ("RENDERER_CHROMIUM", "/nonexistent", "RENDERER_CHROMIUM is not a program: /nonexistent"),
        ("RENDERER_WORK_DIR", "/proc/nonexistent", "no work folder can be made in /proc/nonexistent: "),
    ],
)
def test_missing(setting: str, value: str, message: str, renderer: Program) -> None:
    (renderer.folder / "session.json").write_text(dump(painted.session()))
    with renderer.leaving_nothing():
        result = renderer(*clip("session.json", "-o", "bug.mp4"), env={setting: value}, timeout_s=30)
    assert (result.code, result.out) == (1, "")
    assert message in result.error


def test_a_chromium_that_does_not_start(renderer: Program) -> None:
    (renderer.folder / "session.json").write_text(dump(painted.session()))
    broken = renderer.folder / "chromium-headless-shell"
    broken.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Chromium 1.2.3.4\n')
    broken.chmod(0o755)
    with renderer.leaving_nothing():
        result = renderer(*clip("session.json", "-o", "bug.mp4"), env={"RENDERER_CHROMIUM": str(broken)}, timeout_s=60)
    assert (result.code, result.out) == (1, "")
    assert "renderer doctor" in result.error


def test_an_encoder_that_writes_nothing(renderer: Program) -> None:
    (renderer.folder / "session.json").write_text(dump(painted.session()))
    with renderer.leaving_nothing():
        result = renderer(*clip("session.json", "-o", "bug.mp4"), env={"RENDERER_FFMPEG": "true"}, timeout_s=60)
    assert (result.code, result.out) == (1, "")


def test_the_doctor_says_the_same(renderer: Program) -> None:
    result = renderer("doctor", "--json", env={"RENDERER_FFMPEG": "/nonexistent"})
    assert (result.code, result.err) == (1, "")
    told = json.loads(result.out)
    assert told["ok"] is False
    wrong = [check for check in told["checks"] if check["needed"] and not check["ok"]]
    assert wrong
    assert all("ffmpeg" in check["name"] or "ffmpeg" in check["detail"] for check in wrong)


def test_a_blank_page_is_no_success(renderer: Program) -> None:
    (renderer.folder / "session.json").write_text(dump([meta(0), full(5), custom(800, "nothing")]))
    with renderer.leaving_nothing():
        result = renderer(*clip("session.json", "-o", "bug.mp4"))
    assert (result.code, result.out) == (1, "")
    assert "there is nothing to film" in result.error


def test_a_page_that_is_only_yellow_for_a_while_is_not_blank(renderer: Program) -> None:
    """rgb(255, 255, 0) was taken for transparent: it ends like the rgba() of nothing."""
    box = {
        "type": 2,
        "tagName": "div",
        "attributes": {"style": "height:200px;background:#ff0"},
        "childNodes": [],
        "id": 9,
    }
    there = mutation(200, [{"parentId": 3, "nextId": None, "node": box}])
    gone = mutation(600, removes=[{"parentId": 3, "id": 9}])
    (renderer.folder / "session.json").write_text(dump([meta(0), full(5), there, gone, custom(800, "end")]))
    result = renderer(*clip("session.json", "-o", "bug.mp4", "-q"))
    assert (result.code, result.err) == (0, "")
