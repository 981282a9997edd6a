"""What is particular to Jira Service Management."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renderer.deliver.journal import MemoryJournal
from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.jsm import JsmVendor


@pytest.fixture
def jsm() -> Iterator[JsmVendor]:
    with JsmVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(jsm: JsmVendor, tmp_path: Path) -> Desk:
    return Desk(jsm, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel, **given: Any) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, **given)
    return caught.value


def test_note_and_files_arrive_in_one_internal_comment(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    asked = jsm.posts()[0]
    assert asked.path == "/rest/servicedeskapi/request/HELP-12/attachment"
    assert asked.json()["public"] is False
    assert len(asked.json()["temporaryAttachmentIds"]) == 2
    assert jsm.comments[0]["body"].count("!clip.gif|width=640!") == 1
    assert receipt.url == f"{jsm.url}/browse/HELP-12?focusedCommentId={jsm.comments[0]['id']}"


def test_a_link_without_files_is_an_internal_comment_as_well(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.attachments_on = False
    receipt = desk.deliver(replace(parcel, watch=lambda: Watch("https://clips.example.com/s/abc")))
    assert receipt.way == "link"
    assert jsm.posts()[0].path == "/rest/servicedeskapi/request/HELP-12/comment"
    assert jsm.comments[0]["public"] is False


def test_an_account_that_is_no_agent_writes_no_internal_note(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.is_agent = False
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert "agent" in error.message
    assert jsm.temporary == {}
    assert jsm.comments == []


def test_an_account_that_is_no_agent_may_write_to_customers(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.is_agent = False
    desk.deliver(replace(parcel, is_public=True))
    assert jsm.notes()[0].is_public


def test_a_project_that_everybody_reads_takes_no_internal_note(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.is_open = True
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert '"public_project"' in error.message
    desk.deliver(replace(parcel, accepts=frozenset({"public_project"})))
    assert len(jsm.comments) == 1


def test_a_note_that_customers_see_in_spite_of_all_is_taken_away_again(
    desk: Desk, jsm: JsmVendor, parcel: Parcel
) -> None:
    jsm.makes_public = True
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert not error.retryable
    assert jsm.comments == []
    assert jsm.files == {}


def test_what_customers_see_is_looked_at_page_by_page(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.comments = [{"id": f"{at}", "body": "Hello", "public": True, "files": []} for at in range(1, 151)]
    jsm.makes_public = True
    assert failing(desk, parcel).code == "not_internal"
    assert len(jsm.comments) == 150


@pytest.mark.parametrize("lacks", ["isLastPage", "most"])
def test_what_cannot_be_told_does_not_count_as_internal(
    desk: Desk, jsm: JsmVendor, parcel: Parcel, lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that says nothing of its last page, or gives fewer than it is asked for; and more pages than are read."""
    jsm.comments = [{"id": f"{at}", "body": "Hello", "public": True, "files": []} for at in range(1, 151)]
    if lacks == "isLastPage":
        jsm.tells_last_page, jsm.most_per_page, jsm.makes_public = False, 50, True
    else:
        monkeypatch.setattr("renderer.deliver.systems.jsm._PAGES", 1)
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert ("does not tell" in error.message) is (lacks == "most")
    assert len(jsm.comments) == 150


def test_without_a_word_of_the_last_page_an_internal_note_is_one(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.tells_last_page = False
    assert desk.deliver(parcel).way == "attached"


def test_behind_the_gateway_the_sites_own_address_has_to_be_set(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    with pytest.raises(RequestError) as caught:
        desk.deliver(parcel, settings=jsm.settings() | {"url": "https://api.atlassian.com/ex/jira/8f7c1c2e"})
    assert "RENDERER_JSM_SITE" in caught.value.message


def test_an_issue_of_another_project_is_for_jira(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.project_type = "software"
    error = failing(desk, parcel)
    assert error.code == "no_service_project"
    assert "jira:HELP-12" in error.message


def test_an_issue_without_a_request_type_is_told(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.has_request_type = False
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "request type" in error.message


def test_uploads_that_jira_forgot_are_sent_again(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.forgets = True
    error = failing(desk, parcel)
    assert error.code == "upload_lost"
    assert error.retryable
    jsm.forgets = False
    desk.deliver(parcel)
    assert len(jsm.comments) == 1
    assert set(jsm.notes()[0].files) == {"clip.gif", "clip.mp4"}


def test_a_token_without_an_email_is_data_centers(desk: Desk, jsm: JsmVendor, parcel: Parcel) -> None:
    jsm.uses_tokens = True
    desk.deliver(parcel)
    assert jsm.asked[0].headers["authorization"] == f"Bearer {jsm.secret}"
    assert len(jsm.comments) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/browse/HELP-12",
        "/servicedesk/customer/portal/3/HELP-12",
        "/jira/servicedesk/projects/HELP/queues/custom/7/HELP-12",
    ],
)
def test_a_pasted_address_of_a_request_is_understood(desk: Desk, jsm: JsmVendor, parcel: Parcel, path: str) -> None:
    assert desk.deliver(parcel, reference=f"jsm:{jsm.url}{path}").ticket == "HELP-12"


def test_the_right_files_are_taken_away_when_others_have_the_same_name(
    desk: Desk, jsm: JsmVendor, parcel: Parcel
) -> None:
    desk.deliver(parcel)
    earlier = dict(jsm.files)
    desk.journal = MemoryJournal()
    receipt = desk.deliver(replace(parcel, key="dlv_second"))
    system = Destinations([jsm.system], lambda _, __: jsm.settings()).system("jsm")
    system.withdraw("HELP-12", receipt.facts)
    assert jsm.files == earlier
    assert len(jsm.comments) == 1


def test_a_check_says_whether_there_is_a_service_project(jsm: JsmVendor) -> None:
    system = Destinations([jsm.system], lambda _, __: jsm.settings()).system("jsm")
    said = {each.said: each.is_good for each in system.check()}
    assert said["signed in as Support Bot"] is True
    assert said["sees a service project"] is True
