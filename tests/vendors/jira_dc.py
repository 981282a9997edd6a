"""Jira Data Center, as far as a delivery asks it."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from renderer.deliver.systems.jira_dc import JiraDataCenter
from tests.vendors.base import Reply
from tests.vendors.jira_site import JiraSite, named_in

LOGIN_PAGE = b"<html><head><title>Log in - Jira</title></head><body><form>Log in</form></body></html>"


class JiraDataCenterVendor(JiraSite):
    system: ClassVar = JiraDataCenter
    api: ClassVar = "/rest/api/2"
    schema: ClassVar = "jira_dc"
    key: ClassVar = "PROJ-123"
    post: ClassVar = ("POST", r"/issue/[A-Z0-9-]+/comment$")
    reference: ClassVar = "jira-dc:PROJ-123"
    missing: ClassVar = "jira-dc:PROJ-404"
    bad_references: ClassVar = (
        "jira-dc:123",
        "jira-dc:PROJ-0",
        "jira-dc:PROJ-1/../2",
        "jira-dc:https://elsewhere.example/browse/PROJ-1",
    )

    # Its notes are for developers; files are for whoever sees the issue.
    accepts: ClassVar = frozenset({"visible_files"})

    def settings(self) -> dict[str, str]:
        return {"url": self.url, "token": self.secret, "visibility": "role:Developers"}

    @property
    def authorization(self) -> str:
        return f"Bearer {self.secret}"

    def unauthorized(self) -> Reply:
        return Reply(401, LOGIN_PAGE, {"Content-Type": "text/html"})

    def content_path(self, file: Mapping[str, Any]) -> str:
        return f"/secure/attachment/{file['id']}/{quote(file['filename'])}"

    def files_of(self, comment: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A name means the newest file of it."""
        by_name = {file["filename"]: file for file in self.files.values()}
        return [by_name[name] for name in sorted(named_in(comment["body"])) if name in by_name]
