"""A real Roundup on loopback, with SQLite and REST: one for the run, an issue of its own for each test.

`roundup`       the tracker; a test may `stop()`, `kill()` and `start()` it: the next one finds it running
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx2
import pytest

from tests.services.tickets import Account, AttachedFile, Server, temporary_folder

_ROOT = Path(__file__).parents[2]
_AGENT: Final = Account("agent", "agent-password-canary")
_READER: Final = Account("reader", "reader-password-canary")
_UNLUCKY: Final = Account("unlucky", "unlucky-password-canary")
_ROLES: Final = {_AGENT: "User", _READER: "Reader", _UNLUCKY: "User"}


class Message(NamedTuple):
    id: str
    content: str


class RoundupServer(Server):
    """`user` and `password` are those of somebody who may do all that a destination needs.

    `reader`    sees issues, uploads files and messages, may not edit an issue
    `unlucky`   as `user`, for tests of wrong passwords: the fourth locks an account for ten minutes
    """

    user = _AGENT.user
    password = _AGENT.secret
    reader = _READER
    unlucky = _UNLUCKY

    @property
    def url(self) -> str:
        """Of the tracker, with a slash at the end; REST is below `rest/`."""
        return f"http://127.0.0.1:{self.port}/demo/"

    def create_issue(self, title: str) -> str:
        created = self._call("POST", "rest/data/issue", json={"title": title})
        return str(created.json()["data"]["id"])

    def messages(self, issue: str) -> list[Message]:
        """In the order in which they were made."""
        return [Message(number, self.content("msg", number).decode()) for number in self._linked(issue, "messages")]

    def files(self, issue: str) -> list[AttachedFile]:
        found = []
        for number in self._linked(issue, "files"):
            known = self._call("GET", f"rest/data/file/{number}").json()["data"]["attributes"]
            found.append(AttachedFile(number, known["name"], known["type"], self.content("file", number)))
        return found

    def made(self, kind: str) -> set[str]:
        """All there are, whether in an issue or not."""
        found = self._call("GET", f"rest/data/{kind}").json()["data"]["collection"]
        return {item["id"] for item in found}

    def content(self, kind: str, number: str) -> bytes:
        """Of a file, or of a message."""
        return self._call("GET", f"rest/data/{kind}/{number}/binary_content", accept="*/*").content

    def _linked(self, issue: str, name: str) -> list[str]:
        attributes = self._call("GET", f"rest/data/issue/{issue}").json()["data"]["attributes"]
        return sorted((link["id"] for link in attributes[name]), key=int)

    def _call(self, method: str, path: str, *, accept: str = "application/json", json: Any = None) -> httpx2.Response:
        headers = {"Accept": accept}
        if method != "GET":
            headers |= {"Origin": self.url.removesuffix("/demo/"), "X-Requested-With": "rest"}
        answer = httpx2.request(
            method, self.url + path, headers=headers, json=json, auth=(self.user, self.password), timeout=30
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def _command(self) -> list[str]:
        options = {
            "home": str(self._folder / "tracker"),
            "url": self.url,
            "port": self.port,
            "users": {account.user: (account.secret, roles) for account, roles in _ROLES.items()},
        }
        return [sys.executable, "-m", "tests.services.roundup_tracker", json.dumps(options)]

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "PYTHONPATH": str(_ROOT)}


@contextmanager
def running_roundup() -> Iterator[RoundupServer]:
    """A tracker of its own, gone afterwards."""
    with temporary_folder("roundup") as folder:
        server = RoundupServer(folder)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@pytest.fixture(scope="session")
def shared_roundup() -> Iterator[RoundupServer]:
    """One for the whole run, started by the first test that asks."""
    with running_roundup() as server:
        yield server


@pytest.fixture
def roundup(shared_roundup: RoundupServer) -> RoundupServer:
    shared_roundup.start()
    return shared_roundup
