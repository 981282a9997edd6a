"""The policy and what the recorder was told, as questions that can be asked about an element."""

import re
from collections.abc import Iterable, Sequence

from renderer.notices import Notices
from renderer.recording.node import Node
from renderer.recording.privacy import RecorderPrivacy
from renderer.redact import form_fields, selectors
from renderer.redact.policy import Policy
from renderer.redact.selectors import Matcher

_STATES = re.compile(
    r"(?<!:):(?:hover|active|focus|focus-within|focus-visible|visited|target|user-valid|user-invalid|host)(?![\w\-(])"
)
_PSEUDO_ELEMENT = re.compile(r"::[\w\-]+(?:\([^)]*\))?")
_NAME = re.compile(r"[.#][A-Za-z_\-][\w\-]*|\[\s*[A-Za-z_][\w\-]*")
_MOST_COMMAS = 100


class Rules:
    """What holds for the elements of one recording. `firm` rules are the recorder's own, from which `show` makes no exception."""

    def __init__(self, policy: Policy, privacy: RecorderPrivacy, notices: Notices) -> None:
        chosen = policy.selectors
        if chosen.recorder == "ignore":
            privacy = RecorderPrivacy()
        self._notices = notices
        if privacy.unreadable:
            self._notices.add(
                "recorder_privacy_unreadable",
                "parts of the recorder's own privacy configuration could not be read",
                privacy.unreadable,
            )
        block, mask, ignore = (self._usable(each) for each in (privacy.block, privacy.mask_text, privacy.ignore_input))
        soft = chosen.recorder == "show"
        self.mask = Matcher([*chosen.mask, *(mask if soft else ())])
        self.block = Matcher([*chosen.block, *(block if soft else ())])
        self.firm_mask = Matcher(() if soft else [*mask, *(["html"] if privacy.mask_all_text else [])])
        self.firm_block = Matcher(() if soft else block)
        self.fields = Matcher([*chosen.inputs, *ignore])
        self.show = Matcher(chosen.show)
        kinds = set(policy.inputs.types) | set(privacy.mask_input_types)
        self._kinds = kinds
        self._all = policy.inputs.all or privacy.mask_all_inputs
        self.attributes = frozenset(name.lower() for name in policy.attributes.mask)
        matchers = (self.mask, self.block, self.firm_mask, self.firm_block, self.fields, self.show)
        self.names = set(form_fields.ATTRIBUTES).union(*(matcher.names for matcher in matchers))
        self.reach = max(matcher.reach for matcher in matchers)

    def hides_field(self, node: Node, *, shown: bool) -> bool:
        """Whether what is typed into this element is hidden; `shown`: the policy makes an exception of it."""
        kinds = form_fields.kinds(node.tag, node.attributes)
        if not kinds:
            return not shown and node.is_element and self._editable(node)
        if shown:
            return bool(kinds & self._kinds & {"password", "card"})
        if kinds & form_fields.UNTYPED:
            return False
        return self._all or bool(kinds & self._kinds) or self.fields.matches(node)

    def _editable(self, node: Node) -> bool:
        if node.attribute("contenteditable").lower() == "false" or "contenteditable" not in node.attributes:
            return bool(self.fields) and self.fields.matches(node)
        return self._all or "contenteditable" in self._kinds or self.fields.matches(node)

    def _usable(self, told: Iterable[str]) -> Sequence[str]:
        """The recorder's selectors that can be used; in the place of the others, wider ones."""
        usable: list[str] = []
        for text in told:
            if text.count(",") <= _MOST_COMMAS and ":has(" not in text and selectors.problem(text) is None:
                usable.append(text)
                continue
            self._notices.add(
                "recorder_selector_widened",
                "selectors of the recorder that cannot be used here were replaced by wider ones",
            )
            usable += wider(text)
        return usable


def wider(text: str) -> Sequence[str]:
    """Selectors that match at least what `text` was meant to match: every class, id and attribute it names, else everything."""
    if len(text) > 10_000 or text.count(",") > _MOST_COMMAS:
        return ("*",)
    found: list[str] = []
    for part in text.split(","):
        plain = _PSEUDO_ELEMENT.sub("", _STATES.sub("", part)).strip()
        if plain and ":has(" not in plain and selectors.problem(plain) is None:
            found.append(plain)
            continue
        names = [name + "]" if name.startswith("[") else name for name in _NAME.findall(part)]
        names = [name for name in names if selectors.problem(name) is None]
        if not names:
            return ("*",)
        found += names
    return tuple(found) or ("*",)
