"""What is particular to Jira Cloud, and to what Jira Data Center shares with it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.jira import JiraVendor
from tests.vendors.jira_dc import LOGIN_PAGE, JiraDataCenterVendor
from tests.vendors.jira_site import JiraSite


@pytest.fixture
def jira() -> Iterator[JiraVendor]:
    with JiraVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(jira: JiraVendor, tmp_path: Path) -> Desk:
    return Desk(jira, Fitting(tmp_path / "fitted"))


@pytest.fixture
def data_center() -> Iterator[JiraDataCenterVendor]:
    with JiraDataCenterVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def own_desk(data_center: JiraDataCenterVendor, tmp_path: Path) -> Desk:
    return Desk(data_center, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel, **given: Any) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, **given)
    return caught.value


def nodes(jira: JiraVendor, kind: str) -> list[dict[str, Any]]:
    return [node for node in jira.comments[0]["body"]["content"] if node["type"] == kind]


def settings(site: JiraSite, /, **more: str) -> dict[str, str]:
    return {name: value for name, value in {**site.settings(), **more}.items() if value}


def test_the_gif_moves_in_the_comment_and_the_film_is_a_link(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    gif, film = jira.files.values()
    media = nodes(jira, "mediaSingle")[0]["content"][0]["attrs"]
    assert media == {"type": "file", "id": gif["media"], "collection": ""}
    assert f"{jira.url}/rest/api/3/attachment/content/{film['id']}" in json.dumps(jira.comments[0]["body"])
    assert receipt.url == f"{jira.url}/browse/PROJ-123?focusedCommentId={receipt.note_id}"
    assert {file["mimeType"] for file in (gif, film)} == {"image/gif", "video/mp4"}


def test_where_jira_does_not_tell_what_it_calls_a_file_the_gif_is_a_link_too(
    desk: Desk, jira: JiraVendor, parcel: Parcel
) -> None:
    to = "https://elsewhere.example/files/10001"
    jira.faults.append(Fault("GET", "/attachment/content/", reply=Reply(303, b"", {"Location": to})))
    desk.deliver(parcel)
    assert nodes(jira, "mediaSingle") == []
    assert set(jira.notes()[0].files) == {"clip.gif", "clip.mp4"}


def test_a_picture_that_jira_refuses_in_a_comment_becomes_a_link(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    jira.shows_media = False
    desk.deliver(parcel)
    assert len(jira.comments) == 1
    assert nodes(jira, "mediaSingle") == []
    assert set(jira.notes()[0].files) == {"clip.gif", "clip.mp4"}


def test_the_limit_that_the_site_sets_is_asked_before_anything_goes_up(
    desk: Desk, jira: JiraVendor, parcel: Parcel
) -> None:
    jira.most_bytes = 500_000
    desk.deliver(parcel)
    assert jira.asked[0].path == "/rest/api/3/attachment/meta"
    sizes = [len(part.content) for each in jira.asked if each.path.endswith("/attachments") for part in each.parts()]
    assert sizes
    assert max(sizes) <= 500_000


def test_a_file_that_is_too_large_in_spite_of_what_the_site_says_is_made_smaller(
    desk: Desk, jira: JiraVendor, parcel: Parcel
) -> None:
    jira.faults.append(Fault("POST", "/attachments$", reply=Reply(413, b"<html><h1>413 Too Large</h1></html>")))
    receipt = desk.deliver(parcel)
    assert receipt.way == "attached"
    assert desk.fit.asked


def test_where_attachments_are_turned_off_a_link_goes(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    jira.attachments_on = False
    receipt = desk.deliver(replace(parcel, watch=lambda: Watch("https://clips.example.com/s/abc")))
    assert receipt.way == "link"
    assert jira.files == {}
    assert "https://clips.example.com/s/abc" in jira.notes()[0].text


@pytest.mark.parametrize("lacks", [{"CREATE_ATTACHMENTS"}, {"ADD_COMMENTS", "BROWSE_PROJECTS"}])
def test_permissions_that_lack_are_named(desk: Desk, jira: JiraVendor, parcel: Parcel, lacks: set[str]) -> None:
    jira.lacks = lacks
    error = failing(desk, parcel)
    assert error.code == "destination_forbidden"
    for name in lacks:
        assert name.replace("_", " ").title() in error.message
    assert jira.files == {}


def test_an_issue_of_a_service_project_is_for_jsm(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    jira.project_type = "service_desk"
    error = failing(desk, parcel)
    assert error.code == "service_project"
    assert "jsm:PROJ-123" in error.message
    assert not error.retryable
    assert jira.files == {}


def test_an_issue_that_everybody_reads_takes_no_internal_note(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    jira.is_open = True
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert '"public_project"' in error.message
    assert jira.files == {}
    desk.deliver(replace(parcel, accepts=frozenset({"public_project"})))
    assert len(jira.comments) == 1


def test_whether_everybody_reads_an_issue_is_asked_without_credentials(
    desk: Desk, jira: JiraVendor, parcel: Parcel
) -> None:
    desk.deliver(parcel)
    strangers = [each for each in jira.asked if "authorization" not in each.headers]
    assert [each.path for each in strangers] == ["/rest/api/3/issue/PROJ-123"]


def test_a_note_is_for_the_role_that_is_set(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    desk.deliver(parcel)
    assert jira.comments[0]["visibility"] == {"type": "role", "value": "Developers"}


def test_without_a_role_a_note_is_for_whoever_sees_the_issue(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    desk.deliver(parcel, settings=settings(jira, visibility=""))
    assert "visibility" not in jira.comments[0]


def test_a_restricted_note_whose_files_everybody_sees_is_refused_unless_accepted(
    jira: JiraVendor, data_center: JiraDataCenterVendor, parcel: Parcel, tmp_path: Path
) -> None:
    for site in (jira, data_center):
        desk = Desk(site, Fitting(tmp_path / "fitted"), accepts=frozenset())
        error = failing(desk, parcel)
        assert error.code == "not_internal"
        assert "visible_files" in error.message
        assert site.files == {}
        assert desk.deliver(replace(parcel, accepts=frozenset({"visible_files"}))).way == "attached"


def test_a_note_that_everybody_on_the_issue_reads_needs_no_such_consent(
    jira: JiraVendor, parcel: Parcel, tmp_path: Path
) -> None:
    desk = Desk(jira, Fitting(tmp_path / "fitted"), accepts=frozenset())
    assert desk.deliver(parcel, settings=settings(jira, visibility="")).way == "attached"


def test_behind_the_gateway_the_sites_own_address_has_to_be_set(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    gateway = settings(jira, url="https://api.atlassian.com/ex/jira/8f7c1c2e")
    with pytest.raises(RequestError) as caught:
        desk.deliver(parcel, settings=gateway)
    assert caught.value.code == "destination_bad_setting"
    assert "RENDERER_JIRA_SITE" in caught.value.message


def test_a_role_that_is_not_there_is_told_in_jiras_words(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    error = failing(desk, parcel, settings=settings(jira, visibility="role:Agents"))
    assert error.code == "destination_refused"
    assert "The role Agents does not exist" in error.message
    assert jira.files == {}


def test_a_restriction_that_jira_passes_over_takes_the_note_away_again(
    desk: Desk, jira: JiraVendor, parcel: Parcel
) -> None:
    jira.ignores_visibility = True
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert jira.comments == []
    assert jira.files == {}


def test_a_restriction_of_another_form_is_told_before_anybody_is_asked(
    desk: Desk, jira: JiraVendor, parcel: Parcel
) -> None:
    with pytest.raises(RequestError) as caught:
        desk.deliver(parcel, settings=settings(jira, visibility="Developers"))
    assert caught.value.code == "destination_bad_setting"
    assert "RENDERER_JIRA_VISIBILITY" in caught.value.message
    assert jira.asked == []


@pytest.mark.parametrize(
    "path",
    [
        "/browse/PROJ-123",
        "/browse/PROJ-123?focusedCommentId=10001",
        "/jira/software/projects/PROJ/boards/1?selectedIssue=PROJ-123",
        "/jira/software/c/projects/PROJ/issues/PROJ-123",
    ],
)
def test_a_pasted_address_of_an_issue_is_understood(desk: Desk, jira: JiraVendor, parcel: Parcel, path: str) -> None:
    assert desk.deliver(parcel, reference=f"jira:{jira.url}{path}").ticket == "PROJ-123"


def test_a_key_in_small_letters_is_the_same_issue(desk: Desk, parcel: Parcel) -> None:
    assert desk.deliver(parcel, reference="jira:proj-123").ticket == "PROJ-123"


def test_behind_atlassians_gateway_addresses_for_people_are_the_sites(
    desk: Desk, jira: JiraVendor, parcel: Parcel
) -> None:
    jira.gateway = "/ex/jira/8f7c1c2e"
    given = settings(jira, url=f"{jira.url}{jira.gateway}", site=jira.url)
    receipt = desk.deliver(parcel, settings=given, reference=f"jira:{jira.url}/browse/PROJ-123")
    assert receipt.url == f"{jira.url}/browse/PROJ-123?focusedCommentId={receipt.note_id}"
    assert jira.gateway not in jira.notes()[0].text
    assert all(each.path.startswith(jira.gateway) for each in jira.asked if "authorization" in each.headers)


def test_an_oauth_token_goes_as_bearer(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    error = failing(desk, parcel, settings=settings(jira, email=""))
    assert error.code == "destination_credentials"
    assert jira.asked[0].headers["authorization"] == f"Bearer {jira.secret}"


def test_credentials_that_jira_passes_over_are_told(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    as_a_stranger = Reply(404, {"errorMessages": ["No."]}, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
    jira.faults.append(Fault("GET", "/issue/PROJ-123$", reply=as_a_stranger))
    assert failing(desk, parcel).code == "destination_credentials"


def test_a_burst_limit_says_when_it_ends(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    limited = Reply(429, {}, {"Retry-After": "5", "RateLimit-Reason": "jira-burst-based"})
    jira.faults.append(Fault("POST", "/attachments$", reply=limited))
    error = failing(desk, parcel)
    assert (error.code, error.retry_after_s) == ("destination_limited", 5)


def test_a_file_that_arrived_damaged_is_told(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    jira.damages = "image/gif"
    error = failing(desk, parcel)
    assert error.code == "attachment_damaged"
    assert "clip.gif" in error.message
    assert not error.retryable


def test_taking_away_needs_no_file_to_be_there_still(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    system = Destinations([jira.system], lambda _, __: jira.settings()).system("jira")
    system.withdraw("PROJ-123", receipt.facts)
    assert jira.comments == []
    assert jira.files == {}
    system.withdraw("PROJ-123", receipt.facts)


def test_taking_away_names_the_permissions_that_it_needs(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    jira.may_delete = False
    system = Destinations([jira.system], lambda _, __: jira.settings()).system("jira")
    with pytest.raises(DestinationError) as caught:
        system.withdraw("PROJ-123", receipt.facts)
    assert caught.value.code == "destination_forbidden"
    assert "Delete Own Comments" in caught.value.message


def test_a_note_is_never_edited(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    """An edit that loses a media node deletes the file."""
    desk.deliver(parcel)
    assert {each.method for each in jira.asked} == {"GET", "POST"}


def test_a_long_note_is_cut_to_what_jira_takes(desk: Desk, jira: JiraVendor, parcel: Parcel) -> None:
    steps = "\n".join(f"{at}. `0:{at % 60:02}` Clicked “{'word ' * 40}”" for at in range(1, 400))
    desk.deliver(replace(parcel, summary=f"Somebody clicked a lot.\n\n### What happened\n\n{steps}\n"))
    assert len(json.dumps(jira.comments[0]["body"], ensure_ascii=False, separators=(",", ":"))) <= 32_767
    assert "The rest is in" in jira.notes()[0].text


def test_an_install_of_ones_own_shows_files_by_their_names(
    own_desk: Desk, data_center: JiraDataCenterVendor, parcel: Parcel
) -> None:
    own_desk.deliver(parcel)
    text = data_center.comments[0]["body"]
    assert "!clip.gif|width=640!" in text
    assert "[^clip.mp4]" in text
    assert data_center.asked[0].headers["authorization"] == f"Bearer {data_center.secret}"


def test_another_clip_of_the_same_name_does_not_take_the_place_of_the_first(
    own_desk: Desk, data_center: JiraDataCenterVendor, parcel: Parcel, tmp_path: Path
) -> None:
    own_desk.deliver(parcel)
    gif = parcel.files[1]
    other = tmp_path / "other.gif"
    other.write_bytes(gif.path.read_bytes() + b"more")
    digest = hashlib.sha256(other.read_bytes()).hexdigest()
    files = (replace(gif, path=other, bytes=gif.bytes + 4, sha256=digest),)
    own_desk.journal.steps.clear()
    own_desk.deliver(replace(parcel, key="dlv_second", files=files))
    first, second = data_center.notes()
    assert first.files["clip.gif"] == gif.path.read_bytes()
    assert second.files == {f"clip-{digest[:8]}.gif": other.read_bytes()}


def test_a_login_page_is_no_answer(own_desk: Desk, data_center: JiraDataCenterVendor, parcel: Parcel) -> None:
    data_center.faults.append(Fault("GET", "/attachment/meta", reply=Reply(200, LOGIN_PAGE)))
    error = failing(own_desk, parcel)
    assert error.code == "destination_bad_answer"
    assert "RENDERER_JIRA_DC_URL" in error.message


def test_a_page_of_html_is_told_without_its_tags(
    own_desk: Desk, data_center: JiraDataCenterVendor, parcel: Parcel
) -> None:
    page = b"<html><body><h1>XSRF check failed</h1></body></html>"
    data_center.faults.append(Fault("POST", "/comment$", reply=Reply(400, page)))
    error = failing(own_desk, parcel)
    assert "XSRF check failed" in error.message
    assert "<" not in error.message


def test_a_locked_account_is_told_as_wrong_credentials(
    own_desk: Desk, data_center: JiraDataCenterVendor, parcel: Parcel
) -> None:
    denied = Reply(403, b"<html>Captcha</html>", {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"})
    data_center.faults.append(Fault("GET", "/attachment/meta", reply=denied))
    assert failing(own_desk, parcel).code == "destination_credentials"
