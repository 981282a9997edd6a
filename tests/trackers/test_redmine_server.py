"""The tests' Redmine: what is attached is read back byte for byte, and its accounts see and may do what they are for."""

import httpx2

from tests.services.redmine import RedmineServer
from tests.services.tickets import Account

CLIP = bytes(range(256)) * 3000


def session(server: RedmineServer, account: Account) -> httpx2.Client:
    return httpx2.Client(base_url=server.url, headers={"X-Redmine-API-Key": account.secret}, timeout=60)


def upload(client: httpx2.Client) -> httpx2.Response:
    kind = {"Content-Type": "application/octet-stream"}
    return client.post("uploads.json", params={"filename": "clip.mp4"}, content=CLIP, headers=kind)


def attach(client: httpx2.Client, issue: str, note: str) -> int:
    token = upload(client).json()["upload"]["token"]
    file = {"token": token, "filename": "clip.mp4", "content_type": "video/mp4"}
    answer = client.put(
        f"issues/{issue}.json", json={"issue": {"notes": note, "private_notes": True, "uploads": [file]}}
    )
    return answer.status_code


def test_a_private_note_is_read_back_with_its_file_and_hides_its_text_alone(redmine: RedmineServer) -> None:
    issue = redmine.create_issue("checkout fails")
    with session(redmine, redmine.agent) as client:
        assert attach(client, issue, "Clip: Grüße") == 204
    for who in (redmine.admin, redmine.agent):
        assert [(text, private) for _, text, private in redmine.notes(issue, who)] == [("Clip: Grüße", True)]
    assert redmine.notes(issue, redmine.customer) == []
    for who in (redmine.agent, redmine.customer):
        files = redmine.files(issue, who)
        assert [(file.name, file.type, file.content) for file in files] == [("clip.mp4", "video/mp4", CLIP)]


def test_without_the_right_a_private_note_is_public(redmine: RedmineServer) -> None:
    issue = redmine.create_issue("checkout fails")
    with session(redmine, redmine.public_agent) as client:
        assert attach(client, issue, "meant to be private") == 204
    assert [(text, private) for _, text, private in redmine.notes(issue, redmine.customer)] == [
        ("meant to be private", False)
    ]


def test_a_customer_uploads_nothing_and_nobody_but_the_admin_gets_elsewhere(redmine: RedmineServer) -> None:
    elsewhere = redmine.create_issue("not for everybody", redmine.elsewhere)
    for who, status in ((redmine.admin, 200), (redmine.agent, 403), (redmine.customer, 403)):
        with session(redmine, who) as client:
            assert client.get(f"issues/{elsewhere}.json").status_code == status
    with session(redmine, redmine.customer) as client:
        assert upload(client).status_code == 403


def test_settings_change_while_it_runs(redmine: RedmineServer) -> None:
    with session(redmine, redmine.agent) as client:
        redmine.configure(attachment_max_size="100")
        refused = upload(client)
        assert refused.status_code == 422
        assert "exceeds the maximum allowed file size" in refused.json()["errors"][0]
        redmine.configure(attachment_extensions_denied="mp4")
        assert upload(client).status_code == 422
        redmine.configure()
        assert upload(client).status_code == 201
