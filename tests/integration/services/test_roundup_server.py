"""The tests' Roundup: what is attached by REST is read back byte for byte, and its accounts may do what they are for."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.services.roundup import RoundupServer, running_roundup
from tests.services.tickets import Account

CLIP = bytes(range(256)) * 3000
NOTE = "Clip: Grüße\n\n- one"


@pytest.fixture(scope="module")
def tracker() -> Iterator[RoundupServer]:
    with running_roundup() as server:
        yield server


def session(server: RoundupServer, user: str, password: str) -> httpx2.Client:
    headers = {"Origin": server.url.removesuffix("/demo/"), "X-Requested-With": "rest"}
    return httpx2.Client(base_url=server.url + "rest/data/", auth=(user, password), headers=headers, timeout=30)


def attach(client: httpx2.Client, issue: str) -> httpx2.Response:
    sent = {"content": ("clip.mp4", CLIP, "video/mp4")}
    file = client.post("file", data={"name": "clip.mp4", "type": "video/mp4"}, files=sent)
    note = client.post("msg", json={"content": NOTE, "type": "text/plain"})
    assert (file.status_code, note.status_code) == (201, 201)
    links = {"@op": "add", "files": [file.json()["data"]["id"]], "messages": [note.json()["data"]["id"]]}
    etag = client.get(f"issue/{issue}").headers["ETag"]
    return client.patch(f"issue/{issue}", json=links, headers={"If-Match": etag})


def test_a_file_and_a_message_are_read_back(tracker: RoundupServer) -> None:
    issue = tracker.create_issue("checkout fails")
    with session(tracker, tracker.user, tracker.password) as client:
        assert attach(client, issue).status_code == 200
    assert [(name, kind, content) for _, name, kind, content in tracker.files(issue)] == [
        ("clip.mp4", "video/mp4", CLIP)
    ]
    assert [content for _, content in tracker.messages(issue)] == [NOTE]


def test_an_issue_of_another_test_has_nothing_of_it(tracker: RoundupServer) -> None:
    issue = tracker.create_issue("another")
    assert (tracker.files(issue), tracker.messages(issue)) == ([], [])


def test_a_reader_uploads_but_does_not_edit(tracker: RoundupServer) -> None:
    issue = tracker.create_issue("checkout fails")
    reader: Account = tracker.reader
    with session(tracker, reader.user, reader.secret) as client:
        assert attach(client, issue).status_code == 403
    assert tracker.files(issue) == []


def test_wrong_passwords_lock_an_account_and_no_other(tracker: RoundupServer) -> None:
    with session(tracker, tracker.unlucky.user, "wrong") as client:
        answers = [client.get("issue").status_code for _ in range(5)]
    assert answers == [401, 401, 401, 401, 429]
    with session(tracker, tracker.user, tracker.password) as client:
        assert client.get("issue").status_code == 200


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_what_was_stored_outlives_a_server_that_was_taken_away(tracker: RoundupServer, how: str) -> None:
    issue = tracker.create_issue("checkout fails")
    with session(tracker, tracker.user, tracker.password) as client:
        assert attach(client, issue).status_code == 200
    getattr(tracker, how)()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(tracker.url)
    tracker.start()
    assert [file.content for file in tracker.files(issue)] == [CLIP]
