"""One recording's scrubbing: a policy, what was found so far, and the addresses that were changed."""

from collections import Counter

from renderer.redact.policy.model import Policy
from renderer.redact.text.masks import Span, mask, mask_spans, merged
from renderer.redact.text.patterns import Finder


class Scrub:
    """Hides in texts what the policy's patterns find. `counts`: by what was hidden; the manifest shows it."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.finder = Finder(policy)
        self.counts: Counter[str] = self.finder.counts

    def text(self, text: str, also: list[Span] | None = None) -> str:
        """`text` with what the patterns find, and the spans in `also`, hidden; of the same length."""
        spans = self.finder.spans(text)
        if also:
            spans = merged([*spans, *also])
        return mask_spans(text, spans) if spans else text

    def whole(self, text: str, what: str) -> str:
        """All of `text`, hidden; counted as `what`."""
        masked = mask(text)
        if masked != text:
            self.counts[what] += 1
        return masked

    def identifier(self, text: str) -> str:
        """The same for a value that joins records: see `Finder.of_an_id`."""
        spans = self.finder.of_an_id(text)
        return mask_spans(text, spans) if spans else text

    def finds(self, text: str) -> bool:
        return bool(self.finder.spans(text, count=False))
