"""`renderer attach --withdraw` and `renderer destinations check`, in this process: what each says, whatever is amiss."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.cli import run
from tests.made_clips import clip_files, write_clip
from tests.vendors.base import Reply
from tests.vendors.zendesk import ZendeskVendor

TICKET = "zendesk:48213"


@pytest.fixture(autouse=True)
def zendesk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZendeskVendor]:
    """Set up in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "data"))
    with ZendeskVendor() as running:
        for name, value in running.settings().items():
            monkeypatch.setenv(f"RENDERER_ZENDESK_{name.upper()}", value)
        yield running


@pytest.fixture
def clip(tmp_path: Path) -> str:
    return str(write_clip(tmp_path / "clips"))


def films(zendesk: ZendeskVendor) -> list[bool]:
    """Of each note, whether the film is on it."""
    return [clip_files()["clip.mp4"] in note.files.values() for note in zendesk.notes()]


def test_json_is_all_that_a_withdrawal_prints(
    clip: str, zendesk: ZendeskVendor, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["attach", clip, "--to", TICKET])
    capsys.readouterr()
    assert run(["attach", clip, "--to", TICKET, "--withdraw", "--json"]) == 0
    (gone,) = json.loads(capsys.readouterr().out)["withdrawn"]
    assert (gone["to"], gone["ticket"], gone["is_public"]) == (TICKET, "48213", False)
    assert films(zendesk) == [False]


def test_how_it_was_attached_need_not_be_said_again(
    clip: str, zendesk: ZendeskVendor, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["attach", clip, "--to", TICKET, "--public"])
    run(["attach", clip, "--to", TICKET])
    assert films(zendesk) == [True, True]
    assert run(["attach", clip, "--to", TICKET, "--withdraw", "--public"]) == 0
    assert [(note.is_public, is_there) for note, is_there in zip(zendesk.notes(), films(zendesk), strict=True)] == [
        (True, False),
        (False, True),
    ]
    run(["attach", clip, "--to", TICKET, "--public"])
    capsys.readouterr()
    assert run(["attach", clip, "--to", TICKET, "--withdraw"]) == 0
    assert capsys.readouterr().out == "taken away from Zendesk 48213\n"
    assert films(zendesk) == [False, False, False]
    assert run(["attach", clip, "--to", TICKET, "--withdraw"]) == 2
    assert "was not delivered to Zendesk from here" in capsys.readouterr().err


def test_a_clip_whose_files_are_gone_is_taken_away_by_its_manifest(clip: str, zendesk: ZendeskVendor) -> None:
    run(["attach", clip, "--to", TICKET])
    for name in clip_files():
        if name != "clip.json":
            Path(clip).with_name(name).unlink()
    assert run(["attach", clip, "--to", TICKET, "--withdraw"]) == 0
    assert films(zendesk) == [False]


def checked(capsys: pytest.CaptureFixture[str], *names: str) -> tuple[int, dict[str, tuple[bool, str]]]:
    code = run(["destinations", "check", *names, "--json"])
    told = json.loads(capsys.readouterr().out)["destinations"]
    return code, {each["name"]: (each["ok"], " ".join(said for _, said in each["findings"])) for each in told}


def test_one_destination_that_is_wrong_does_not_end_the_check_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        '[desk-eu]\nsystem = "freshdsk"\n[a-desk]\nsystem = "freshdesk"\nurl = "ftp://x"\ntoken = "hush-1"\n'
    )
    monkeypatch.setenv("RENDERER_SECRETS_FILE", str(secrets))
    code, told = checked(capsys)
    assert (code, told["zendesk"][0], told["console"][0]) == (1, True, True)
    assert (told["a-desk"][0], told["desk-eu"][0]) == (False, False)
    assert "freshdsk" in told["desk-eu"][1]
    assert "hush" not in str(told)
    assert checked(capsys, "desk-eu", "zendesk")[1].keys() == {"desk-eu", "zendesk"}
    assert run(["destinations"]) == 0
    listed = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert "'freshdsk', which there is not" in listed["desk-eu"]
    assert "ready" in listed["zendesk"]
    assert run(["destinations", "--json"]) == 0
    (wrong,) = (each for each in json.loads(capsys.readouterr().out)["destinations"] if each["name"] == "desk-eu")
    assert (wrong["ready"], "freshdsk" in wrong["wrong"]) == (False, True)


def test_a_name_that_is_none_is_told_before_anything_is_asked(
    zendesk: ZendeskVendor, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["destinations", "check", "zendesk", "nowhere"]) == 2
    assert "clips cannot be delivered there" in capsys.readouterr().err
    assert zendesk.asked == []


def test_an_answer_that_is_another_than_documented_is_a_finding(
    zendesk: ZendeskVendor, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = {"user": {"id": 1, "name": "Agent Smith", "role": "agent"}, "settings": {"tickets": ["none"]}}
    zendesk.answer = lambda asked: Reply(200, odd)  # type: ignore[method-assign]
    code, told = checked(capsys, "zendesk", "console")
    assert (code, told["console"][0]) == (1, True)
    assert (told["zendesk"][0], "answered something else" in told["zendesk"][1]) == (False, True)
