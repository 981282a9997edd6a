"""What a batch is asked for."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from renderer.redact.policy.load import load_policy
from renderer.request import ClipRequest
from renderer.rules.load import load_rules

WHOLE: Final = "whole"
"""In the place of rules: every session is a clip."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A session to look into. `events`: the path of a file of its events. `replay_url`: where it can be watched where it is from."""

    reference: str
    events: str | None = None
    replay_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """`rules`: "built-in", "whole", or the path of a file. `clip`: how each clip is to be; its recording, range and events are
    filled in. `most_clips`: of one session, the most severe. `hands`: sessions and clips that are worked on at once.
    """

    sessions: tuple[Wanted, ...]
    rules: str
    clip: ClipRequest
    most_clips: int | None = None
    hands: int = 1

    def digest(self) -> str:
        """Of everything that decides what a clip of a session is, and of nothing else: what is in files counts, not their names.

        Raises RequestError: rules_not_found, bad_rules, and what `load_policy` raises.
        """
        rules = self.rules if self.rules == WHOLE else load_rules(self.rules).digest
        policy = load_policy(self.clip.redaction).digest
        clip = self.clip.model_dump_json(exclude={"redaction"})
        return sha256(f"{rules}\n{policy}\n{self.most_clips}\n{clip}".encode()).hexdigest()
