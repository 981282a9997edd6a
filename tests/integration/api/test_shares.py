"""Share links: a page and files without a key, until they expire or are revoked; looked at by a real browser."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from playwright.sync_api import sync_playwright
from sqlalchemy import select

from renderer.capture.chromium import find_chromium
from renderer.database.tables import AuditEntry, ShareLink
from tests.integration.api.desk import VIDEO
from tests.integration.api.serving import Served


@pytest.fixture
def client(served: Served) -> Iterator[httpx2.Client]:
    with served.client() as client:
        yield client


@pytest.fixture
def anyone() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=30) as client:
        yield client


@pytest.fixture
def clip(client: httpx2.Client, served: Served) -> str:
    clip_id = str(client.post("/v1/clips", json={"recording": "posthog:s"}).json()["id"])
    served.desk.finish()
    return clip_id


def share(client: httpx2.Client, clip: str, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/clips/{clip}/shares", json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def views(served: Served) -> int:
    with served.desk.service.database.read() as session:
        return session.scalars(select(ShareLink.views)).one()


def test_the_page_shows_the_video_and_the_summary_as_text(
    client: httpx2.Client, anyone: httpx2.Client, clip: str
) -> None:
    link = share(client, clip)
    answer = anyone.get(link["url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = answer.text
    assert "<title>The user asked &lt;b&gt;twice&lt;/b&gt;; it failed.</title>" in page
    assert "it failed. &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert f'<source src="/s/{link["url"].rpartition("/")[2]}/clip.mp4" type="video/mp4">' in page
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; media-src 'self'; img-src 'self'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["cache-control"] == "private, no-store"
    # All that it asks for is its own.
    assert re.findall(r"(?:https?:)?//[^\"' ]+", page) == []


def test_a_browser_shows_it_without_complaint(client: httpx2.Client, clip: str, served: Served) -> None:
    link = share(client, clip)
    chromium = find_chromium(served.desk.service.settings)
    complaints: list[str] = []
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium.path), args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(link["url"])
        assert page.locator("h1").inner_text() == "The user asked <b>twice</b>; it failed."
        assert "1. 0:04 Clicked “Send”" in page.locator("pre").inner_text()
        box = page.locator("video").bounding_box()
        size = page.evaluate("getComputedStyle(document.querySelector('video')).borderRadius")
        browser.close()
    assert box is not None
    assert abs(box["width"] / box["height"] - 1280 / 720) < 0.01
    assert size == "6px"  # the style is let through by its hash
    assert [text for text in complaints if "Content Security Policy" in text] == []
    assert all(url.startswith(served.address) for url in asked)
    assert f"{link['url']}/clip.png" in asked


def test_files_come_whole_and_in_parts(client: httpx2.Client, anyone: httpx2.Client, clip: str) -> None:
    url = share(client, clip)["url"]
    assert anyone.get(f"{url}/clip.mp4").content == VIDEO
    part = anyone.get(f"{url}/clip.mp4", headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, VIDEO[5:10])
    assert anyone.head(f"{url}/clip.md").status_code == 200
    assert anyone.get(f"{url}/other.mp4").status_code == 404
    assert anyone.get(f"{url}/..%2fclip.mp4").status_code == 404


def test_a_link_to_one_file_opens_no_other(client: httpx2.Client, anyone: httpx2.Client, clip: str) -> None:
    url = share(client, clip, name="clip.mp4")["url"]
    assert anyone.get(f"{url}/clip.mp4").status_code == 200
    assert anyone.get(f"{url}/clip.md").status_code == 404
    page = anyone.get(url).text
    assert "clip.mp4" in page
    assert "clip.md" not in page
    assert "The user asked" not in page


def test_views_are_counted_once_and_logged(
    client: httpx2.Client, anyone: httpx2.Client, clip: str, served: Served
) -> None:
    link = share(client, clip)
    anyone.get(link["url"])
    assert views(served) == 1
    # What the page itself asks for is part of the view.
    anyone.get(f"{link['url']}/clip.mp4", headers={"Sec-Fetch-Dest": "video", "Range": "bytes=0-"})
    anyone.get(f"{link['url']}/clip.mp4", headers={"Range": "bytes=1000-"})
    assert views(served) == 1
    anyone.get(f"{link['url']}/clip.mp4")
    assert views(served) == 2
    with served.desk.service.database.read() as session:
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "share.view")))
    assert [(entry.actor, entry.detail["name"]) for entry in entries] == [
        (f"share:{link['id']}", "page"),
        (f"share:{link['id']}", "clip.mp4"),
    ]
    token = link["url"].rpartition("_")[2]
    assert token not in str([vars(entry) for entry in entries])


def test_links_end(client: httpx2.Client, anyone: httpx2.Client, clip: str, served: Served) -> None:
    revoked, expired, gone = (share(client, clip) for _ in range(3))
    assert client.delete(f"/v1/clips/{clip}/shares/{revoked['id']}").status_code == 204
    with served.desk.service.database.write() as session:
        session.get_one(ShareLink, expired["id"]).expires_ms = 1
    for link, code in ((revoked, "link_revoked"), (expired, "link_expired")):
        for path in ("", "/clip.mp4"):
            answer = anyone.get(link["url"] + path)
            assert (answer.status_code, answer.json()["code"]) == (410, code)
            assert answer.json()["instance"] == "/s/…"
    listed = client.get(f"/v1/clips/{clip}/shares").json()["data"]
    assert [each["id"] for each in listed] == [revoked["id"], expired["id"], gone["id"]]
    assert [each["revoked_at"] is not None for each in listed] == [True, False, False]
    client.delete(f"/v1/clips/{clip}")
    assert anyone.get(gone["url"]).json()["code"] == "link_gone"


def test_forged_and_unfinished_links(client: httpx2.Client, anyone: httpx2.Client, served: Served) -> None:
    clip = client.post("/v1/clips", json={"recording": "posthog:t"}).json()["id"]
    link = share(client, clip, days=1)
    early = anyone.get(link["url"])
    assert (early.status_code, early.json()["code"]) == (409, "clip_not_finished")
    forged = link["url"][:-1] + ("0" if link["url"][-1] != "0" else "1")
    assert anyone.get(forged).json()["code"] == "link_not_found"
    for days in (0, -1, 1000, "7"):
        assert client.post(f"/v1/clips/{clip}/shares", json={"days": days}).status_code == 422
    assert client.post("/v1/clips/clip_x/shares", json={}).status_code == 404
    assert client.delete(f"/v1/clips/{clip}/shares/shr_x").json()["code"] == "link_not_found"
