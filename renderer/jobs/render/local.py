"""From a request as a caller may state it to one that this machine can carry out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from renderer.errors import RequestError
from renderer.redact.policy.load import named_policy
from renderer.request import ClipRequest
from renderer.rules.load import BUILT_IN, named_rules
from renderer.settings import Settings


def local_request(stored: Mapping[str, Any], settings: Settings, events: Path | None) -> ClipRequest:
    """`events`: the file that was uploaded with the recording. RequestError: policy_not_found, rules_not_found, for what is not here."""
    request = ClipRequest.model_validate(stored)
    changes: dict[str, Any] = {}
    if events is not None:
        changes["events"] = str(events)
    if request.redaction not in {"default", "off"}:
        changes["redaction"] = str(_policy(request.redaction, settings))
    if request.rules not in {None, BUILT_IN}:
        changes["rules"] = str(_rules(request.rules or "", settings))
    return request.model_copy(update=changes)


def _policy(name: str, settings: Settings) -> Path:
    path = named_policy(name, settings.policies_dir)
    if path is None:
        raise RequestError("policy_not_found", f"there is no redaction policy named {name} on this worker")
    return path


def _rules(name: str, settings: Settings) -> Path:
    path = named_rules(name, settings.rules_dir)
    if path is None:
        raise RequestError("rules_not_found", f"there are no rules named {name} on this worker")
    return path
