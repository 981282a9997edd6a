"""docs/inbound.md is true: what it says to send is understood, and each system, topic and answer is in it."""

import json
import re
from pathlib import Path

import pytest

from renderer.inbound import SYSTEMS, Asked, SystemName, asked
from renderer.inbound.systems import intercom
from renderer.inbound.systems.github import command
from renderer.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs" / "inbound.md").read_text("utf-8")
ID = "0190aa2b-65f7-7603-87a4-92d7ef6dc542"
SETTINGS = Settings(inbound_fields=f"{Settings.model_fields['inbound_fields'].default},customfield_10042")
FILLED = {"{{ticket.id}}": "48213", "{{issue.key}}": "SUP-7"}


def section(system: SystemName) -> str:
    found = re.search(rf"^## {system}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL | re.IGNORECASE)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_has_its_place_and_its_secret(system: SystemName) -> None:
    assert f"RENDERER_INBOUND_{system.upper()}_SECRET" in section(system)


@pytest.mark.parametrize(("system", "to", "bodies"), [("zendesk", "zendesk:48213", 1), ("jira", "jira:SUP-7", 2)])
def test_the_bodies_are_understood(system: SystemName, to: str, bodies: int) -> None:
    told = re.findall(r"^```json\n(.*?)^```", section(system), re.MULTILINE | re.DOTALL)
    assert len(told) == bodies
    for body in told:
        filled = re.sub(r"\{\{[^{}]*\}\}", lambda match: FILLED.get(match[0], ID), body)
        json.loads(filled)
        answer = asked(system, {}, filled.encode(), SETTINGS)
        assert isinstance(answer, Asked)
        assert (answer.to, answer.session) == (to, f"posthog:{ID}")


def test_the_command_is_one() -> None:
    (text,) = re.findall(r"^```text\n(.*?)^```", section("github"), re.MULTILINE | re.DOTALL)
    assert command(text) == f"https://us.posthog.com/project/2/replay/{ID}?t=90"


def test_the_topics_are_those_that_are_taken() -> None:
    assert set(re.findall(r"`((?:conversation|ticket)\.[a-z.]+)`", section("intercom"))) == intercom.TOPICS
