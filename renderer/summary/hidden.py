"""What the redaction hid, for people: kinds, and where a reader meets the marks."""

import re
from collections.abc import Iterable

from renderer.manifest.model import Manifest
from renderer.summary.facts import Facts
from renderer.summary.markdown import inline

_MOST_KINDS = 12
_MASKED_EMAIL = re.compile(r"•[•.+\-]{0,64}@•[•.\-]{0,253}•")
# The names of `renderer.redact`'s counts, for people; a policy's own patterns have their own names.
_HIDDEN = {
    "email": "e-mail addresses",
    "card": "card numbers",
    "phone": "telephone numbers",
    "iban": "bank account numbers",
    "ip": "IP addresses",
    "jwt": "access tokens",
    "api_key": "access keys",
    "bearer": "credentials",
    "urls": "what {surface}s' addresses carried",
    "data_urls": "embedded files",
    "masked_inputs": "typed values",
    "masked_text": "texts on the {surface}",
    "masked_attributes": "descriptions on the {surface}",
    "blocked_elements": "parts of the {surface}",
    "console": "console messages",
    "network_bodies": "what requests carried",
    "network_headers": "request headers",
    "llm_text": "questions and answers",
    "named_values": "values named as secret or personal",
    "person": "who the person is",
    "autocaptured": "texts of clicked elements",
}


def redaction_alarm(manifest: Manifest) -> str:
    if manifest.redaction.policy != "off":
        return ""
    return "> **Redaction was switched off: this summary and the clip may show personal data and secrets.**"


def redaction_line(manifest: Manifest, facts: Facts) -> str:
    """Kinds, most often hidden first, without how often: a recording tells the same again and again."""
    policy, counts = manifest.redaction.policy, manifest.redaction.counts
    if policy == "off":
        return "**Redaction: off.** Nothing was hidden."
    found = sorted((name for name, count in counts.items() if count), key=lambda name: (-counts[name], name))
    hidden = [
        _HIDDEN.get(name, "").format(surface=facts.surface) or inline(name.replace("_", " "), 40) for name in found
    ]
    if len(hidden) > _MOST_KINDS:
        hidden[_MOST_KINDS - 1 :] = ["and more of other kinds"]
    if not hidden:
        return f"Redaction: policy “{inline(policy, 60)}”; nothing matched it."
    where = [
        *_emails("question", {call.prompt for call in facts.calls}),
        *_emails("answer", {call.answer for call in facts.calls}),
    ]
    seen = f"; {' and '.join(where)}" if where else ""
    return f"Redaction: policy “{inline(policy, 60)}”; hidden: {', '.join(hidden)}{seen}."


def _emails(where: str, texts: Iterable[str | None]) -> Iterable[str]:
    found = [count for text in texts if text and (count := len(_MASKED_EMAIL.findall(text)))]
    if sum(found) == 1:
        yield f"1 e-mail address was in an {where}" if where == "answer" else f"1 e-mail address was in a {where}"
    elif found:
        yield f"{sum(found):,} e-mail addresses were in {where}s"
