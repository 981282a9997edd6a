"""Deliveries to a real Redmine."""

import html
import re
from pathlib import Path

import pytest

from renderer.deliver.systems.redmine import Redmine
from renderer.errors import DestinationError
from tests.delivering import Sender, contents, ended
from tests.made_clips import clip_files
from tests.services.proxy import running_proxy
from tests.services.redmine import RedmineServer
from tests.services.tickets import Account

HOSTILE = """It typed \\*stars\\*, \\@admin and “&lt;b&gt;”, \\!clip.gif\\!, #1, \\[\\[Wiki\\]\\], \\{\\{toc\\}\\}, "a":http\\://evil.example and \\-deleted\\-.

- **Clip:** 0:02 of video

<details>
<summary>Errors (1)</summary>

| At | Message |
| --- | --- |
| 0:12 | a \\| b |

</details>
"""
SEEN = frozenset({"visible_files"})
GIF, FILM, POSTER = (clip_files()[f"clip.{ending}"] for ending in ("gif", "mp4", "png"))


def sender_of(redmine: RedmineServer, folder: Path, account: Account | None = None) -> Sender:
    given = {"url": redmine.url, "token": (account or redmine.agent).secret}
    return Sender(folder, Redmine, given, SEEN)


@pytest.fixture
def sender(redmine: RedmineServer, tmp_path: Path) -> Sender:
    return sender_of(redmine, tmp_path)


@pytest.fixture
def issue(redmine: RedmineServer) -> str:
    return redmine.create_issue("checkout fails")


def failing(sender: Sender, issue: str) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        sender.deliver(issue)
    return caught.value


def test_a_clip_stands_on_the_issue_byte_for_byte(redmine: RedmineServer, sender: Sender, issue: str) -> None:
    receipt = sender.deliver(issue)
    for who in (redmine.admin, redmine.agent):
        assert contents(redmine.files(issue, who)) == {"clip.gif": GIF, "clip.mp4": FILM}
        notes = redmine.notes(issue, who)
        assert [(note.id, note.private) for note in notes] == [(receipt.note_id, True)]
        assert "p. !clip.gif!" in notes[0].text
        assert "attachment:clip.mp4" in notes[0].text
    assert receipt.url == f"{redmine.url}issues/{issue}#change-{receipt.note_id}"


@pytest.mark.parametrize("formatting", ["textile", "markdown", "common_mark"])
def test_the_page_shows_picture_link_and_folds_and_nothing_recorded_is_markup(
    redmine: RedmineServer, sender: Sender, issue: str, formatting: str
) -> None:
    redmine.configure(text_formatting=formatting)
    sender.given = {**sender.given, "format": "textile" if formatting == "textile" else "markdown"}
    sender.deliver(issue, summary=HOSTILE)
    page = redmine.page(issue, redmine.agent)
    note = html.unescape(page[page.index('id="change-') :])
    assert re.search(r'<img src="[^"]*/attachments/download/\d+/clip\.gif"', note)
    assert re.search(r'<a class="attachment" href="[^"]*/attachments/\d+">clip\.mp4</a>', note)
    assert re.search(
        r'<a href="https://us\.posthog\.com/[^"]*\?t=32" class="external">Watch the replay at 0:32</a>', note
    )
    assert ">Errors (1)</a>" in note
    assert "{{collapse" not in note
    seen = html.unescape(re.sub(r"<[^>]+>", "", page[page.index('id="change-') :]))
    for words in ("*stars*", "@admin", "“<b>”", "!clip.gif!", "#1", "[[Wiki]]", "-deleted-", "{{toc}}"):
        assert words in seen
    assert 'href="http://evil.example' not in note


def test_a_customer_sees_the_files_of_a_private_note_but_not_its_text(
    redmine: RedmineServer, sender: Sender, issue: str
) -> None:
    sender.deliver(issue)
    assert redmine.notes(issue, redmine.customer) == []
    assert contents(redmine.files(issue, redmine.customer)) == {"clip.gif": GIF, "clip.mp4": FILM}


def test_so_it_is_refused_unless_that_is_accepted(redmine: RedmineServer, sender: Sender, issue: str) -> None:
    sender.accepts = frozenset()
    error = failing(sender, issue)
    assert error.code == "not_internal"
    assert '"visible_files"' in error.message
    assert (redmine.files(issue), redmine.notes(issue)) == ([], [])


def test_an_account_that_cannot_hide_notes_writes_public_ones_alone(
    redmine: RedmineServer, tmp_path: Path, issue: str
) -> None:
    sender = sender_of(redmine, tmp_path, redmine.public_agent)
    error = failing(sender, issue)
    assert error.code == "not_internal"
    assert "Set notes as private" in error.message
    assert redmine.notes(issue) == []
    assert sender.deliver(issue, is_public=True).is_public
    assert [note.private for note in redmine.notes(issue, redmine.customer)] == [False]


def test_who_may_only_read_is_told_what_it_needs(redmine: RedmineServer, tmp_path: Path, issue: str) -> None:
    error = failing(sender_of(redmine, tmp_path, redmine.customer), issue)
    assert error.code == "destination_forbidden"
    assert "Add notes" in error.message


