"""Share links: whoever has one may see the files of one clip, or one of them, until it expires or is revoked.

The token is the link's id and a signature of it. Nothing of the signature is stored: it is computed again.
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from renderer.access import checks
from renderer.access.audit import Audit
from renderer.access.caller import Actor
from renderer.access.secret import ServiceSecret
from renderer.database import tables
from renderer.database.engine import Database, now_ms
from renderer.database.ids import is_id, new_id
from renderer.errors import AccessError, RequestError

TTL_MS: Final = 30 * checks.DAY_MS
_TOKEN: Final = re.compile(r"(shr_[0-9a-z]{26})_([0-9a-f]{32})")
# 128 bits of HMAC-SHA256.
_SIGNATURE_LENGTH: Final = 32
_PURPOSE: Final = "share link"


@dataclass(frozen=True, kw_only=True)
class ShareLink:
    """`name`: the one file that it opens, None for all of the clip. Times are Unix time in milliseconds."""

    id: str
    tenant: str
    clip_id: str
    name: str | None
    created_ms: int
    expires_ms: int
    revoked_ms: int | None
    views: int

    def opens(self, name: str) -> bool:
        return self.name is None or self.name == name

    def actor(self, request_id: str | None = None, address: str | None = None) -> Actor:
        return Actor(name=f"share:{self.id}", request_id=request_id, address=address)


class Shares:
    def __init__(self, database: Database, secret: ServiceSecret, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._secret = secret
        self._clock = clock
        self._audit = Audit(database, secret, clock)

    def create(
        self, tenant: str, clip_id: str, name: str | None = None, *, by: Actor, ttl_ms: int = TTL_MS
    ) -> tuple[ShareLink, str]:
        """The link and its token. Raises RequestError: clip_not_found, bad_file_name, bad_ttl."""
        checks.file_name(name)
        checks.ttl(ttl_ms)
        now = self._clock()
        with self._database.write() as session:
            _refuse_foreign(session, tenant, clip_id)
            row = tables.ShareLink(
                id=new_id("shr"),
                tenant=tenant,
                clip_id=clip_id,
                name=name,
                created_ms=now,
                expires_ms=now + ttl_ms,
                views=0,
            )
            session.add(row)
            detail = {"clip": clip_id, "name": name, "expires_ms": row.expires_ms}
            self._audit.append(session, by, "share.create", row.id, tenant=tenant, detail=detail)
        return _facts(row), self.token(row.id)

    def token(self, link_id: str) -> str:
        """Of a link that there is: whoever may list links may see their tokens again."""
        return f"{link_id}_{self._signature(link_id)}"

    def open(self, token: str) -> ShareLink:
        """Raises AccessError: link_not_found (nothing more is told), link_revoked, link_expired, link_gone (with its clip).

        A forged token never reaches the database.
        """
        match = _TOKEN.fullmatch(token)
        if match is None or not hmac.compare_digest(match[2], self._signature(match[1])):
            raise _not_found()
        with self._database.read() as session:
            row = session.get(tables.ShareLink, match[1])
            clip = None if row is None else session.get(tables.Clip, row.clip_id)
        if row is None:
            raise _not_found()
        if row.revoked_ms is not None:
            raise AccessError("link_revoked", "this link was revoked: ask for a new one")
        if row.expires_ms <= self._clock():
            raise AccessError("link_expired", "this link has expired: ask for a new one")
        if clip is None or clip.deleted_ms is not None or clip.status == "expired":
            raise AccessError("link_gone", "the clip that this link showed is not kept any more")
        return _facts(row)

    def count_view(self, link: ShareLink, by: Actor, name: str) -> None:
        """To be called once for each viewing, not for each range of bytes of it."""
        with self._database.write() as session:
            counted = update(tables.ShareLink).where(tables.ShareLink.id == link.id)
            session.execute(counted.values(views=tables.ShareLink.views + 1))
            detail = {"clip": link.clip_id, "name": name}
            self._audit.append(session, by, "share.view", link.id, tenant=link.tenant, detail=detail)

    def list(self, tenant: str, clip_id: str) -> list[ShareLink]:
        """Oldest first."""
        query = select(tables.ShareLink).where(tables.ShareLink.tenant == tenant, tables.ShareLink.clip_id == clip_id)
        with self._database.read() as session:
            return [_facts(row) for row in session.scalars(query.order_by(tables.ShareLink.id))]

    def revoke(self, tenant: str, link_id: str, *, by: Actor) -> ShareLink:
        """For good and at once; does nothing to one that was revoked before. Raises RequestError `link_not_found`."""
        with self._database.write() as session:
            query = select(tables.ShareLink).where(tables.ShareLink.id == link_id, tables.ShareLink.tenant == tenant)
            row = session.scalar(query.with_for_update()) if is_id(link_id, "shr") else None
            if row is None:
                raise RequestError("link_not_found", "there is no share link of this id")
            if row.revoked_ms is None:
                row.revoked_ms = self._clock()
                self._audit.append(session, by, "share.revoke", row.id, tenant=tenant, detail={"clip": row.clip_id})
        return _facts(row)

    def _signature(self, link_id: str) -> str:
        return self._secret.digest(_PURPOSE, link_id)[:_SIGNATURE_LENGTH]


def _refuse_foreign(session: Session, tenant: str, clip_id: str) -> None:
    clip = session.get(tables.Clip, clip_id) if is_id(clip_id, "clip") else None
    if clip is None or clip.tenant != tenant or clip.deleted_ms is not None:
        raise RequestError("clip_not_found", "there is no clip of this id to share")


def _facts(row: tables.ShareLink) -> ShareLink:
    return ShareLink(
        id=row.id,
        tenant=row.tenant,
        clip_id=row.clip_id,
        name=row.name,
        created_ms=row.created_ms,
        expires_ms=row.expires_ms,
        revoked_ms=row.revoked_ms,
        views=row.views,
    )


def _not_found() -> AccessError:
    return AccessError("link_not_found", "there is no such link: check that it was copied whole")
