"""`renderer attach` and `renderer destinations`, typed: the real program against a stand-in of Zendesk on loopback."""

import hashlib
import json
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.e2e.program import Program
from tests.made_clips import clip_files, write_clip
from tests.vendors.base import Reply
from tests.vendors.zendesk import ZendeskVendor

TICKET = "zendesk:48213"


@pytest.fixture
def zendesk() -> Iterator[ZendeskVendor]:
    with ZendeskVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def env(zendesk: ZendeskVendor) -> Mapping[str, str]:
    return {f"RENDERER_ZENDESK_{name.upper()}": value for name, value in zendesk.settings().items()}


@pytest.fixture
def clip(renderer: Program) -> Path:
    return write_clip(renderer.folder / "clips")


def waits_for_a_lock(pid: int) -> None:
    """Linux tells of locks that are waited for by "->" before their kind."""
    until_s = time.monotonic() + 30
    while not any("->" in line and f" {pid} " in line for line in Path("/proc/locks").read_text().splitlines()):
        assert time.monotonic() < until_s
        time.sleep(0.02)


def last(text: str) -> str:
    return text.splitlines()[-1].removeprefix("renderer: error: ")


def test_a_clip_is_attached_once_however_often_it_is_typed(
    renderer: Program, clip: Path, zendesk: ZendeskVendor, env: Mapping[str, str]
) -> None:
    first = renderer("attach", "clips/clip.json", "--to", TICKET, env=env)
    assert first.code == 0, first.err
    assert f"{zendesk.url}/agent/tickets/48213  attached, internal" in first.out
    assert "clip.mp4" in first.out
    assert "renderer: Zendesk: sending clip.mp4" in first.err
    (note,) = zendesk.notes()
    assert note.files == {name: clip_files()[name] for name in ("clip.mp4", "clip.gif")}
    asked = len(zendesk.asked)
    again = renderer("attach", clip, "--to", "zendesk:#48213", env=env)
    assert again.code == 0
    assert "attached before" in again.out
    assert len(zendesk.asked) == asked


def test_json_is_all_that_is_printed(
    renderer: Program, clip: Path, zendesk: ZendeskVendor, env: Mapping[str, str]
) -> None:
    done = renderer("attach", clip, "--to", TICKET, "--public", "--json", env=env)
    assert done.code == 0
    (receipt,) = json.loads(done.out)["receipts"]
    assert (receipt["to"], receipt["is_public"], receipt["way"]) == (TICKET, True, "attached")
    film = next(file for file in receipt["files"] if file["kind"] == "mp4")
    assert film["sha256"] == hashlib.sha256(clip_files()["clip.mp4"]).hexdigest()
    assert zendesk.notes()[0].is_public


def test_a_busy_server_is_waited_for_and_it_is_said(
    renderer: Program, clip: Path, zendesk: ZendeskVendor, env: Mapping[str, str]
) -> None:
    zendesk.fail("instead", Reply(429, {}, {"Retry-After": "1"}))
    done = renderer("attach", clip, "--to", TICKET, env=env)
    assert done.code == 0, done.err
    assert "Zendesk limits requests: try again in 1 s; trying again in" in done.err
    assert len(zendesk.notes()) == 1


def test_a_long_wait_is_left_to_the_caller(
    renderer: Program, clip: Path, zendesk: ZendeskVendor, env: Mapping[str, str]
) -> None:
    zendesk.fail("instead", Reply(429, {}, {"Retry-After": "3600"}))
    done = renderer("attach", clip, "--to", TICKET, env=env)
    assert done.code == 1
    assert last(done.err) == "Zendesk limits requests: try again in 3600 s"
    assert renderer("attach", clip, "--to", TICKET, env=env).code == 0
    assert len(zendesk.notes()) == 1


def test_killed_while_the_note_is_posted_it_is_posted_once(
    renderer: Program, clip: Path, zendesk: ZendeskVendor, env: Mapping[str, str]
) -> None:
    done = zendesk.hold_after_post()
    process = renderer.start("attach", clip, "--to", TICKET, env=env)
    assert done.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    zendesk.release()
    assert len(zendesk.notes()) == 1
    again = renderer("attach", clip, "--to", TICKET, env=env)
    assert again.code == 0, again.err
    assert "attached by an attempt whose answer was lost" in again.out
    assert len(zendesk.notes()) == 1


