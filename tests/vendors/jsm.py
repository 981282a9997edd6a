"""Jira Service Management, as far as a delivery asks it."""

import base64
from collections.abc import Mapping
from typing import Any, ClassVar

from renderer.deliver.systems.jsm import JiraServiceManagement
from tests.vendors.base import Asked, BadRequestError, Reply
from tests.vendors.jira_site import JiraSite

_DESK = "/rest/servicedeskapi"


class JsmVendor(JiraSite):
    system: ClassVar = JiraServiceManagement
    api: ClassVar = "/rest/api/2"
    schema: ClassVar = "jsm"
    key: ClassVar = "HELP-12"
    post: ClassVar = ("POST", r"/request/[A-Z0-9-]+/(attachment|comment)$")
    reference: ClassVar = "jsm:HELP-12"
    missing: ClassVar = "jsm:HELP-404"
    bad_references: ClassVar = (
        "jsm:12",
        "jsm:HELP",
        "jsm:HELP-0",
        "jsm:HELP-1/x",
        "jsm:https://elsewhere.example/browse/HELP-12",
    )

    def __init__(self) -> None:
        super().__init__()
        self.project_type = "service_desk"
        self.is_agent = True
        self.has_request_type = True
        self.makes_public = False
        """Whatever it was asked for."""
        self.tells_last_page = True
        self.most_per_page = 100
        self.uses_tokens = False
        """As Data Center does, in the place of e-mail and token."""
        self.forgets = False
        """Uploads, before a note takes them up."""
        self.temporary: dict[str, tuple[str, str, bytes]] = {}

    def settings(self) -> dict[str, str]:
        given = {"url": self.url, "token": self.secret}
        return given if self.uses_tokens else {**given, "email": "bot@example.com"}

    @property
    def authorization(self) -> str:
        if self.uses_tokens:
            return f"Bearer {self.secret}"
        return f"Basic {base64.b64encode(f'bot@example.com:{self.secret}'.encode()).decode()}"

    def is_public(self, comment: Mapping[str, Any]) -> bool:
        return bool(comment["public"])

    def files_of(self, comment: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [self.files[number] for number in comment["files"] if number in self.files]

    def platform(self, asked: Asked, given: Mapping[str, str]) -> Reply:
        if not asked.path.startswith(_DESK):
            return super().platform(asked, given)
        rest = asked.path.removeprefix(_DESK)
        if rest == "/servicedesk":
            return Reply(200, {"size": 1, "isLastPage": True, "values": [{"id": "3", "projectKey": "HELP"}]})
        if rest.startswith("/servicedesk/") and given["serviceDeskId"] != "3":
            return _refused(404, "The service desk does not exist.")
        if rest == "/servicedesk/3/queue":
            return Reply(200, {"values": []}) if self.is_agent else _refused(403, "You need to be an agent.")
        if rest == "/servicedesk/3/attachTemporaryFile":
            return self._keep(asked)
        if self.project_type != "service_desk" or not self.has_request_type:
            return _refused(404, "The issue is no request.")
        if rest == f"/request/{self.key}":
            return Reply(200, {"issueKey": self.key, "serviceDeskId": "3", "requestTypeId": "11"})
        if asked.method == "GET":
            return self._shown(asked)
        return self._note(asked)

    def _keep(self, asked: Asked) -> Reply:
        told = []
        for part in asked.parts():
            refusal = self.refusal(asked, part.content_type, len(part.content))
            if refusal is not None:
                return refusal
            number = f"temp{self.next_number()}"
            self.temporary[number] = (part.filename or "", part.content_type, part.content)
            told.append({"temporaryAttachmentId": number, "fileName": part.filename})
        return Reply(201, {"temporaryAttachments": told})

    def _note(self, asked: Asked) -> Reply:
        given = asked.json()
        if self.forgets:
            self.temporary.clear()
        numbers = given.get("temporaryAttachmentIds", [])
        if lost := [number for number in numbers if number not in self.temporary]:
            return _refused(400, f"Temporary attachment {lost[0]} could not be found. It may have expired.")
        body = given["additionalComment"]["body"] if "additionalComment" in given else given["body"]
        refusal = self.refuse_note(body)
        if refusal is not None:
            return refusal
        if given["public"] is False and not self.is_agent:
            raise BadRequestError("only agents write internal notes")
        files = [self.store(*self.temporary.pop(number)) for number in numbers]
        listed = "".join(f"\n[^{file['filename']}]" for file in files)
        made = {
            "id": str(self.next_number()),
            "body": f"{body}\n{listed}" if files else body,
            "public": given["public"] or self.makes_public,
            "files": [file["id"] for file in files],
        }
        self.comments.append(made)
        told = {"id": made["id"], "body": made["body"], "public": made["public"]}
        if not files:
            return Reply(201, told)
        return Reply(201, {"comment": told, "attachments": {"values": [self._listed(file) for file in files]}})

    def _shown(self, asked: Asked) -> Reply:
        start, limit = int(asked.query.get("start", 0)), min(int(asked.query.get("limit", 50)), self.most_per_page)
        comments = [each for each in self.comments if _is_wanted(asked, public=each["public"])]
        told = []
        for each in comments[start : start + limit]:
            one = {"id": each["id"], "body": each["body"], "public": each["public"]}
            if "attachment" in asked.query.get("expand", ""):
                one["attachments"] = {"values": [self._listed(file) for file in self.files_of(each)]}
            told.append(one)
        last = start + limit >= len(comments)
        shown = {"isLastPage": last} if self.tells_last_page else {}
        return Reply(200, {"start": start, "limit": limit, "size": len(told), "values": told} | shown)

    def _listed(self, file: Mapping[str, Any]) -> dict[str, Any]:
        links = {
            "jiraRest": f"{self.url}{self.api}/attachment/{file['id']}",
            "content": f"{self.url}{self.content_path(file)}",
        }
        return {"filename": file["filename"], "size": len(file["bytes"]), "mimeType": file["mimeType"], "_links": links}


def _is_wanted(asked: Asked, *, public: bool) -> bool:
    return asked.query.get("public" if public else "internal", "true") == "true"


def _refused(status: int, said: str) -> Reply:
    return Reply(status, {"errorMessage": said, "i18nErrorMessage": {"i18nKey": "sd.error", "parameters": []}})
