"""From what somebody asks for to what goes into the queue: everything that can be said no to at once is."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from renderer.access.caller import Caller
from renderer.api.allowed import check_reference, stored_id
from renderer.api.deps import need
from renderer.api.models.asked import ClipSpec, Deliver, given_options
from renderer.api.problems import ProblemError
from renderer.api.service import Service
from renderer.assets.policy import AssetPolicy
from renderer.errors import RendererError, RequestError
from renderer.jobs.going import Going
from renderer.jobs.model import INTERACTIVE, Submission
from renderer.plan.build import END_TOLERANCE_MS
from renderer.plan.overlays import parse_overlays
from renderer.plan.timecode import format_timecode
from renderer.redact.policy.load import named_policy
from renderer.request import ClipRequest, Range
from renderer.rules.load import BUILT_IN, named_rules

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`at`: where in the body the options stand; `recording_at`: where the recording does."""

    spec: ClipSpec
    metadata: dict[str, Any]
    deliver: tuple[Deliver, ...] = ()
    priority: int = INTERACTIVE
    batch_id: str | None = None
    at: Path = ()
    recording_at: Path = ("recording",)


def submission(service: Service, caller: Caller, asked: Asked) -> Submission:
    """Raises ProblemError, each naming its field."""
    spec = asked.spec
    recording, events = _recording(service, caller, asked)
    _redaction(service, caller, spec.redaction, asked.at)
    check_rules(service, spec.rules, asked.at)
    _pictures(caller, spec, asked.at)
    going = tuple(
        check_destination(service, caller, each, (*asked.at, "deliver", number, "to"))
        for number, each in enumerate(asked.deliver)
    )
    try:
        request = ClipRequest.model_validate(given_options(spec) | {"recording": recording})
    except ValidationError as error:  # nothing that the models let through; told without the values all the same
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise ProblemError.at((*asked.at, *first["loc"]), first["type"], "it will not do") from None
    return Submission(
        tenant=caller.tenant,
        key_id=caller.key_id,
        request=request,
        labels=asked.metadata,
        priority=asked.priority,
        batch_id=asked.batch_id,
        deliver=going,
        events=events,
    )


def check_destination(service: Service, caller: Caller, asked: Deliver, at: Path) -> Going:
    """Raises the problem that there is no such destination, or that the key may not deliver there."""
    try:
        to = service.destinations.check(caller.tenant, asked.to)
    except RequestError as error:
        raise ProblemError.of(error, at) from None
    if not to.startswith("webhook:"):  # the news of one's own clip is one's own; what stands on a ticket is not
        need(caller, "deliveries:write", "to put a clip on a ticket")
    if asked.replaces is not None:
        try:
            service.deliveries.demand_on(caller.tenant, asked.replaces, to)
            service.destinations.demand_withdrawals(to)
        except RequestError as error:
            raise ProblemError.of(error, (*at[:-1], "replaces")) from None
    return Going(to=to, is_public=asked.public, accepts=tuple(dict.fromkeys(asked.accept)), replaces=asked.replaces)


def _recording(service: Service, caller: Caller, asked: Asked) -> tuple[str, str | None]:
    """Its reference, and the name of the events that came with it."""
    events: str | None = None
    try:
        reference = check_reference(asked.spec.recording, service.allowed_prefixes)
        recording_id = stored_id(reference)
        if recording_id is not None:
            known = service.recordings.get(caller.tenant, recording_id)
            events = known.events
            if asked.spec.range is not None and known.first_ms is not None and known.last_ms is not None:
                _inside(asked.spec.range, known.last_ms - known.first_ms, (*asked.at, "range"))
    except RendererError as error:
        raise ProblemError.of(error, asked.recording_at) from None
    return reference, events


def _inside(asked: Range, duration_ms: int, at: Path) -> None:
    """As the plan will see it: better said now than by a clip that fails."""
    length = format_timecode(duration_ms)
    if asked.from_ms >= duration_ms:
        raise ProblemError.at((*at, "from_ms"), "range_outside", f"the session is {length} long: begin earlier")
    if asked.to_ms is not None and asked.to_ms > duration_ms + END_TOLERANCE_MS:
        raise ProblemError.at(
            (*at, "to_ms"), "range_outside", f"the session is {length} long: end there, or leave the end out"
        )


def _redaction(service: Service, caller: Caller, name: str, at: Path) -> None:
    if name == "off":
        need(caller, "admin", 'redaction "off"')
    elif name != "default" and named_policy(name, service.settings.policies_dir) is None:
        raise ProblemError.at(
            (*at, "redaction"), "policy_not_found", 'there is no policy of that name here; leave it out for "default"'
        )


def check_rules(service: Service, name: str | None, at: Path) -> None:
    """Raises the problem that there are no such rules."""
    if name not in {None, BUILT_IN} and named_rules(name or "", service.settings.rules_dir) is None:
        raise ProblemError.at(
            (*at, "rules"),
            "rules_not_found",
            f'there are no rules of that name here; write "{BUILT_IN}" or leave it out',
        )


def _pictures(caller: Caller, spec: ClipSpec, at: Path) -> None:
    try:
        parse_overlays(spec.overlays)
    except RequestError as error:
        detail = "there is no such overlay; see /docs for their names"
        raise ProblemError.at((*at, "overlays"), error.code, detail) from None
    try:
        rules = AssetPolicy.parse(spec.assets).rules
    except RequestError as error:
        detail = "write public, offline, or *.HOST with commas between: *.example.com,*.example.org"
        raise ProblemError.at((*at, "assets"), error.code, detail) from None
    if any(not rule.wildcard for rule in rules) and not caller.may("admin"):
        # A host that is named in full may have private addresses: that is how one reaches one's own staging server.
        raise ProblemError.at(
            (*at, "assets"),
            "scope_missing",
            "a host that is named in full may be one of the operator's own network, which needs a key with the scope admin;"
            " write *.example.com for the public hosts below it",
        )
