"""What an account of Redmine may do in a project: by its roles, as Redmine drops silently what one may not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer, shown
from renderer.deliver.http.client import Http
from renderer.deliver.model import Finding

SETTINGS: Final = "RENDERER_REDMINE_URL and RENDERER_REDMINE_TOKEN"
NEEDS: Final = "the permissions View issues, Add notes, Set notes as private and View private notes in the project"
POSTS: Final = "add_issue_notes"
HIDES: Final = "set_notes_private"
_MOST_ROLES: Final = 40
_SHOWN: Final = 10


def in_project(http: Http, project: int) -> set[str] | None:
    """The account's permissions, None when they cannot be told: the role of those who are no members is not in the API."""
    me = _me(http)
    if me.get("admin"):
        return {POSTS, HIDES}
    roles = [role for each in me.get("memberships", []) if each["project"]["id"] == project for role in each["roles"]]
    return _permissions(http, roles) if roles else None


def findings(http: Http) -> Iterator[Finding]:
    me = _me(http)
    yield Finding(True, f"signed in as {shown(me.get('login'))}")
    if me.get("admin"):
        yield Finding(True, "is an administrator: may write private notes everywhere")
    else:
        yield from _of_projects(http, me.get("memberships", []))
    yield Finding(None, "whoever sees an issue sees the files of its private notes: deliveries have to accept that")


def told(answer: Answer, name: str) -> dict[str, Any]:
    """An object of an answer that has to have it."""
    found = answer.object().get(name)
    if not isinstance(found, dict):
        raise failures.bad_answer("Redmine", SETTINGS)
    return found


def _of_projects(http: Http, memberships: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    rights = {shown(each["project"]["name"]): _permissions(http, each["roles"]) for each in memberships}
    hidden = [name for name, may in rights.items() if {POSTS, HIDES} <= may]
    public = [name for name, may in rights.items() if POSTS in may and HIDES not in may]
    if hidden:
        yield Finding(True, f"may write private notes in {_listed(hidden)}")
    if public:
        yield Finding(None, f"may write public notes alone in {_listed(public)}")
    if not hidden and not public:
        yield Finding(False, f"may write notes in no project: it needs {NEEDS}")


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _me(http: Http) -> dict[str, Any]:
    return told(http.ask("GET", "/users/current.json", params={"include": "memberships"}, what="such user"), "user")


def _permissions(http: Http, roles: Iterable[Mapping[str, Any]]) -> set[str]:
    found: set[str] = set()
    for number in sorted({int(role["id"]) for role in roles})[:_MOST_ROLES]:
        role = told(http.ask("GET", f"/roles/{number}.json", what="such role"), "role")
        found.update(role.get("permissions", []))
    return found
