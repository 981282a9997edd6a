"""What `--assets` allows: public addresses, nothing beyond the cache, or the hosts that are named."""

import re
from dataclasses import dataclass
from typing import Self

from renderer.assets.addresses import Reach
from renderer.assets.urls import DEFAULT_PORTS, BadUrlError, Target, parse_target
from renderer.errors import RequestError

_ENTRY = re.compile(r"(\[[0-9a-f:.]+\]|[^][:/?#@*\\\s]+)(:(?P<port>\d{1,5}))?")
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".home.arpa", ".invalid")


@dataclass(frozen=True, slots=True)
class HostRule:
    """One named host. `host` is without "*."; a wildcard stands for its subdomains only. Without a port: 80 and 443."""

    host: str
    wildcard: bool
    port: int | None

    def matches(self, target: Target) -> bool:
        ports = DEFAULT_PORTS.values() if self.port is None else (self.port,)
        named = target.host.endswith(f".{self.host}") if self.wildcard else target.host == self.host
        return named and target.port in ports


@dataclass(frozen=True, slots=True)
class AssetPolicy:
    """`fetches` False: answers come from the cache alone. `public`: any host, if all of its addresses are public."""

    fetches: bool
    public: bool
    rules: tuple[HostRule, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `public`, `offline`, or `host,host:port,*.example.com`; `public` may stand in a list as well.

        Raises RequestError("bad_assets").
        """
        words = [word.strip().lower() for word in text.split(",")]
        if words == ["offline"]:
            return cls(fetches=False, public=True)
        named = [word for word in words if word != "public"]
        rules = tuple(rule for word in named if (rule := parse_rule(word)) is not None)
        if len(rules) < len(named):
            raise RequestError(
                "bad_assets",
                f"--assets {text[:80]!r} cannot be read: give public, offline, or host names with commas, "
                "for example cdn.example.com,*.example.org,localhost:3000",
            )
        return cls(fetches=True, public="public" in words, rules=rules)

    def objection(self, target: Target) -> str:
        """Why this URL may not be had, as far as it can be told before its name is resolved; "" when nothing is against it."""
        if not self.fetches or any(rule.matches(target) for rule in self.rules):
            return ""
        if not self.public:
            return "host_not_listed"
        if target.port not in DEFAULT_PORTS.values():
            return "port"
        # A name without a dot is one of the local network, as `localhost`, `redis` or `metadata`; so are those below these.
        if target.address is None and ("." not in target.host or target.host.endswith(_LOCAL_NAMES)):
            return "address"
        return ""

    def admits(self, target: Target, reach: Reach) -> bool:
        """Whether addresses of this reach may be dialled for the target, or shown from the cache.

        Private ones only for a host named in full: its owner asked for it. A wildcard is not enough, for whoever controls
        one name below it could point that name anywhere.
        """
        return reach == "public" or (reach == "private" and self.names(target))

    def names(self, target: Target) -> bool:
        """Whether the target's host is on the list by its full name."""
        return any(rule.matches(target) and not rule.wildcard for rule in self.rules)


def parse_rule(word: str) -> HostRule | None:
    """Of `host`, `host:port` or `*.example.com`, in lower case; None when it cannot be read."""
    wildcard = word.startswith("*.")
    entry = word.removeprefix("*.")
    if not (match := _ENTRY.fullmatch(entry)) or word == "offline":
        return None
    try:
        target = parse_target(f"http://{entry}/")
    except BadUrlError:
        return None
    if wildcard and target.address is not None:
        return None
    return HostRule(target.host, wildcard, target.port if match["port"] else None)
