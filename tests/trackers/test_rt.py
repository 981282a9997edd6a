"""Deliveries to a real Request Tracker."""

import re
from pathlib import Path

import httpx2
import pytest

from renderer.deliver.parcel import Watch
from renderer.deliver.systems.rt import RT
from renderer.errors import DestinationError
from tests.delivering import Sender, contents, ended
from tests.made_clips import clip_files
from tests.services.proxy import running_proxy
from tests.services.rt import RtServer
from tests.services.tickets import Account

CLIP = {name: clip_files()[name] for name in ("clip.gif", "clip.mp4")}


def sender_of(rt: RtServer, folder: Path, account: Account | None = None) -> Sender:
    return Sender(folder, RT, {"url": rt.url, "token": (account or rt.agent).secret})


@pytest.fixture
def sender(rt: RtServer, tmp_path: Path) -> Sender:
    return sender_of(rt, tmp_path)


@pytest.fixture
def ticket(rt: RtServer) -> str:
    return rt.create_issue("checkout fails")


def failing(sender: Sender, ticket: str) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        sender.deliver(ticket)
    return caught.value


def test_a_clip_stands_on_the_ticket_byte_for_byte_and_hidden_from_the_customer(
    rt: RtServer, sender: Sender, ticket: str
) -> None:
    receipt = sender.deliver(ticket)
    for who in (rt.admin, rt.agent):
        assert contents(rt.files(ticket, who)) == CLIP
        notes = rt.notes(ticket, who)
        assert [(note.id, note.private) for note in notes] == [(receipt.note_id, True)]
        assert "<p>The user asked nora-4-mini a question; one answer got a thumbs-down.</p>" in notes[0].text
    assert (rt.notes(ticket, rt.customer), rt.files(ticket, rt.customer)) == ([], [])
    assert receipt.url == f"{rt.url}Ticket/Display.html?id={ticket}#txn-{receipt.note_id}"


def test_the_page_shows_the_note_as_it_was_written_and_the_picture(rt: RtServer, sender: Sender, ticket: str) -> None:
    sender.deliver(ticket)
    headers = {"Authorization": f"token {rt.agent.secret}"}
    page = httpx2.get(f"{rt.url}Ticket/History.html?id={ticket}", headers=headers, timeout=60)
    assert re.search(r'<li><a href="https://us.posthog.com/[^"]*"[^>]*>0:01</a> \(session 0:33\) Asked nora', page.text)
    assert "&lt;p&gt;" not in page.text
    assert re.search(r'<img [^>]*src="[^"]*/clip\.gif"', page.text)


def test_a_public_note_is_read_by_the_customer(rt: RtServer, tmp_path: Path, ticket: str) -> None:
    sender_of(rt, tmp_path, rt.admin).deliver(ticket, is_public=True)
    assert [note.private for note in rt.notes(ticket, rt.customer)] == [False]
    assert contents(rt.files(ticket, rt.customer)) == CLIP


@pytest.mark.parametrize("is_public", [True, False])
def test_who_may_not_write_is_told_what_it_needs(rt: RtServer, tmp_path: Path, ticket: str, is_public: bool) -> None:
    """The agent may comment, but not reply."""
    sender = sender_of(rt, tmp_path, rt.agent if is_public else rt.reader)
    with pytest.raises(DestinationError) as caught:
        sender.deliver(ticket, is_public=is_public)
    assert caught.value.code == "destination_forbidden"
    assert "CommentOnTicket" in caught.value.message
    assert rt.notes(ticket) == []


def test_a_ticket_that_is_not_there_or_not_to_be_seen_is_told(rt: RtServer, sender: Sender) -> None:
    assert failing(sender, "99999").code == "ticket_not_found"
    assert failing(sender, rt.create_issue("no", rt.elsewhere)).code == "destination_forbidden"


def test_a_token_that_it_does_not_know_is_told(rt: RtServer, tmp_path: Path, ticket: str) -> None:
    sender = sender_of(rt, tmp_path, Account("nobody", "1-9-" + "0" * 32))
    assert failing(sender, ticket).code == "destination_credentials"


def test_a_password_does_as_well_as_a_token(rt: RtServer, tmp_path: Path, ticket: str) -> None:
    sender = Sender(tmp_path, RT, {"url": rt.url, "user": "root", "token": "password"})
    sender.deliver(ticket)
    assert contents(rt.files(ticket)) == CLIP


@pytest.mark.parametrize("how", ["TruncateLongAttachments", "DropLongAttachments"])
def test_a_film_that_it_cuts_off_or_drops_is_told_with_what_to_set(
    rt: RtServer, sender: Sender, ticket: str, how: str
) -> None:
    rt.configure(MaxAttachmentSize=20_000, **{how: 1})
    error = failing(sender, ticket)
    assert error.code == "attachment_damaged"
    assert not error.retryable
    assert "clip.gif" in error.message
    assert "MaxAttachmentSize" in error.message
    assert how in error.message


def test_a_note_without_files_needs_no_multipart_of_them(rt: RtServer, sender: Sender, ticket: str) -> None:
    link = "https://clips.example.com/s/abc"
    parcel = sender.parcel(watch=lambda: Watch(link))
    system = sender.system
    posted = system.post(ticket, f"<p>{link}</p>", [], parcel)
    assert [(note.id, note.text) for note in rt.notes(ticket)] == [(posted.id, f"<p>{link}</p>")]


def test_an_answer_that_is_lost_makes_no_second_note(rt: RtServer, sender: Sender, ticket: str) -> None:
    with running_proxy(rt.port) as proxy:
        proxy.lose("POST .*/comment", "answer")
        sender.given = {**sender.given, "url": proxy.through(rt.url)}
        assert failing(sender, ticket).retryable
        receipt = sender.deliver(ticket)
        assert receipt.found
        assert sum("/comment" in each for each in proxy.requests) == 1
    assert [note.id for note in rt.notes(ticket)] == [receipt.note_id]
    assert contents(rt.files(ticket)) == CLIP


@pytest.mark.parametrize("what", ["request", "answer"])
def test_killed_while_it_posts_it_goes_on_where_it_was(rt: RtServer, sender: Sender, ticket: str, what: str) -> None:
    with running_proxy(rt.port) as proxy:
        happened = proxy.hold("POST .*/comment", "request" if what == "request" else "answer")
        sender.given = {**sender.given, "url": proxy.through(rt.url)}
        process = sender.command(ticket)
        assert happened.wait(60)
        process.kill()
        assert ended(process)[0] == -9
        assert sender.run(ticket) == 0
    assert len(rt.notes(ticket)) == 1
    assert contents(rt.files(ticket)) == CLIP


def test_a_check_says_what_it_sees(rt: RtServer, sender: Sender) -> None:
    assert [finding.is_good for finding in sender.check()] == [True, True, None]
    assert "5.0" in sender.check()[0].said
