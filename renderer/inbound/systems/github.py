"""GitHub: a new comment on an issue, in which `/clip SESSION` stands on a line of its own.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
"""

import re
from typing import Final

from renderer.errors import RequestError
from renderer.inbound.body import inside, read_object, word
from renderer.inbound.model import Ignored, Ticket
from renderer.inbound.signatures import Headers, check_same, hex_digest

SIGNATURE: Final = "X-Hub-Signature-256"
EVENT: Final = "X-GitHub-Event"
DELIVERY: Final = "X-GitHub-Delivery"

# Who may write to the repository, or belongs to who owns it: anybody may comment on a public one.
_MAY: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_-]{1,60}/[A-Za-z0-9._-]{1,100}")
_NUMBER: Final = re.compile(r"[0-9]{1,12}")
_LONGEST_ARGUMENT: Final = 2000
_FENCES: Final = ("```", "~~~")


def verify(headers: Headers, body: bytes, secret: str, now_s: float) -> None:
    """Raises AccessError `bad_signature`."""
    check_same(headers.get(SIGNATURE.lower()), f"sha256={hex_digest(secret, body, 'sha256')}", SIGNATURE)


def read(body: bytes, headers: Headers) -> Ticket | Ignored:
    """`/clip` alone takes what the issue itself says. Raises RequestError `bad_event`."""
    event = headers.get(EVENT.lower(), "")
    if event == "ping":
        return Ignored("ping")
    if event != "issue_comment":
        return Ignored("not a comment on an issue")
    told = read_object(body)
    comment = told.get("comment")
    if told.get("action") != "created":
        return Ignored("not a new comment")
    argument = command(word(inside(comment, "body")))
    if argument is None:
        return Ignored("no line with /clip")
    if inside(comment, "author_association") not in _MAY or inside(comment, "user", "type") == "Bot":
        return Ignored("its author may not ask for clips: owners, members and collaborators may")
    repository, number = word(inside(told, "repository", "full_name")), word(inside(told, "issue", "number"))
    if not _REPOSITORY.fullmatch(repository) or not _NUMBER.fullmatch(number):
        raise RequestError(
            "bad_event", "the body names no issue of a repository; this is for GitHub's event issue_comment"
        )
    said = (word(inside(told, "issue", "title")), word(inside(told, "issue", "body")))
    return Ticket(
        to=f"github:{repository}#{number}",
        texts=() if argument else said,
        command=argument or None,
        id=headers.get(DELIVERY.lower()),
    )


def command(text: str) -> str | None:
    """What follows the first `/clip`, "" for nothing, None when there is no such line. What is quoted or code is none."""
    fence = ""
    for line in text.splitlines():
        words = line.split()
        begins = line.lstrip()[:3]
        if begins in _FENCES and fence in {"", begins}:
            fence = "" if fence else begins
        elif not fence and words[:1] == ["/clip"] and line.startswith("/clip") and len(words) <= 2:
            return words[1][:_LONGEST_ARGUMENT].strip("<>`") if len(words) == 2 else ""
    return None