def test_two_at_once_attach_once(renderer: Program, clip: Path, zendesk: ZendeskVendor, env: Mapping[str, str]) -> None:
    done = zendesk.hold_after_post()
    first = renderer.start("attach", clip, "--to", TICKET, env=env)
    assert done.wait(60)
    second = renderer.start("attach", clip, "--to", TICKET, env=env)
    waits_for_a_lock(second.pid)
    zendesk.release()
    assert (first.wait(60), second.wait(60)) == (0, 0)
    assert len(zendesk.notes()) == 1


def test_a_clip_is_taken_away_and_attached_anew(
    renderer: Program, clip: Path, zendesk: ZendeskVendor, env: Mapping[str, str]
) -> None:
    early = renderer("attach", clip, "--to", TICKET, "--withdraw", env=env)
    assert (early.code, last(early.err)) == (
        2,
        "this clip was not delivered to Zendesk from here: there is nothing to take away",
    )
    renderer("attach", clip, "--to", TICKET, env=env)
    taken = renderer("attach", clip, "--to", TICKET, "--withdraw", env=env)
    assert (taken.code, taken.out) == (0, "taken away from Zendesk 48213\n")
    assert clip_files()["clip.mp4"] not in zendesk.notes()[0].files.values()
    assert renderer("attach", clip, "--to", TICKET, env=env).code == 0
    assert zendesk.notes()[1].files["clip.mp4"] == clip_files()["clip.mp4"]


def test_a_better_clip_takes_the_place_of_an_earlier_one(
    renderer: Program, clip: Path, zendesk: ZendeskVendor, env: Mapping[str, str]
) -> None:
    renderer("attach", clip, "--to", TICKET, env=env)
    done = renderer("attach", clip, "--to", TICKET, "--public", "--replace", env=env)
    assert done.code == 0, done.err
    assert "an earlier clip was taken away from Zendesk 48213" in done.err
    before, after = zendesk.notes()
    assert clip_files()["clip.mp4"] not in before.files.values()
    assert (after.is_public, after.files["clip.mp4"]) == (True, clip_files()["clip.mp4"])


def test_credentials_that_are_wrong_are_told_without_them(
    renderer: Program, clip: Path, zendesk: ZendeskVendor, env: Mapping[str, str]
) -> None:
    wrong = {**env, "RENDERER_ZENDESK_TOKEN": "hush-5c1e"}
    done = renderer("attach", clip, "--to", TICKET, env=wrong)
    assert (done.code, "RENDERER_ZENDESK_TOKEN" in last(done.err)) == (1, True)
    assert "hush" not in done.err + done.out
    assert zendesk.notes() == []


def test_destinations_are_listed_and_checked(renderer: Program, zendesk: ZendeskVendor, env: Mapping[str, str]) -> None:
    listed = renderer("destinations", env=env)
    assert listed.code == 0
    row = next(line for line in listed.out.splitlines() if line.startswith("zendesk "))
    assert "ready" in row
    assert "internal notes" in row
    assert "films and pictures up to 52.4 MB, gif in the note" in row
    told = {each["name"]: each for each in json.loads(renderer("destinations", "--json", env=env).out)["destinations"]}
    assert told["zendesk"]["ready"]
    assert told["github"]["lacks"] == ["RENDERER_GITHUB_TOKEN"]
    good = renderer("destinations", "check", "zendesk", env=env)
    assert (good.code, "signed in as Agent Smith" in good.out) == (0, True)
    bad = renderer("destinations", "check", "zendesk", env={**env, "RENDERER_ZENDESK_TOKEN": "hush-5c1e"})
    assert (bad.code, "wrong" in bad.out, "hush" in bad.out) == (1, True, False)
    assert renderer("destinations", "check", "nowhere", env=env).code == 2
    assert zendesk.notes() == []


def test_the_console_shows_the_note(renderer: Program, clip: Path) -> None:
    done = renderer("attach", clip, "--to", "console:try")
    assert done.code == 0
    assert "asked nora-4-mini a question" in done.out
    assert "https://us.posthog.com/project/12345/replay/" in done.out
