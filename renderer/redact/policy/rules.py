"""The policy and what the recorder was told, as questions that can be asked about an element."""

import re
from collections.abc import Iterable, Sequence, Set

from renderer.notices import Notices
from renderer.recording.dom.node import Node
from renderer.recording.privacy import RecorderPrivacy
from renderer.redact.policy import form_fields, selectors
from renderer.redact.policy.model import Policy
from renderer.redact.policy.selectors import Matcher

_STATES = re.compile(
    r"(?<!:):(?:hover|active|focus|focus-within|focus-visible|visited|target|user-valid|user-invalid|host)(?![\w\-(])"
)
_PSEUDO_ELEMENT = re.compile(r"::[\w\-]+(?:\([^)]*\))?")
_NAME = re.compile(r"[.#][A-Za-z_\-][\w\-]*|\[\s*[A-Za-z_][\w\-]*")
_MOST_COMMAS = 100
# What looks at all siblings of each element: a list of a hundred thousand would take a day, and nobody chose these selectors.
_COSTLY = re.compile(r":has\(|~(?!=)|of-type|\bof\b")


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
        self.fields = Matcher([*chosen.inputs, *(ignore if soft else ())])
        self.firm_fields = Matcher(() if soft else ignore)
        self.show = Matcher(chosen.show)
        told = frozenset(privacy.mask_input_types)
        self._kinds = frozenset(policy.inputs.types) | told
        self._firm_kinds = frozenset({"password", "card"} & self._kinds) | (frozenset() if soft else told)
        self._all = policy.inputs.all or privacy.mask_all_inputs
        self._firm_all = privacy.mask_all_inputs and not soft
        self.attributes = frozenset(name.lower() for name in policy.attributes.mask)
        self._matchers = (
            self.mask, self.block, self.firm_mask, self.firm_block, self.fields, self.firm_fields, self.show,
        )  # fmt: skip
        self.names = set(form_fields.ATTRIBUTES).union(*(matcher.names for matcher in self._matchers))
        self.reach = max(matcher.reach for matcher in self._matchers)

    def forget(self) -> None:
        """The document has changed."""
        for matcher in self._matchers:
            matcher.forget()

    def hides_field(self, node: Node, *, shown: bool) -> bool:
        """Whether what is typed into this element is hidden; `shown`: the policy makes an exception of it."""
        if not node.is_element:
            return False
        kinds = form_fields.kinds(node.tag, node.attributes)
        if not kinds and node.attribute("contenteditable").lower() != "false" and "contenteditable" in node.attributes:
            kinds = frozenset({"contenteditable"})
        if self.firm_fields.matches(node) or (kinds and self._typed(kinds, self._firm_kinds, every=self._firm_all)):
            return True
        if shown:
            return False
        return self.fields.matches(node) or (bool(kinds) and self._typed(kinds, self._kinds, every=self._all))

    def _typed(self, kinds: Set[str], hidden: Set[str], *, every: bool) -> bool:
        return not kinds & form_fields.UNTYPED and (every or bool(kinds & hidden))

    def _usable(self, told: Iterable[str]) -> Sequence[str]:
        """The recorder's selectors that can be used; in the place of the others, wider ones."""
        usable: list[str] = []
        for text in told:
            if text.count(",") <= _MOST_COMMAS and not _COSTLY.search(text) and selectors.problem(text) is None:
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
        if plain and not _COSTLY.search(plain) and selectors.problem(plain) is None:
            found.append(plain)
            continue
        names = [name + "]" if name.startswith("[") else name for name in _NAME.findall(part)]
        names = [name for name in names if selectors.problem(name) is None]
        if not names:
            return ("*",)
        found += names
    return tuple(found) or ("*",)
