"""The key goes to the configured host and nowhere else."""

from tests.integration.posthog_desk import Desk, lines_of
from tests.integration.posthog_server import SESSION, running, sample_lines


def test_the_key_does_not_follow_a_redirect(desk: Desk) -> None:
    desk.server.store_sample()
    with running() as other:
        location = f"{other.url}/api/projects/2/session_recordings/{SESSION}"
        desk.server.faults = [lambda asked: (307, {"Location": location}, b"")]
        assert desk.refused().code == "posthog_redirected"
        assert other.asked == []


def test_a_redirect_on_the_same_host_is_followed(desk: Desk) -> None:
    desk.server.store_sample()
    desk.server.faults = [
        lambda asked: (
            None if asked.path.endswith("/") or "source" in asked.query else (301, {"Location": asked.path + "/"}, b"")
        )
    ]
    assert lines_of(desk.fetch()) == sample_lines()


def test_the_address_of_a_replay_with_a_time(desk: Desk) -> None:
    desk.server.store_sample()
    fetched = desk.fetch(f"{desk.server.url}/project/2/replay/{SESSION}?t=54")
    assert fetched.at_ms == 54_000
    assert lines_of(fetched) == sample_lines()


def test_an_address_of_another_host_is_never_asked(desk: Desk) -> None:
    with running() as other:
        other.store_sample()
        error = desk.refused(f"{other.url}/project/2/replay/{SESSION}")
        assert (error.code, error.exit_code) == ("posthog_other_host", 2)
        assert other.asked == []
    assert desk.server.asked == []
