"""Which addresses webhooks may go to: public ones over https, and hosts that the service's owner named."""

import asyncio
from typing import Final

from renderer.assets.addresses import worst_reach
from renderer.assets.failure import FetchError
from renderer.assets.policy import AssetPolicy, HostRule, parse_rule
from renderer.assets.resolve import NameBook, Resolver, system_resolver
from renderer.assets.urls import BadUrlError, Target, parse_target
from renderer.errors import RequestError, SetupError
from renderer.settings import Settings

MAX_URL: Final = 2048
_LOOK_UP_S: Final = 2.0


def webhook_policy(settings: Settings) -> AssetPolicy:
    """Of RENDERER_WEBHOOK_HOSTS. Raises SetupError `bad_webhook_hosts`."""
    words = [word.strip().lower() for word in (settings.webhook_hosts or "").split(",") if word.strip()]
    return AssetPolicy(fetches=True, public=True, rules=tuple(map(_rule, words)))


def judge_url(url: str, settings: Settings, resolver: Resolver = system_resolver) -> None:
    """Raises RequestError when no webhook could ever go there: webhook_bad_url, webhook_not_https, webhook_port, webhook_private_address.

    Takes a moment: the name is looked up. One that is not known, or not now, is let pass, for every message is judged anew.
    """
    policy = webhook_policy(settings)
    target = webhook_target(url, policy)
    if target.address is not None:
        return
    names = NameBook(resolver, _LOOK_UP_S)
    try:
        addresses = asyncio.run(names.addresses(target.host if policy.names(target) else f"{target.host}."))
    except FetchError:
        return
    if not policy.admits(target, worst_reach(addresses)):
        raise private_address(target)


def webhook_target(url: str, policy: AssetPolicy) -> Target:
    """What is to be asked, as far as it can be told without looking the name up. Raises RequestError as `judge_url` does."""
    if len(url) > MAX_URL:
        raise _bad_url(f"is longer than {MAX_URL} characters")
    try:
        target = parse_target(url)
    except BadUrlError as error:
        raise _bad_url(
            {
                "credentials": "holds a user name or password: webhooks are signed instead",
                "scheme": "is not https",
            }.get(str(error), "cannot be read")
        ) from None
    if (objection := policy.objection(target)) == "port":
        raise RequestError(
            "webhook_port",
            f"webhooks go to ports 80 and 443 alone, not {target.port}, but for hosts that RENDERER_WEBHOOK_HOSTS names with it",
        )
    if objection or (target.address is not None and not policy.admits(target, worst_reach([target.host]))):
        raise private_address(target)
    if target.scheme != "https" and not policy.names(target):
        raise RequestError(
            "webhook_not_https", "the webhook's address is not https, and anybody on the way could read it; use https"
        )
    return target


def private_address(target: Target) -> RequestError:
    return RequestError(
        "webhook_private_address",
        f"{target.host} is not a public address; give one that is, or have the service's owner name it in RENDERER_WEBHOOK_HOSTS",
    )


def _rule(word: str) -> HostRule:
    rule = parse_rule(word)
    # One name below a wildcard could be pointed anywhere by who controls it, so none would ever be reached.
    if rule is None or rule.wildcard:
        raise SetupError(
            "bad_webhook_hosts",
            "RENDERER_WEBHOOK_HOSTS cannot be read: give hosts in full with commas, for example hooks.internal,10.0.0.5:8080",
        )
    return rule


def _bad_url(why: str) -> RequestError:
    return RequestError("webhook_bad_url", f"the webhook's address {why}; write it as https://HOST/PATH")
