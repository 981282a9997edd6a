"""Counts of a run, and what the manifest's warnings say of them."""

from collections import Counter
from dataclasses import asdict, dataclass

from renderer.assets.asset import Asset
from renderer.notices import Notices

_EXAMPLES = 3

_IN_WORDS = {
    "offline": "not in the cache and --assets offline forbids fetching",
    "host_not_listed": "on a host that --assets does not name",
    "address": "on an address that is not public",
    "port": "on a port other than 80 and 443",
    "budget": "left when the time or size for fetching was spent",
    "name": "on a host without an address",
    "connect": "on a host that cannot be reached",
    "host_down": "on a host that does not answer",
    "name_try_again": "on a host whose name could not be looked up",
    "name_timeout": "on a host whose name could not be looked up",
    "no_network": "on a host that this machine has no way to",
    "tls": "on a host whose certificate is not trusted",
    "timeout": "too slow",
    "too_late": "too slow",
    "too_big": "too big",
    "too_many_pixels": "too big",
    "http_404": "not found",
    "http_410": "not found",
}


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts by distinct URL, but `asked` counts every request. `bytes` is what came over the network, decompressed."""

    asked: int = 0
    from_cache: int = 0
    fetched: int = 0
    missing: int = 0
    failed: int = 0
    refused: int = 0
    bytes: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


class Tally:
    """Counts each distinct answer once. Not safe for threads by itself: the library's lock guards it."""

    def __init__(self) -> None:
        self._asked = 0
        self._origins: Counter[str] = Counter()
        self._lacking: Counter[str] = Counter()
        self._hosts: list[str] = []
        self._bytes = 0
        self._unwritable = 0

    def asked(self) -> None:
        self._asked += 1

    def answered(self, asset: Asset, host: str, *, shown: bool) -> None:
        """Count an answer to a URL not counted before. `shown`: the page would have drawn it, so its lack is seen."""
        self._origins[asset.origin] += 1
        if asset.origin == "network":
            self._bytes += len(asset.body)
        if shown and not asset.ok:
            self._lacking[asset.reason] += 1
            if host and host not in self._hosts and len(self._hosts) < _EXAMPLES:
                self._hosts.append(host)

    def unwritable(self) -> None:
        self._unwritable += 1

    def summary(self) -> Summary:
        origins = self._origins
        return Summary(
            asked=self._asked,
            from_cache=origins["cache"],
            fetched=origins["network"],
            missing=origins["missing"],
            failed=origins["failed"],
            refused=origins["refused"],
            bytes=self._bytes,
        )

    def report(self, notices: Notices, budget_s: float) -> None:
        """Add `missing_assets` and `asset_budget_spent`. Hosts are named, paths and queries never."""
        reasons: Counter[str] = Counter()
        for reason, count in self._lacking.items():
            reasons[_IN_WORDS.get(reason, "without a usable answer")] += count
        if reasons:
            why = ", ".join(f"{count} {words}" for words, count in reasons.most_common())
            hosts = f"; for example on {', '.join(self._hosts)}" if self._hosts else ""
            message = f"pictures, fonts or stylesheets are missing, pictures show as grey boxes: {why}{hosts}"
            notices.add("missing_assets", message, reasons.total())
        if self._lacking["budget"]:
            message = f"fetching stopped after {budget_s:g} s of waiting or too many bytes; RENDERER_ASSET_BUDGET_S allows more"
            notices.add("asset_budget_spent", message, self._lacking["budget"])
        message = (
            "answers could not be written to the asset cache and will be fetched again; is RENDERER_CACHE_DIR writable?"
        )
        notices.add("asset_cache_unwritable", message, self._unwritable)