def test_an_issue_that_is_not_there_or_not_to_be_seen_is_told(redmine: RedmineServer, sender: Sender) -> None:
    assert failing(sender, "99999").code == "ticket_not_found"
    assert failing(sender, redmine.create_issue("no", redmine.elsewhere)).code == "destination_forbidden"


def test_a_key_that_it_does_not_know_is_told(redmine: RedmineServer, tmp_path: Path, issue: str) -> None:
    error = failing(sender_of(redmine, tmp_path, Account("nobody", "0" * 40)), issue)
    assert error.code == "destination_credentials"
    assert "REST API" in error.message


def test_the_limit_is_learnt_when_it_is_met(redmine: RedmineServer, sender: Sender, issue: str) -> None:
    redmine.configure(attachment_max_size="70")
    receipt = sender.deliver(issue)
    assert contents(redmine.files(issue)) == {"clip.mp4": FILM}
    assert len(GIF) > 70 * 1024
    assert any(f"{70 * 1024:,} bytes" in said for said in receipt.notes)


def test_a_film_that_is_refused_by_its_ending_stays_away(redmine: RedmineServer, sender: Sender, issue: str) -> None:
    redmine.configure(attachment_extensions_denied="mp4, gif")
    sender.deliver(issue)
    assert contents(redmine.files(issue)) == {"clip.png": POSTER}
    assert "p. !clip.png!" in redmine.notes(issue)[0].text


def test_an_older_note_keeps_its_picture_when_another_of_that_name_comes(
    redmine: RedmineServer, sender: Sender, issue: str
) -> None:
    sender.deliver(issue)
    sender.journal.forget("")
    sender.deliver(issue, key="another")
    assert contents(redmine.files(issue)) == {
        "clip.gif": GIF,
        "clip-2.gif": GIF,
        "clip.mp4": FILM,
        "clip-2.mp4": FILM,
    }
    first, second = redmine.notes(issue)
    assert "!clip.gif!" in first.text
    assert "!clip-2.gif!" in second.text


@pytest.mark.parametrize("request_line", ["POST /uploads.json", "PUT /issues/"])
def test_an_answer_that_is_lost_makes_no_second_note(
    redmine: RedmineServer, sender: Sender, issue: str, request_line: str
) -> None:
    with running_proxy(redmine.port) as proxy:
        proxy.lose(request_line, "answer")
        sender.given = {**sender.given, "url": proxy.through(redmine.url)}
        assert failing(sender, issue).retryable
        sender.deliver(issue)
        assert sum(each.startswith("PUT /issues/") for each in proxy.requests) == 1
    assert len(redmine.notes(issue)) == 1
    assert contents(redmine.files(issue)) == {"clip.gif": GIF, "clip.mp4": FILM}


@pytest.mark.parametrize("format", ["textile", "markdown"])
def test_what_was_posted_before_a_kill_is_found(
    redmine: RedmineServer, sender: Sender, issue: str, format: str
) -> None:
    with running_proxy(redmine.port) as proxy:
        happened = proxy.hold("PUT /issues/", "answer")
        sender.given = {**sender.given, "url": proxy.through(redmine.url), "format": format}
        process = sender.command(issue)
        assert happened.wait(60)
        process.kill()
        assert ended(process)[0] == -9
        assert sender.run(issue) == 0
    assert len(redmine.notes(issue)) == 1
    assert contents(redmine.files(issue)) == {"clip.gif": GIF, "clip.mp4": FILM}


def test_uploads_that_it_forgot_are_sent_again(redmine: RedmineServer, sender: Sender, issue: str) -> None:
    with running_proxy(redmine.port) as proxy:
        proxy.lose("PUT /issues/", "request")
        sender.given = {**sender.given, "url": proxy.through(redmine.url)}
        assert failing(sender, issue).retryable
        for step in sender.journal.steps.values():
            if "token" in step:
                sender.system.discard(step)
        assert failing(sender, issue).code == "upload_lost"
        sender.deliver(issue)
    assert contents(redmine.files(issue)) == {"clip.gif": GIF, "clip.mp4": FILM}


def test_a_withdrawn_clip_is_gone(redmine: RedmineServer, tmp_path: Path, issue: str) -> None:
    sender = sender_of(redmine, tmp_path, redmine.admin)
    receipt = sender.deliver(issue)
    sender.system.withdraw(issue, receipt.facts)
    assert (redmine.files(issue), redmine.notes(issue)) == ([], [])


def test_who_may_not_edit_issues_takes_nothing_away(redmine: RedmineServer, sender: Sender, issue: str) -> None:
    receipt = sender.deliver(issue)
    with pytest.raises(DestinationError) as caught:
        sender.system.withdraw(issue, receipt.facts)
    assert caught.value.code == "destination_forbidden"
    assert len(redmine.files(issue)) == 2


def test_a_check_says_where_notes_can_be_private(redmine: RedmineServer, tmp_path: Path) -> None:
    said = {
        who.user: [(finding.is_good, finding.said) for finding in sender_of(redmine, tmp_path, who).check()]
        for who in (redmine.admin, redmine.agent, redmine.public_agent, redmine.customer)
    }
    assert said["agent"][1] == (True, "may write private notes in Support")
    assert said["public-agent"][1] == (None, "may write public notes alone in Support")
    assert said["customer"][1][0] is False
    assert said["admin"][1][0] is True
