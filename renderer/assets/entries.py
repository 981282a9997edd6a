"""How long an answer is remembered, and whether a later run may use it."""

import hashlib
from typing import Final

import msgspec

from renderer.assets.cache import Entry
from renderer.assets.content import UnwantedError, examine
from renderer.assets.failure import FetchError
from renderer.assets.fetch import Fetched
from renderer.assets.policy import AssetPolicy
from renderer.assets.urls import BadUrlError, Target, parse_target

DAY_S: Final = 86_400.0

# What a server says is gone stays gone longer than what may have been a bad day.
GONE_REASONS: Final = frozenset({"http_404", "http_410"})
GONE_S: Final = 30 * DAY_S
FAILED_S: Final = DAY_S
# This machine's own trouble, such as a laptop without a network, is no verdict on the URL.
OFFLINE_REASONS: Final = frozenset({"no_network", "name_try_again", "name_timeout"})
OFFLINE_S: Final = 600.0

# Refusals that hold only as long as the policy that made them.
POLICY_REASONS: Final = frozenset({"address", "port", "host_not_listed"})


def dated(entry: Entry, now_s: float) -> Entry:
    """The entry with its dates. Bodies do not expire: the same recording is to give the same clip."""
    if entry.outcome in ("ok", "moved"):
        expires_s = 0.0
    elif entry.reason in GONE_REASONS:
        expires_s = now_s + GONE_S
    else:
        expires_s = now_s + (OFFLINE_S if entry.reason in OFFLINE_REASONS else FAILED_S)
    return msgspec.structs.replace(entry, stored_s=now_s, expires_s=expires_s)


def of_body(asked: Target, fetched: Fetched) -> list[tuple[Target, Entry]]:
    """What a fetch brought, as entries with the last one holding the body: one, or for a stylesheet that moved two."""
    hops = tuple(fetched.hops)
    final = fetched.final or asked
    try:
        content = examine(fetched.body, fetched.content_type)
    except UnwantedError as error:
        return [(asked, Entry("refused", reason=str(error), hops=hops))]
    moved = content.kind == "stylesheet" and final.key != asked.key
    body = Entry(
        "ok",
        hops=hops[-1:] if moved else hops,
        kind=content.kind,
        content_type=content.content_type,
        sha256=hashlib.sha256(fetched.body).hexdigest(),
        animated=content.animated,
    )
    if not moved:
        return [(asked, body)]
    return [(asked, Entry("moved", hops=hops, location=final.url)), (final, body)]


def of_failure(error: FetchError, fetched: Fetched, budget_s: float) -> Entry:
    """What is remembered of a fetch that brought nothing."""
    spent_s = budget_s if error.reason == "budget" else 0.0
    return Entry(error.outcome, reason=error.reason, hops=tuple(fetched.hops), budget_s=spent_s)


def usable(entry: Entry, policy: AssetPolicy, budget_s: float) -> bool:
    """Whether a remembered entry is an answer under this policy and budget.

    What came from a private address is only for a policy that names its host: otherwise a recording from a stranger could
    bring somebody's internal pictures into a clip by their URLs. A refusal counts for as long as the policy still objects.
    """
    if entry.budget_s and budget_s > entry.budget_s:
        return False
    objects = False
    for hop in entry.hops:
        try:
            target = parse_target(f"{hop.origin}/")
        except BadUrlError:
            return False
        objects = objects or bool(policy.objection(target)) or not policy.admits(target, hop.reach)
    return objects if entry.reason in POLICY_REASONS else not objects
