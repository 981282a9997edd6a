"""A real Request Tracker 5 on loopback, Debian's package with SQLite: `scripts/setup trackers` installs it.

Two queues: `Support`, where all users have rights, and `Elsewhere`, where only root has.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.services.tickets import Account, AttachedFile, Note, Server, run, temporary_folder

_HERE = Path(__file__).parent
_DEFAULTS: dict[str, int] = {
    "MaxAttachmentSize": 10 * 1024 * 1024,
    "TruncateLongAttachments": 0,
    "DropLongAttachments": 0,
}
_CONFIG = """
Set($rtname, 'tracker.example');
Set($Organization, 'tracker.example');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {port});
Set($WebPath, '');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '{folder}/rt.db');
Set($MailCommand, 'mbox');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'warning');
Set($Timezone, 'UTC');
$RT::VarPath = '{folder}/var';
$RT::MasonDataDir = '{folder}/mason';
$RT::MasonSessionDir = '{folder}/sessions';
1;
"""


class RtServer(Server):
    """Accounts have tokens.

    `agent`      has what a destination needs: SeeQueue, ShowTicket, ShowTicketComments, CommentOnTicket
    `reader`     the same without CommentOnTicket
    `customer`   SeeQueue and ShowTicket: sees correspondence, but no comment
    """

    start_s = 90.0
    alive = "REST/2.0/rt"
    queue = "Support"
    elsewhere = "Elsewhere"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._tokens: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def admin(self) -> Account:
        return self._account("root")

    @property
    def agent(self) -> Account:
        return self._account("agent")

    @property
    def reader(self) -> Account:
        return self._account("reader")

    @property
    def customer(self) -> Account:
        return self._account("customer")

    def make(self) -> None:
        """Its database; takes seven seconds."""
        for name in ("var", "mason", "sessions", "no-more-configuration"):
            (self._folder / name).mkdir()
        config = _CONFIG.replace("{port}", str(self.port)).replace("{folder}", str(self._folder))
        (self._folder / "RT_SiteConfig.pm").write_text(config)
        setup = ["/usr/sbin/rt-setup-database-5", "--action", "init", "--skip-create"]
        run(setup, self._folder, self._environment())
        tokens = self._folder / "tokens.json"
        run(["/usr/bin/perl", str(_HERE / "rt_seed.pl"), str(tokens)], self._folder, self._environment())
        self._tokens = json.loads(tokens.read_text())
        self.configure()

    def configure(self, **settings: int) -> None:
        """From the next request on; what is not named has its default. `MaxAttachmentSize` counts bytes."""
        assert settings.keys() <= _DEFAULTS.keys()
        beside = self._folder / "settings.new"
        beside.write_text(json.dumps({**_DEFAULTS, **settings}))
        beside.replace(self._folder / "settings.json")

    def create_issue(self, subject: str, queue: str = queue) -> str:
        """Asked by the customer."""
        ticket = {"Queue": queue, "Subject": subject, "Requestor": "customer@tracker.example"}
        return str(self._call("POST", "ticket", json=ticket)["id"])

    def notes(self, issue: str, seen_by: Account | None = None) -> list[Note]:
        """As root sees them, or somebody else."""
        history = self._call("GET", f"ticket/{issue}/history?fields=Type&per_page=100", seen_by)
        return [
            Note(entry["id"], self._text(entry["id"], seen_by), entry["Type"] == "Comment")
            for entry in history["items"]
            if entry["Type"] in ("Comment", "Correspond")
        ]

    def files(self, issue: str, seen_by: Account | None = None) -> list[AttachedFile]:
        return [
            AttachedFile(part["id"], part["Filename"], part["ContentType"], self._content(part["id"], seen_by))
            for part in self._parts(f"ticket/{issue}", seen_by)
            if part["Filename"]
        ]

    def _text(self, transaction: str, seen_by: Account | None) -> str:
        """Of the part that is neither a file nor a container of others."""
        texts = [
            self._content(part["id"], seen_by).decode()
            for part in self._parts(f"transaction/{transaction}", seen_by)
            if not part["Filename"] and part["ContentType"].startswith("text/")
        ]
        return "".join(texts)

    def _parts(self, of: str, seen_by: Account | None) -> list[dict[str, str]]:
        found = self._call("GET", f"{of}/attachments?fields=Filename,ContentType&per_page=100", seen_by)
        parts: list[dict[str, str]] = found["items"]
        return sorted(parts, key=lambda part: int(part["id"]))

    def _content(self, part: str, seen_by: Account | None) -> bytes:
        return base64.b64decode(self._call("GET", f"attachment/{part}", seen_by)["Content"])

    def _call(self, method: str, path: str, who: Account | None = None, json: Any = None) -> Any:
        headers = {"Authorization": f"token {(who or self.admin).secret}"}
        answer = httpx2.request(method, f"{self.url}REST/2.0/{path}", headers=headers, json=json, timeout=60)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def _account(self, user: str) -> Account:
        return Account(user, self._tokens[user])

    def _command(self) -> list[str]:
        # One process: a prefork server's children outlive it when it is killed, and settings would be theirs.
        where = ["-s", "Standalone", "-E", "deployment", "--host", "127.0.0.1", "--port", str(self.port)]
        return ["/usr/bin/plackup", *where, str(_HERE / "rt.psgi")]

    def _environment(self) -> Mapping[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            "RT_SITE_CONFIG": str(self._folder / "RT_SiteConfig.pm"),
            "RT_SITE_CONFIG_DIR": str(self._folder / "no-more-configuration"),
        }


@contextmanager
def running_rt() -> Iterator[RtServer]:
    """A server of its own, gone afterwards."""
    with temporary_folder("rt") as folder:
        server = RtServer(folder)
        server.make()
        try:
            server.start()
            yield server
        finally:
            server.kill()
