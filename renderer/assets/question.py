"""One request of the page, read and judged, and the answer to it once its URL's entry is known."""

import hashlib
from concurrent.futures import Future
from dataclasses import dataclass, field

from renderer.assets import placeholder
from renderer.assets.asset import KIND_OF_RESOURCE, Asset, Kind, Origin
from renderer.assets.cache import Entry
from renderer.assets.policy import AssetPolicy
from renderer.assets.urls import BadUrlError, Target, parse_target


@dataclass(frozen=True, slots=True)
class Question:
    """What one caller waits for. With a `refusal` (a reason) no look-up is made; then `target` or `kind` may be None.

    `alias_host`: the host by which alone the caller knows what `target` is.
    """

    url: str
    kind: Kind | None
    target: Target | None
    refusal: str
    alias_host: str | None = None
    future: "Future[Asset]" = field(default_factory=Future)

    @property
    def host(self) -> str:
        if self.alias_host is not None:
            return self.alias_host
        return self.target.host if self.target else ""

    @property
    def key(self) -> str:
        """The URL's key, also for one that cannot be read."""
        return self.target.key if self.target else hashlib.sha256(self.url.encode("utf-8", "replace")).hexdigest()

    def answer(self, entry: Entry, body: bytes, *, remembered: bool) -> Asset:
        """The same URL may be a picture for one element and of no use to another."""
        had: Origin = "cache" if remembered else "network"
        if entry.outcome == "ok" and entry.kind == self.kind:
            return Asset(self.url, 200, entry.content_type, body, had, entry.animated, remembered=remembered)
        if entry.outcome == "moved" and self.kind == "stylesheet":
            return Asset(self.url, 302, "", b"", had, remembered=remembered, location=entry.location)
        match entry.outcome:
            case "ok" | "moved":
                lacking: Origin = "refused"
                reason = "wrong_kind"
            case outcome:
                lacking, reason = outcome, entry.reason
        status, content_type, body = 404, "", b""
        if self.kind == "picture":
            status, content_type, body = 200, placeholder.CONTENT_TYPE, placeholder.BOX
        return Asset(self.url, status, content_type, body, lacking, reason=reason, remembered=remembered)


def ask(url: str, resource_type: str, policy: AssetPolicy) -> Question:
    """Read a request; `resource_type` is CDP's Network.ResourceType."""
    kind = KIND_OF_RESOURCE.get(resource_type)
    try:
        target = parse_target(url)
    except BadUrlError as error:
        return Question(url, kind, None, str(error))
    return Question(url, kind, target, "resource_type" if kind is None else policy.objection(target))
