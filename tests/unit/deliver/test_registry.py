"""Which destinations are set up, and what lacks where one is not."""

import pytest
from pydantic import ValidationError

from renderer.bootstrap import build_destinations
from renderer.deliver.systems import SYSTEMS
from renderer.errors import RequestError, SetupError
from renderer.settings import Settings


def test_the_names_of_all_systems_are_words_of_the_api() -> None:
    names = [system.name for system in SYSTEMS]
    assert len(set(names)) == len(names)
    for system in SYSTEMS:
        assert system.reference_says.startswith(f"{system.name}:")
        assert system.title
        assert system.needs


def test_variables_and_the_secrets_file_are_read_and_variables_win(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        '[zendesk]\nurl = "https://one.zendesk.com"\ntoken = "from-file"\n'
        '[zendesk-eu]\nsystem = "zendesk"\nurl = "https://two.zendesk.com"\ntoken = "other"\n'
    )
    monkeypatch.setenv("RENDERER_SECRETS_FILE", str(secrets))
    monkeypatch.setenv("RENDERER_ZENDESK_URL", "https://three.zendesk.com")
    settings = Settings()
    assert settings.destination("zendesk", ["url", "token", "email"]) == {
        "url": "https://three.zendesk.com",
        "token": "from-file",
    }
    ready = {each.name for each in build_destinations(settings).all() if each.is_ready}
    assert {"zendesk", "zendesk-eu"} <= ready
    system, ticket = build_destinations(settings).resolve("zendesk-eu:48213")
    assert (system.name, ticket) == ("zendesk", "48213")


@pytest.mark.parametrize(
    ("text", "said"),
    [("[zendesk\ntoken = 'hush-1'", "TOML"), ("token = 'hush-1'", "outside of a section"), (None, "cannot be read")],
)
def test_a_bad_secrets_file_is_told_without_its_secrets(tmp_path, text: str | None, said: str) -> None:
    path = tmp_path / "secrets.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SetupError) as caught:
        Settings(secrets_file=path).destination("zendesk", ["token"])
    assert caught.value.code == "bad_secrets_file"
    assert said in caught.value.message
    assert "hush" not in caught.value.message
    assert caught.value.retryable, "somebody may be writing it"


def test_a_section_of_a_system_that_there_is_not_is_listed_and_harms_no_other(tmp_path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(
        '[desk-eu]\nsystem = "freshdsk"\ntoken = "hush-1"\n[zendesk]\nurl = "https://one.zendesk.com"\ntoken = "hush-2"\n'
        '[github]\nsystem = "gitlab"\ntoken = "hush-3"\n[jira]\nsystem = "jira"\n'
    )
    known = build_destinations(Settings(secrets_file=path))
    listed = {each.name: each for each in known.all()}
    assert len(listed) == len(known.all()), "each once"
    assert "'freshdsk', which there is not: write one of console, email, freshdesk" in (listed["desk-eu"].wrong or "")
    assert "give the section another name" in (listed["github"].wrong or "")
    assert [listed[name].is_ready for name in ("desk-eu", "github", "zendesk")] == [False, False, True]
    assert {"desk-eu", "github"}.isdisjoint(each.name for each in known.of_service())
    for name, code in (("desk-eu", "destination_bad_setting"), ("nowhere", "unknown_destination")):
        with pytest.raises(RequestError) as caught:
            known.resolve(f"{name}:1")
        assert caught.value.code == code
        assert "hush" not in caught.value.message
    assert "desk-eu" not in caught.value.message, "what cannot be used is not proposed"


@pytest.mark.parametrize("url", ["ftp://acme.zendesk.com", "https://[x", "https://[acme.zendesk.com"])
def test_an_address_that_is_none_is_listed_as_wrong(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("RENDERER_ZENDESK_URL", url)
    monkeypatch.setenv("RENDERER_ZENDESK_TOKEN", "hush-1")
    (zendesk,) = (each for each in build_destinations(Settings()).all() if each.name == "zendesk")
    assert (zendesk.is_ready, zendesk.lacks) == (False, ())
    assert "RENDERER_ZENDESK_URL" in (zendesk.wrong or "")


def test_the_service_takes_tickets_in_their_one_spelling_and_never_the_console(tmp_path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text('[zendesk]\nurl = "https://one.zendesk.com"\ntoken = "x"\n[screen]\nsystem = "console"\n')
    known = build_destinations(Settings(secrets_file=path))
    assert known.resolve_of_service("zendesk:#1") == known.resolve_of_service("zendesk: 1") == "zendesk:1"
    for destination in ("console:1", "screen:1", "webhook:1"):
        with pytest.raises(RequestError) as caught:
            known.resolve_of_service(destination)
        assert caught.value.code == "unknown_destination"
    assert {"console", "screen", "webhook"}.isdisjoint(each.name for each in known.of_service())


@pytest.mark.parametrize(
    ("destination", "code", "said"),
    [
        ("nowhere:1", "unknown_destination", "zendesk"),
        ("zendesk:1", "destination_not_set_up", "RENDERER_ZENDESK_URL and RENDERER_ZENDESK_TOKEN"),
        ("zendesk", "bad_ticket_reference", "zendesk:48213"),
        ("zendesk: ", "bad_ticket_reference", "zendesk:48213"),
        ("", "unknown_destination", "zendesk"),
    ],
)
def test_a_destination_that_is_none_is_told(
    monkeypatch: pytest.MonkeyPatch, destination: str, code: str, said: str
) -> None:
    with pytest.raises(RequestError) as caught:
        build_destinations(Settings()).resolve(destination)
    assert caught.value.code == code
    assert said in caught.value.message


@pytest.mark.parametrize(
    "url",
    [
        "ftp://acme.zendesk.com",
        "https://user:pw@acme.zendesk.com",
        "https://a.b/?x=1",
        "http://93.184.216.34",
        "https://[acme.zendesk.com",
    ],
)
def test_an_address_that_would_give_credentials_away_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("RENDERER_ZENDESK_URL", url)
    monkeypatch.setenv("RENDERER_ZENDESK_TOKEN", "hush-1")
    with pytest.raises(RequestError) as caught:
        build_destinations(Settings()).resolve("zendesk:1")
    assert caught.value.code == "destination_bad_url"
    assert "RENDERER_ZENDESK_URL" in caught.value.message


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_secrets_of_settings_are_not_shown(system) -> None:
    fields = system.settings_type.model_fields
    given = {name: f"hush-{name}" for name in fields}
    try:
        settings = system.settings_type.model_validate(given)
    except ValidationError:  # one that is no word: enough that the others are
        return
    for name in ("token", "password", "secret", "api_key"):
        if name in fields:
            assert f"hush-{name}" not in repr(settings)
