"""Events that were told beside the recording, with what is hidden hidden."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from renderer.errors import RendererError
from renderer.redact import identity
from renderer.redact.policy.model import Policy
from renderer.redact.recording import failed
from renderer.redact.text.scrub import Scrub
from renderer.redact.text.urls import Urls
from renderer.redact.text.values import Values
from renderer.timeline.analytics import AnalyticsEvent, AnalyticsEvents
from renderer.timeline.values import mapping

# What was asked of a model and what it answered, under the names of PostHog, OpenTelemetry, OpenInference and plain events.
_LLM: Final = frozenset(
    {
        "aiinput", "aioutput", "aioutputchoices", "aiinputstate", "aioutputstate", "aifeedbacktext", "prompt", "prompts", "promptpreview", "prompttext",
        "systemprompt", "answer", "answertext", "answerpreview", "completion", "completiontext", "response", "responsetext",
        "responsepreview", "messages", "message", "input", "output", "inputtext", "outputtext", "question", "reply",
        "inputmessages", "outputmessages", "inputvalue", "outputvalue", "userinput", "useroutput", "query",
    }
)  # fmt: skip
_LLM_NAMES = re.compile(
    r"gen_ai\.(?:input|output|system_instructions|prompt|completion|content|tool\.call\.(?:arguments|result)|tool\.definitions)"
    r"|llm\.(?:input_messages|output_messages|prompts?|completions?|prompt_template)|(?:input|output)\.(?:value|messages)"
    r"|traceloop\.entity\.(?:input|output)|ai\.(?:prompt|response|toolCall)|langfuse\.|\$ai_(?:tools|input|output)\Z"
)
_LLM_COUNTS = re.compile(r"tokens|_cost|usage|count|mime_type")
# What autocapture read off the page: it knows nothing of selectors that hide it, and clicks have their names from the recording.
_AUTOCAPTURED: Final = frozenset(
    {
        "$el_text",
        "$elements",
        "$elements_chain",
        "$selected_content",
        "$copy_content",
        "$external_click_url",
        "elements",
        "elements_chain",
    }
)
_HEADERS = re.compile(r"(?i)headers?\Z|[._]headers?[._]")
_BODIES = re.compile(r"(?i)(?:request|response)[._]?(?:body|payload|content)\Z")


def redact_events(events: AnalyticsEvents, policy: Policy) -> tuple[AnalyticsEvents, Mapping[str, int]]:
    """The same events under a policy, and how often what was hidden. Raises RedactionError as `redact_recording` does."""
    if policy.is_off:
        return events, MappingProxyType({})
    scrub = Scrub(policy)
    try:
        values = Values(scrub, Urls(scrub))
        clean = tuple(_event(event, policy, scrub, values) for event in events.events)
        session_id = _id(events.session_id, scrub)
    except RendererError:
        raise
    except Exception as error:
        raise failed(error) from None
    counts = {name: count for name, count in sorted(scrub.counts.items()) if count}
    return replace(events, events=clean, session_id=session_id), MappingProxyType(counts)


def _event(event: AnalyticsEvent, policy: Policy, scrub: Scrub, values: Values) -> AnalyticsEvent:
    return replace(
        event,
        name=scrub.text(event.name),
        properties=_properties(event.properties, policy, scrub, values),
        uuid=_id(event.uuid, scrub),
        session_id=_id(event.session_id, scrub),
        window_id=_id(event.window_id, scrub),
        distinct_id=_distinct(event.distinct_id, policy, scrub),
        person=_person(event.person, policy, scrub, values),
    )


def _properties(told: Mapping[str, Any], policy: Policy, scrub: Scrub, values: Values) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in told.items():
        if name in _AUTOCAPTURED:
            scrub.counts["autocaptured"] += 1
        elif policy.network.headers == "drop" and _HEADERS.search(name):
            scrub.counts["network_headers"] += 1
        elif policy.network.bodies == "drop" and _BODIES.search(name):
            scrub.counts["network_bodies"] += 1
        elif policy.llm.text == "hide" and is_llm_text(name):
            scrub.counts["llm_text"] += 1
        else:
            kept[name] = value
    walked: dict[str, Any] = values.walk(kept)
    return walked


def is_llm_text(name: str) -> bool:
    """Whether a property holds words of a prompt or an answer."""
    if _LLM_COUNTS.search(name):
        return False
    return identity.plain(name) in _LLM or _LLM_NAMES.match(name) is not None


def _id(told: str | None, scrub: Scrub) -> str | None:
    if told and identity.joins("event_id", told):
        return scrub.identifier(told)
    return scrub.text(told) if told else told


def _distinct(told: str | None, policy: Policy, scrub: Scrub) -> str | None:
    if told is None or policy.person == "show":
        return told
    scrub.counts["person"] += 1
    return identity.pseudonym(told, policy) if policy.person == "hash" else None


def _person(told: Mapping[str, Any], policy: Policy, scrub: Scrub, values: Values) -> Mapping[str, Any]:
    if not told or policy.person == "show":
        return told
    scrub.counts["person"] += 1
    properties = mapping(told.get("properties")) or told
    shown = {name: properties[name] for name in policy.person_properties if name in properties}
    walked: dict[str, Any] = values.walk(shown)
    return {"properties": walked} if walked else {}
