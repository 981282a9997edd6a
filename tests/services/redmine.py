"""A real Redmine 5 on loopback, Debian's package with SQLite: `scripts/setup trackers` installs it.

Two projects that only members see: `support`, where all users are, and `elsewhere`, where only the admin gets in.
"""

import html
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.services.tickets import Account, AttachedFile, Note, Server, run, temporary_folder

_HERE = Path(__file__).parent
# Redmine has folders for several sites, whose names it puts behind its own path.
_TO_ROOT = "../" * 16
_DEFAULTS = {
    "attachment_max_size": "5120",
    "attachment_extensions_allowed": "",
    "attachment_extensions_denied": "",
    "text_formatting": "textile",
}


class RedmineServer(Server):
    """Accounts have API keys.

    `agent`          has what a destination needs: view_issues, add_issue_notes, set_notes_private, view_private_notes
    `public_agent`   the same without set_notes_private
    `customer`       view_issues alone
    """

    start_s = 90.0
    alive = "login"
    project = "support"
    elsewhere = "elsewhere"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._keys: dict[str, str] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def admin(self) -> Account:
        return self._account("admin")

    @property
    def agent(self) -> Account:
        return self._account("agent")

    @property
    def public_agent(self) -> Account:
        return self._account("public-agent")

    @property
    def customer(self) -> Account:
        return self._account("customer")

    def make(self) -> None:
        """Its database; takes ten seconds."""
        for name in ("config", "files", "log", "tmp", "public/plugin_assets"):
            (self._folder / name).mkdir(parents=True)
        database = {"adapter": "sqlite3", "database": str(self._folder / "redmine.db"), "timeout": 20_000}
        # What is JSON is YAML too.
        (self._folder / "config" / "database.yml").write_text(json.dumps({"production": database}))
        (self._folder / "config" / "secret_key.txt").write_text(secrets.token_hex(32))
        keys = self._folder / "keys.json"
        run(["/usr/bin/ruby", str(_HERE / "redmine_seed.rb"), str(keys)], self._folder, self._environment())
        self._keys = json.loads(keys.read_text())
        self.configure()

    def configure(self, **settings: str) -> None:
        """From the next request on; what is not named has its default. `attachment_max_size` counts KiB."""
        assert settings.keys() <= _DEFAULTS.keys()
        beside = self._folder / "settings.new"
        beside.write_text(json.dumps({**_DEFAULTS, **settings}))
        beside.replace(self._folder / "settings.json")

    def create_issue(self, subject: str, project: str = project) -> str:
        created = self._call("POST", "issues.json", json={"issue": {"project_id": project, "subject": subject}})
        return str(created.json()["issue"]["id"])

    def notes(self, issue: str, seen_by: Account | None = None) -> list[Note]:
        """As the admin sees them, or somebody else."""
        return [
            Note(str(entry["id"]), entry["notes"], entry["private_notes"])
            for entry in self._issue(issue, seen_by)["journals"]
            if entry["notes"]
        ]

    def files(self, issue: str, seen_by: Account | None = None) -> list[AttachedFile]:
        found = []
        for entry in self._issue(issue, seen_by)["attachments"]:
            content = self._call("GET", f"attachments/download/{entry['id']}/{entry['filename']}", seen_by).content
            found.append(AttachedFile(str(entry["id"]), entry["filename"], entry["content_type"], content))
        return found

    def page(self, issue: str, seen_by: Account) -> str:
        """HTML, as a browser gets it after signing in."""
        users = self._call("GET", "users.json").json()["users"]
        number = next(user["id"] for user in users if user["login"] == seen_by.user)
        password = secrets.token_hex(16)
        self._call("PUT", f"users/{number}.json", json={"user": {"password": password}})
        with httpx2.Client(base_url=self.url, timeout=60, follow_redirects=True) as browser:
            form = re.search(r'name="authenticity_token" value="([^"]+)"', browser.get("login").text)
            assert form is not None
            fields = {"authenticity_token": html.unescape(form[1]), "username": seen_by.user, "password": password}
            browser.post("login", data=fields)
            return browser.get(f"issues/{issue}").text

    def _issue(self, issue: str, seen_by: Account | None) -> dict[str, Any]:
        answer = self._call("GET", f"issues/{issue}.json?include=attachments,journals", seen_by)
        found: dict[str, Any] = answer.json()["issue"]
        return found

    def _call(self, method: str, path: str, who: Account | None = None, json: Any = None) -> httpx2.Response:
        headers = {"X-Redmine-API-Key": (who or self.admin).secret}
        answer = httpx2.request(method, self.url + path, headers=headers, json=json, timeout=60)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer

    def _account(self, user: str) -> Account:
        return Account(user, self._keys[user])

    def _command(self) -> list[str]:
        # Required first: once Bundler is there, it hides what Redmine does not ask for.
        where = ["-r", "webrick", "-s", "webrick", "-E", "production", "-o", "127.0.0.1", "-p", str(self.port)]
        return ["/usr/bin/rackup", *where, str(_HERE / "redmine.ru")]

    def _environment(self) -> Mapping[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self._folder),
            "LANG": "C.UTF-8",
            # scripts/setup says why.
            "BUNDLER_VERSION": "2.3.15",
            "BUNDLE_GEMFILE": "/usr/share/redmine/Gemfile",
            "RAILS_ENV": "production",
            "REDMINE_INSTANCE": _TO_ROOT + str(self._folder).lstrip("/"),
            # Nobody but root may write the schema that migrations leave beside them.
            "SCHEMA": "/dev/null",
        }


@contextmanager
def running_redmine() -> Iterator[RedmineServer]:
    """A server of its own, gone afterwards."""
    with temporary_folder("redmine") as folder:
        server = RedmineServer(folder)
        server.make()
        try:
            server.start()
            yield server
        finally:
            server.kill()
