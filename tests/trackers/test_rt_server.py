"""The tests' Request Tracker: what is attached is read back byte for byte, and its accounts see and may do what they are for."""

import json

import httpx2
import pytest

from tests.services.rt import RtServer
from tests.services.tickets import Account

CLIP = bytes(range(256)) * 3000


def session(server: RtServer, account: Account) -> httpx2.Client:
    headers = {"Authorization": f"token {account.secret}"}
    return httpx2.Client(base_url=server.url + "REST/2.0/", headers=headers, timeout=60)


def comment(client: httpx2.Client, issue: str) -> int:
    note = json.dumps({"Subject": "clip 7", "Content": "Clip: Grüße", "ContentType": "text/plain"})
    parts: list[tuple[str, tuple[str | None, str | bytes, str]]] = [
        ("JSON", (None, note, "application/json")),
        ("Attachments", ("clip.mp4", CLIP, "video/mp4")),
        ("Attachments", ("clip.vtt", b"WEBVTT\r\n\n1\n", "text/vtt")),
    ]
    return client.post(f"ticket/{issue}/comment", files=parts).status_code


def test_a_comment_is_read_back_with_its_files_and_hidden_from_customers(rt: RtServer) -> None:
    issue = rt.create_issue("checkout fails")
    with session(rt, rt.agent) as client:
        assert comment(client, issue) == 201
    for who in (rt.admin, rt.agent):
        assert [(text, private) for _, text, private in rt.notes(issue, who)] == [("Clip: Grüße", True)]
        assert [(name, kind, content) for _, name, kind, content in rt.files(issue, who)] == [
            ("clip.mp4", "video/mp4", CLIP),
            ("clip.vtt", "text/vtt", b"WEBVTT\r\n\n1\n"),
        ]
    assert (rt.notes(issue, rt.customer), rt.files(issue, rt.customer)) == ([], [])


def test_correspondence_is_seen_by_customers(rt: RtServer) -> None:
    issue = rt.create_issue("checkout fails")
    with session(rt, rt.admin) as client:
        said = {"Content": "We are looking", "ContentType": "text/plain"}
        assert client.post(f"ticket/{issue}/correspond", json=said).status_code == 201
    assert [(text, private) for _, text, private in rt.notes(issue, rt.customer)] == [("We are looking", False)]


def test_a_reader_does_not_comment_and_nobody_but_root_gets_elsewhere(rt: RtServer) -> None:
    issue, elsewhere = rt.create_issue("checkout fails"), rt.create_issue("not for everybody", rt.elsewhere)
    for who in (rt.reader, rt.customer):
        with session(rt, who) as client:
            assert comment(client, issue) == 400
            assert client.get(f"ticket/{issue}").status_code == 200
    for who, status in ((rt.admin, 200), (rt.agent, 403), (rt.reader, 403)):
        with session(rt, who) as client:
            assert client.get(f"ticket/{elsewhere}").status_code == status
    assert rt.notes(issue) == []


@pytest.mark.parametrize(
    ("how", "name", "length"),
    [("TruncateLongAttachments", "clip.mp4", 75_000), ("DropLongAttachments", "clip.mp4.txt", 24)],
)
def test_long_files_are_cut_or_dropped_where_the_settings_say_so(
    rt: RtServer, how: str, name: str, length: int
) -> None:
    rt.configure(MaxAttachmentSize=100_000, **{how: 1})
    issue = rt.create_issue("checkout fails")
    with session(rt, rt.agent) as client:
        assert comment(client, issue) == 201
    clip, captions = rt.files(issue)
    assert (clip.name, len(clip.content)) == (name, length)
    assert captions.content == b"WEBVTT\r\n\n1\n"
    rt.configure()
    issue = rt.create_issue("checkout fails")
    with session(rt, rt.agent) as client:
        assert comment(client, issue) == 201
    assert rt.files(issue)[0].content == CLIP
