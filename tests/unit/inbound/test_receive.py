"""What the settings say of ticket systems that call."""

import pytest
from pydantic import SecretStr, ValidationError

from renderer.inbound import SYSTEMS, Asked, SystemName, asked, secret_of
from renderer.settings import Settings
from tests.unit.inbound.signing import packed

ID = "0190aa2b-65f7-7603-87a4-92d7ef6dc542"


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_without_a_secret_is_not_set_up(system: SystemName, monkeypatch: pytest.MonkeyPatch) -> None:
    assert secret_of(Settings(), system) is None
    monkeypatch.setenv(f"RENDERER_INBOUND_{system.upper()}_SECRET", "0123456789abcdef")
    settings = Settings()
    assert {each: secret_of(settings, each) for each in SYSTEMS} == {
        each: "0123456789abcdef" if each == system else None for each in SYSTEMS
    }
    assert "0123456789abcdef" not in repr(settings)


@pytest.mark.parametrize("secret", ["", "short"])
def test_a_secret_that_can_be_guessed_is_refused(secret: str) -> None:
    with pytest.raises(ValidationError):
        Settings(inbound_jira_secret=SecretStr(secret))


def test_clips_go_to_the_destination_of_the_systems_name_or_to_the_one_that_is_named() -> None:
    def goes_to(destinations: str | None) -> str:
        settings = Settings(inbound_destinations=destinations)
        answer = asked("jira", {}, packed({"issue_key": "SUP-7", "session": ID}), settings)
        assert isinstance(answer, Asked)
        return answer.to

    assert goes_to(None) == "jira:SUP-7"
    assert goes_to("zendesk=zendesk-eu") == "jira:SUP-7"
    assert goes_to("zendesk=zendesk-eu,jira=jira-dc") == "jira-dc:SUP-7"


@pytest.mark.parametrize("text", ["", "jira", "jira=", "slack=x", "jira=a b", "jira=jsm,", "jira=jsm:1"])
def test_a_list_of_destinations_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Settings(inbound_destinations=text)
