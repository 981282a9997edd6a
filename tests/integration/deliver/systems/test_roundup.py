"""Deliveries to a real Roundup."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.deliver.systems.roundup import Roundup
from renderer.errors import DestinationError
from tests.delivering import Sender, contents, ended
from tests.made_clips import clip_files
from tests.services.proxy import Proxy, What, running_proxy
from tests.services.roundup import RoundupServer
from tests.services.tickets import Account

OPEN = frozenset({"public_project"})
"""The tracker shows its issues to everybody, as Roundup's own template does."""


def sender_of(roundup: RoundupServer, folder: Path, account: Account | None = None) -> Sender:
    who = account or Account(roundup.user, roundup.password)
    return Sender(folder, Roundup, {"url": roundup.url, "user": who.user, "password": who.secret}, OPEN)


@pytest.fixture
def sender(roundup: RoundupServer, tmp_path: Path) -> Sender:
    return sender_of(roundup, tmp_path)


@pytest.fixture
def issue(roundup: RoundupServer) -> str:
    return roundup.create_issue("checkout fails")


def failing(sender: Sender, issue: str) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        sender.deliver(issue)
    return caught.value


def test_a_clip_stands_on_the_issue_byte_for_byte(roundup: RoundupServer, sender: Sender, issue: str) -> None:
    receipt = sender.deliver(issue)
    assert contents(roundup.files(issue)) == {"clip.mp4": clip_files()["clip.mp4"]}
    assert [file.type for file in roundup.files(issue)] == ["video/mp4"]
    assert [message.id for message in roundup.messages(issue)] == [receipt.note_id]
    assert receipt.url == f"{roundup.url}issue{issue}#msg{receipt.note_id}"


def test_the_message_can_be_read_and_leads_to_the_film(roundup: RoundupServer, sender: Sender, issue: str) -> None:
    sender.deliver(issue)
    text = roundup.messages(issue)[0].content
    assert text.startswith("The user asked nora-4-mini a question; one answer got a thumbs-down.\n")
    assert "Asked nora-4-mini: “Is it refunded?”" in text
    assert f"clip.mp4 <{roundup.url}file{roundup.files(issue)[0].id}/clip.mp4>" in text
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 78


def test_a_tracker_that_everybody_reads_is_refused_unless_that_is_accepted(
    roundup: RoundupServer, sender: Sender, issue: str
) -> None:
    sender.accepts = frozenset()
    error = failing(sender, issue)
    assert error.code == "not_internal"
    assert '"public_project"' in error.message
    assert (roundup.files(issue), roundup.messages(issue)) == ([], [])


def test_who_may_only_read_is_told_before_anything_is_made(roundup: RoundupServer, tmp_path: Path, issue: str) -> None:
    error = failing(sender_of(roundup, tmp_path, roundup.reader), issue)
    assert error.code == "destination_forbidden"
    assert "edit issues" in error.message
    assert roundup.files(issue) == []


def test_a_wrong_password_is_tried_once(
    roundup: RoundupServer, tmp_path: Path, issue: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The fourth would lock the account."""
    with running_proxy(roundup.port) as proxy:
        wrong = Sender(
            tmp_path, Roundup, {"url": proxy.through(roundup.url), "user": roundup.unlucky.user, "password": "wrong"}
        )
        with pytest.raises(DestinationError) as caught:
            wrong.check()
        assert caught.value.code == "destination_credentials"
        assert len(proxy.requests) == 1
        assert wrong.run(issue) == 1
        assert "RENDERER_ROUNDUP_PASSWORD" in capsys.readouterr().err
        assert len(proxy.requests) == 2
    assert sender_of(roundup, tmp_path, roundup.unlucky).deliver(issue).way == "attached"


def test_an_issue_that_is_not_there_is_told(sender: Sender) -> None:
    assert failing(sender, "99999").code == "ticket_not_found"


def test_a_check_says_who_it_is_and_changes_nothing(roundup: RoundupServer, sender: Sender, issue: str) -> None:
    assert [finding.is_good for finding in sender.check()] == [True, True, None]
    assert roundup.messages(issue) == []


def test_a_withdrawn_clip_is_gone_and_can_be_delivered_anew(roundup: RoundupServer, sender: Sender, issue: str) -> None:
    receipt = sender.deliver(issue)
    file = roundup.files(issue)[0]
    sender.system.withdraw(issue, receipt.facts)
    assert (roundup.files(issue), roundup.messages(issue)) == ([], [])
    assert roundup.content("file", file.id) == b"taken away"
    sender.journal.forget("")
    sender.deliver(issue)
    assert contents(roundup.files(issue)) == {"clip.mp4": clip_files()["clip.mp4"]}
    assert len(roundup.messages(issue)) == 1


@pytest.fixture
def proxy(roundup: RoundupServer) -> Iterator[Proxy]:
    with running_proxy(roundup.port) as running:
        yield running


@pytest.mark.parametrize("what", ["request", "answer"])
@pytest.mark.parametrize("request_line", ["POST .*/data/file", "POST .*/data/msg", r"PATCH .*/issue/\d+ "])
def test_killed_at_any_request_it_goes_on_where_it_was(
    roundup: RoundupServer, proxy: Proxy, sender: Sender, issue: str, request_line: str, what: What
) -> None:
    before = roundup.made("msg")
    sender.given = {**sender.given, "url": proxy.through(roundup.url)}
    happened = proxy.hold(request_line, what)
    process = sender.command(issue)
    assert happened.wait(60)
    process.kill()
    assert ended(process)[0] == -9
    assert sender.run(issue) == 0
    assert contents(roundup.files(issue)) == {"clip.mp4": clip_files()["clip.mp4"]}
    messages = roundup.messages(issue)
    assert len(messages) == 1
    assert roundup.made("msg") - before == {messages[0].id}
