"""What is particular to Slack."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.deliver.systems.slack import Slack
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.slack import SlackVendor

THREAD = "1700000000.000100"
ALL_TYPES = ("video/mp4", "video/webm", "image/gif", "image/png")
IN_THREAD = f"slack:C0123ABCD/{THREAD}"


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackVendor]:
    monkeypatch.setattr(Slack, "share_pauses_s", (0.01, 0.01, 0.01))
    with SlackVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(slack: SlackVendor, tmp_path: Path) -> Desk:
    return Desk(slack, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel, **given: Any) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, **given)
    return caught.value


def system_of(slack: SlackVendor) -> Slack:
    system = Destinations([Slack], lambda _, __: slack.settings()).system("slack")
    assert isinstance(system, Slack)
    return system


def error(word: str, **told: Any) -> Reply:
    return Reply(200, {"ok": False, "error": word, **told})


def with_link(parcel: Parcel) -> Parcel:
    return replace(parcel, watch=lambda: Watch("https://clips.example.com/s/abc"))


def test_one_message_holds_the_film_and_the_note(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    assert len(slack.messages) == 1
    assert {block["type"] for block in slack.messages[0]["blocks"]} == {"rich_text"}
    assert [file["title"] for file in slack.files.values()] == ["clip.mp4"]
    ts = slack.messages[0]["ts"]
    assert receipt.note_id == ts
    assert receipt.url == f"https://acme.slack.com/archives/C0123ABCD/p{ts.replace('.', '')}"


def test_a_thread_gets_a_reply(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    desk.deliver(parcel, reference=IN_THREAD)
    assert slack.messages[0]["thread_ts"] == THREAD


def test_a_thread_that_is_not_there_is_told_before_anything_is_posted_to_the_channel(
    desk: Desk, slack: SlackVendor, parcel: Parcel
) -> None:
    found = failing(desk, parcel, reference="slack:C0123ABCD/1700000000.000999")
    assert found.code == "ticket_not_found"
    assert slack.messages == []


@pytest.mark.parametrize("flag", ["is_ext_shared", "is_pending_ext_shared"])
def test_a_channel_that_other_companies_read_is_refused_unless_accepted(
    desk: Desk, slack: SlackVendor, parcel: Parcel, flag: str
) -> None:
    slack.channel[flag] = True
    found = failing(desk, parcel)
    assert found.code == "not_internal"
    assert "public_project" in found.message
    assert slack.messages == []
    assert not slack.posts()
    desk.deliver(replace(parcel, accepts=frozenset({"public_project"})))
    assert len(slack.messages) == 1


def test_a_channel_without_the_app_is_told(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    slack.channel["is_member"] = False
    found = failing(desk, parcel)
    assert found.code == "destination_forbidden"
    assert "/invite" in found.message


def test_an_archived_channel_is_told(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    slack.channel["is_archived"] = True
    assert "archived" in failing(desk, parcel).message


def test_a_file_that_shows_up_late_is_waited_for(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    slack.looks_until_shared = 2
    assert desk.deliver(parcel).note_id == slack.messages[0]["ts"]


def test_a_file_that_does_not_show_up_is_looked_for_again_later_and_not_posted_twice(
    desk: Desk, slack: SlackVendor, parcel: Parcel
) -> None:
    slack.looks_until_shared = 5
    found = failing(desk, parcel)
    assert found.code == "not_shown_yet"
    assert found.retryable
    assert desk.deliver(parcel).note_id == slack.messages[0]["ts"]
    assert len(slack.posts()) == 1


def test_files_of_a_lost_answer_that_do_not_show_up_are_not_posted_again(
    desk: Desk, slack: SlackVendor, parcel: Parcel
) -> None:
    slack.looks_until_shared = 1000
    slack.fail("after")
    assert failing(desk, parcel).may_have_happened
    assert failing(desk, parcel).code == "not_shown_yet"
    for file in slack.files.values():
        file["looks"] = 0
    assert desk.deliver(parcel).found
    assert len(slack.posts()) == 1


@pytest.mark.parametrize("reference", ["slack:C0123ABCD", IN_THREAD])
def test_a_link_whose_answer_was_lost_is_found_by_its_mark(
    desk: Desk, slack: SlackVendor, parcel: Parcel, reference: str
) -> None:
    slack.refused_types = {"video/mp4", "image/gif", "image/png"}
    slack.fail("after")
    failing(desk, with_link(parcel), reference=reference)
    receipt = desk.deliver(with_link(parcel), reference=reference)
    assert receipt.found
    assert receipt.way == "link"
    assert len(slack.messages) == 1


def test_a_link_is_not_fetched_by_slack(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    slack.refused_types = {"video/mp4", "image/gif", "image/png"}
    desk.deliver(with_link(parcel))
    form = slack.posts()[0].form()
    assert form["unfurl_links"] == form["unfurl_media"] == "false"
    assert "thumbs" in form["text"]


def test_uploads_that_slack_forgot_are_sent_again(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    slack.fail("instead", error("file_not_found"))
    found = failing(desk, parcel)
    assert found.code == "upload_lost"
    assert found.retryable
    desk.deliver(parcel)
    assert len(slack.messages) == 1
    assert len([each for each in slack.asked if each.path.startswith("/upload/")]) == 2


@pytest.mark.parametrize(
    ("word", "code", "retryable"),
    [
        ("token_revoked", "destination_credentials", False),
        ("account_inactive", "destination_credentials", False),
        ("restricted_action_read_only_channel", "destination_forbidden", False),
        ("user_is_external_guest", "destination_forbidden", False),
        ("channel_not_found", "ticket_not_found", False),
        ("ratelimited", "destination_limited", True),
        ("internal_error", "destination_failed", True),
        ("some_new_word", "destination_refused", False),
    ],
)
def test_an_error_in_a_good_answer_is_read(
    desk: Desk, slack: SlackVendor, parcel: Parcel, word: str, code: str, retryable: bool
) -> None:
    slack.fail("instead", error(word))
    found = failing(desk, parcel)
    assert (found.code, found.retryable) == (code, retryable)
    assert found.may_have_happened is (word == "internal_error")


def test_a_scope_that_is_missing_is_named(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    slack.scopes.remove("files:read")
    found = failing(desk, parcel)
    assert found.code == "destination_forbidden"
    assert "files:read" in found.message


def test_a_page_of_a_proxy_is_no_answer(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    slack.faults.append(Fault("POST", "conversations.info", reply=Reply(200, b"<html>Please sign in</html>")))
    assert failing(desk, parcel).code == "destination_bad_answer"


def test_a_file_of_another_size_is_told(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    file = {"id": "F1", "name": "clip.mp4", "size": 3, "shares": {"private": {"C0123ABCD": [{"ts": THREAD}]}}}
    slack.faults.append(Fault("POST", "files.info", reply=Reply(200, {"ok": True, "file": file})))
    assert failing(desk, parcel).code == "attachment_damaged"


def test_message_and_files_are_taken_away(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    system_of(slack).withdraw(receipt.ticket, receipt.facts)
    assert slack.messages == []
    assert slack.files == {}
    system_of(slack).withdraw(receipt.ticket, receipt.facts)


def test_a_long_summary_is_cut_to_what_a_message_holds(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    steps = "\n".join(f"{at}. `0:{at % 60:02}` Clicked the button that is number {at} of many" for at in range(1, 600))
    long = replace(parcel, summary=f"The user clicked a lot.\n\n### What happened\n\n{steps}\n")
    desk.deliver(long)
    text = json.dumps(slack.messages[0]["blocks"], ensure_ascii=False)
    assert "number 1 of many" in text
    assert "number 599 of many" not in text
    assert "The rest is in" in text
    assert parcel.marker in text
    assert len(slack.notes()[0].text) < 10_000


@pytest.mark.parametrize("word", ["msg_blocks_too_long", "invalid_blocks"])
def test_a_message_that_slack_finds_too_long_is_said_shortly(
    desk: Desk, slack: SlackVendor, parcel: Parcel, word: str
) -> None:
    slack.fail("instead", error(word))
    desk.deliver(parcel)
    text = slack.notes()[0].text
    assert "What happened" not in text
    assert "thumbs-down" in text
    assert "t=54" in text
    assert parcel.marker in text
    assert list(slack.notes()[0].files) == ["clip.mp4"]


@pytest.mark.parametrize(
    ("reference", "ticket"),
    [
        ("C0123ABCD", "C0123ABCD"),
        (f"C0123ABCD/{THREAD}", f"C0123ABCD/{THREAD}"),
        ("https://acme.slack.com/archives/C0123ABCD", "C0123ABCD"),
        ("https://acme.slack.com/archives/C0123ABCD/p1700000000000100", f"C0123ABCD/{THREAD}"),
        (
            f"https://acme.slack.com/archives/C0123ABCD/p1700000099000200?thread_ts={THREAD}&cid=C0123ABCD",
            f"C0123ABCD/{THREAD}",
        ),
    ],
)
def test_a_message_may_be_pasted(reference: str, ticket: str) -> None:
    assert Destinations([Slack], lambda _, __: {"token": "xoxb-1"}).system("slack").ticket(reference) == ticket


@pytest.mark.parametrize("host", ["acme.slack-gov.com", "acme.slack.com.other.example", "notslack.com"])
def test_an_address_of_another_host_is_no_reference(host: str) -> None:
    system = Destinations([Slack], lambda _, __: {"token": "xoxb-1"}).system("slack")
    with pytest.raises(RequestError) as caught:
        system.ticket(f"https://{host}/archives/C0123ABCD")
    assert caught.value.code == "bad_ticket_reference"


@pytest.mark.parametrize("reference", ["slack:C0123ABCD", IN_THREAD])
def test_a_link_is_found_behind_pages_of_later_messages(
    desk: Desk, slack: SlackVendor, parcel: Parcel, reference: str
) -> None:
    this = with_link(parcel)
    slack.refused_types = set(ALL_TYPES)
    slack.fail("after")
    failing(desk, this, reference=reference)
    ours, thread = slack.messages[0], slack.messages[0].get("thread_ts")
    around: list[dict[str, Any]] = [
        {"ts": f"{int(time.time())}.{number:06d}", "blocks": [], "files": [], "thread_ts": thread}
        for number in range(100, 140)
    ]
    slack.messages = [*around[:20], ours, *around[20:]]
    assert desk.deliver(this, reference=reference).found
    assert len(slack.posts()) == 1


def test_a_thread_that_is_too_long_to_be_looked_through_is_told(desk: Desk, slack: SlackVendor, parcel: Parcel) -> None:
    this, reference = with_link(parcel), IN_THREAD
    slack.refused_types = set(ALL_TYPES)
    slack.fail("after")
    failing(desk, this, reference=reference)
    now = int(time.time())
    slack.messages = [
        {"ts": f"{now}.{number:06d}", "blocks": [], "files": [], "thread_ts": THREAD} for number in range(100, 300)
    ]
    error = failing(desk, this, reference=reference)
    assert error.code == "thread_too_long"
    assert len(slack.posts()) == 1


def test_a_check_tells_scopes_that_are_missing(slack: SlackVendor) -> None:
    slack.scopes -= {"files:write", "groups:read"}
    found = [(each.is_good, each.said) for each in system_of(slack).check()]
    assert any(good is False and "files:write" in said for good, said in found)
    assert any(good is None and "groups:read" in said for good, said in found)
