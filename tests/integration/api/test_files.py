"""Finished files over a real socket: whole, in parts, under their hashes, and as what they are."""

import hashlib
from collections.abc import Iterator

import httpx2
import pytest

from renderer.database.tables import Clip
from tests.integration.api.desk import FILES, VIDEO
from tests.integration.api.serving import Served

SIZE = len(VIDEO)
ETAG = f'"{hashlib.sha256(VIDEO).hexdigest()}"'


@pytest.fixture
def served(shared_served: Served) -> Served:
    return shared_served


@pytest.fixture
def client(served: Served) -> Iterator[httpx2.Client]:
    with served.client() as client:
        yield client


@pytest.fixture
def url(client: httpx2.Client, served: Served) -> str:
    clip_id = client.post("/v1/clips", json={"recording": "posthog:s"}).json()["id"]
    served.desk.finish()
    return f"/v1/clips/{clip_id}/files/clip.mp4"


def test_a_file_comes_whole_and_as_what_it_is(client: httpx2.Client, url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer.content == VIDEO) == (200, True)
    clip_id = url.split("/")[3]
    expected = {
        "content-type": "video/mp4",
        "content-length": str(SIZE),
        "accept-ranges": "bytes",
        "etag": ETAG,
        "content-disposition": f'inline; filename="{clip_id}.mp4"',
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-cache",
    }
    assert {name: answer.headers[name] for name in expected} == expected


@pytest.mark.parametrize("name", FILES)
def test_each_file_has_its_type(name: str, client: httpx2.Client, url: str) -> None:
    kind, content_type, content = FILES[name]
    answer = client.get(url.replace("clip.mp4", name))
    assert (answer.content, answer.headers["content-type"]) == (content, content_type)
    shown = "inline" if kind in {"mp4", "poster"} else "attachment"
    assert answer.headers["content-disposition"].startswith(f"{shown}; ")
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=-100", SIZE - 100, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-{SIZE * 9}", SIZE - 1, SIZE - 1),
        ("bytes = 5 - 9", 5, 9),
        ("BYTES=65530-65545", 65530, 65545),
    ],
)
def test_parts_of_a_file(asked: str, first: int, last: int, client: httpx2.Client, url: str) -> None:
    answer = client.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.content == VIDEO[first : last + 1]) == (206, True)
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)
    head = client.head(url, headers={"Range": asked})
    assert (head.status_code, head.content, head.headers["content-range"]) == (
        206,
        b"",
        answer.headers["content-range"],
    )


@pytest.mark.parametrize(
    "asked", ["bytes=0-9,20-29", "items=0-9", "bytes=", "bytes=-", "bytes=9-0", "0-9", "bytes=a-b"]
)
def test_what_is_no_single_range_gets_all_of_it(asked: str, client: httpx2.Client, url: str) -> None:
    answer = client.get(url, headers={"Range": asked})
    assert (answer.status_code, len(answer.content)) == (200, SIZE)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE * 3}-{SIZE * 4}", "bytes=-0"])
def test_a_range_outside_of_the_file(asked: str, client: httpx2.Client, url: str) -> None:
    answer = client.get(url, headers={"Range": asked})
    assert (answer.status_code, answer.json()["code"]) == (416, "bad_range")
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


def test_a_part_is_given_only_of_the_file_that_is_meant(client: httpx2.Client, url: str) -> None:
    same = client.get(url, headers={"Range": "bytes=0-9", "If-Range": ETAG})
    assert (same.status_code, same.content) == (206, VIDEO[:10])
    for other in ('"other"', f"W/{ETAG}", "Fri, 27 Nov 2026 07:06:50 GMT"):
        answer = client.get(url, headers={"Range": "bytes=0-9", "If-Range": other})
        assert (answer.status_code, len(answer.content)) == (200, SIZE), other


def test_what_one_has_is_not_sent_again(client: httpx2.Client, url: str) -> None:
    for condition in (ETAG, f'"other", {ETAG}', f"W/{ETAG}", "*"):
        answer = client.get(url, headers={"If-None-Match": condition})
        assert (answer.status_code, answer.content) == (304, b""), condition
    assert client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_is_get_without_the_body(client: httpx2.Client, url: str) -> None:
    head, whole = client.head(url), client.get(url)
    assert (head.status_code, head.content) == (200, b"")
    unlike = {"x-request-id", "date"}
    assert {k: v for k, v in head.headers.items() if k not in unlike} == {
        k: v for k, v in whole.headers.items() if k not in unlike
    }
    missing = client.head(url.replace("clip.mp4", "other.mp4"))
    assert (missing.status_code, missing.content) == (404, b"")


def test_files_that_are_not_there(client: httpx2.Client, url: str, served: Served) -> None:
    for name in ("other.mp4", "CLIP.MP4", "..%2fclip.mp4", "secret.key", "%2e%2e", "clip.mp4%00"):
        answer = client.get(url.replace("clip.mp4", name))
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), name
    waiting = client.post("/v1/clips", json={"recording": "posthog:t"}).json()["id"]
    early = client.get(f"/v1/clips/{waiting}/files/clip.mp4")
    assert (early.status_code, early.json()["code"]) == (409, "clip_not_finished")
    served.desk.fail()
    assert client.get(f"/v1/clips/{waiting}/files/clip.mp4").status_code == 404


def test_files_of_an_expired_clip_are_gone(client: httpx2.Client, url: str, served: Served) -> None:
    with served.desk.service.database.write() as session:
        session.get_one(Clip, url.split("/")[3]).expires_ms = 1
    served.desk.service.sweeper.expire()
    answer = client.get(url)
    assert (answer.status_code, answer.json()["code"]) == (410, "file_gone")
    clip = client.get(url.partition("/files")[0]).json()
    assert (clip["status"], clip["outputs"]) == ("expired", [])


def test_a_store_that_lost_a_file_says_so(client: httpx2.Client, url: str, served: Served) -> None:
    for file in list(served.desk.service.store.list("renders")):
        served.desk.service.store.delete(file.name)
    answer = client.get(url)
    assert answer.status_code == 500
    assert answer.json()["code"] == "store_damaged"
    assert client.get("/healthz").status_code == 200


def test_a_reader_that_breaks_off_costs_nothing(served: Served, url: str) -> None:
    for _ in range(5):
        with served.connect() as connection:
            request = f"GET {url} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {served.desk.key}\r\n\r\n"
            connection.sendall(request.encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    with served.client() as client:
        assert client.get(url).content == VIDEO
