"""The answer to one request of the replayed page."""

from dataclasses import dataclass
from typing import Literal

Origin = Literal["cache", "network", "refused", "missing", "failed"]
Kind = Literal["picture", "font", "stylesheet"]

# CDP's Network.ResourceType -> what may be the answer. A type that is not here (Script, Document, Media, XHR, Fetch,
# WebSocket, Ping, Other ...) is refused unasked: a replay runs no scripts, and frame-by-frame filming cannot play media.
KIND_OF_RESOURCE: dict[str, Kind] = {"Image": "picture", "Font": "font", "Stylesheet": "stylesheet"}


@dataclass(frozen=True, slots=True)
class Asset:
    """What to give to Chromium: `status`, `response_headers()` and `body` go into `Fetch.fulfillRequest` as they are.

    `origin` is "cache" or "network" when this is the thing itself. Otherwise it says why there is none: "refused" (policy),
    "missing" (its server said so) or "failed" (no usable answer); a picture's `body` is then a neutral box with status 200.
    `reason` is a stable snake_case word for those three. `remembered` says that no request was made for this answer.
    `animated` pictures change by themselves. `location` is set with status 302 only: a stylesheet that moved, which the page
    must ask for under its new address, because its relative URLs count from there.
    """

    url: str
    status: int
    content_type: str
    body: bytes
    origin: Origin
    animated: bool = False
    reason: str = ""
    remembered: bool = False
    location: str = ""

    @property
    def ok(self) -> bool:
        return self.origin in ("cache", "network")

    def response_headers(self, page_origin: str | None = None) -> list[dict[str, str]]:
        """Headers for CDP `Fetch.fulfillRequest`, as `[{"name": …, "value": …}]`.

        Fonts and `crossorigin` pictures need CORS: `*`, or `page_origin` (the request's `Origin` header) where the page asks with
        credentials, for which browsers do not accept `*`. Long caching lets an `<img>` that is inserted again show at once, as it
        did for the visitor, and not one frame late.
        """
        headers = {
            "Access-Control-Allow-Origin": page_origin or "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Length": str(len(self.body)),
        }
        if page_origin:
            headers["Access-Control-Allow-Credentials"] = "true"
            headers["Vary"] = "Origin"
        if self.content_type:
            headers["Content-Type"] = self.content_type
            headers["X-Content-Type-Options"] = "nosniff"
        if self.location:
            headers["Location"] = self.location
        return [{"name": name, "value": value} for name, value in headers.items()]
