"""One recording, from PostHog to a file: its blocks in as few calls as may be, each kept once it is whole."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from renderer.errors import RecordingError, RequestError, SourceError
from renderer.notices import Notices
from renderer.recording.limits import Limits
from renderer.recording.raw import RawRecording
from renderer.sources.posthog.api.answers import Question
from renderer.sources.posthog.api.client import Api, not_json, too_large
from renderer.sources.posthog.snapshots.blocks import Block, Part, missing_numbers, parts_of, read_blocks
from renderer.sources.posthog.snapshots.cache import Folder, State
from renderer.sources.posthog.snapshots.compressed import Body
from renderer.sources.posthog.snapshots.facts import Facts, read_facts
from renderer.sources.posthog.snapshots.lines import NotLinesError, Written, write_lines

SCOPE = "session_recording:read"
_JSON_BYTES = 32 * 1024 * 1024
_CUT_TRIES = 3
# The whole part has been waited for already.
_HALF_TRIES = 2
# What PostHog counts to the end of a session and what its last block holds differ by as much.
_TAIL_MS = 10_000


@dataclass(frozen=True, slots=True)
class Downloaded:
    raw: RawRecording
    state: State


class Download:
    """Fetches one recording into its folder. `now_ms`: Unix time. `snappy`: asks for blocks as they are stored. `max_bytes`: of all its lines."""

    def __init__(
        self,
        api: Api,
        folder: Folder,
        session_id: str,
        now_ms: float,
        tell: Callable[[str], None],
        *,
        snappy: bool = False,
        max_bytes: int = Limits().text_bytes,
    ) -> None:
        self._api = api
        self._folder = folder
        self._id = session_id
        self._now_ms = now_ms
        self._tell = tell
        self._snappy = snappy
        self._max_bytes = max_bytes
        self._path = f"/session_recordings/{session_id}"
        self._what = f"recording {session_id[:64]}"
        self._notices = Notices()
        self._missing: list[Block] = []
        self._fetched_bytes = 0

    def fetch(self) -> Downloaded:
        """Raises RequestError, RecordingError `recording_not_found` and `recording_not_ready`, SourceError, SetupError."""
        with self._folder.locked():
            state = self._folder.state()
            if state is None or not state.is_final:
                state = self._refreshed()
        raw = RawRecording(name=f"posthog:{self._id[:64]}", path=self._folder.whole, size_bytes=state.size_bytes)
        return Downloaded(raw, state)

    def _refreshed(self) -> State:
        facts = self._facts()
        # Servers of before July 2025 list blob_v2 only when asked to; later ones pass over the wish.
        listing = Question(f"{self._path}/snapshots", self._what, SCOPE, {"blob_v2": "true"})
        blocks = read_blocks(self._api.json(listing, _JSON_BYTES))
        if not blocks:
            raise RecordingError(
                "recording_not_ready",
                f"PostHog knows the {self._what}, but has nothing of it to show"
                + (" yet: try again in a few minutes" if facts.is_ongoing else ": its blocks were never written"),
            )
        wanted = list(parts_of(blocks))
        paths: list[Path] = []
        kept: list[Path] = []
        for number, part in enumerate(wanted, 1):
            if not (part.is_settled and self._folder.part(part.name).exists()):
                self._say(number, len(wanted))
            for path, is_whole in self._part(part):
                paths.append(path)
                if is_whole and part.is_settled:
                    kept.append(path)
        if not paths:
            raise SourceError(
                "posthog_blocks_unavailable",
                f"PostHog has none of the {len(blocks)} blocks of the {self._what}: try later",
                retryable=True,
            )
        size_bytes = self._folder.join(paths)
        self._remark(facts, blocks)
        is_final = facts.is_settled and not self._missing and len(kept) == len(paths)
        state = State(
            is_final=is_final,
            size_bytes=size_bytes,
            start_ms=facts.start_ms,
            end_ms=facts.end_ms,
            person_id=facts.person_id,
            distinct_id=facts.distinct_id,
            notices=tuple(self._notices),
        )
        self._folder.keep(state, [] if is_final else kept)
        return state

    def _facts(self) -> Facts:
        try:
            told = self._api.json(Question(self._path, self._what, SCOPE), _JSON_BYTES)
        except RequestError as error:
            if error.code == "posthog_not_found":  # one code for it, wherever recordings come from
                raise RecordingError("recording_not_found", error.message) from None
            raise
        return read_facts(told, self._now_ms)

    def _part(self, part: Part, tries: int | None = None) -> Iterator[tuple[Path, bool]]:
        """Files of what there is of a part, and whether each is whole. A block that cannot be read costs no other."""
        path = self._folder.part(part.name)
        if path.exists() and part.is_settled:
            self._count(path.stat().st_size)
            yield path, True
            return
        try:
            written = self._written(part, tries)
        except (SourceError, RequestError) as error:
            if error.code not in {"posthog_blocks_unavailable", "posthog_not_found"}:
                raise
            if len(part.blocks) == 1:
                self._missing.extend(part.blocks)
                return
            for half in part.halves():
                yield from self._part(half, _HALF_TRIES)
            return
        self._missing.extend(written.missing)
        if written.cut:
            self._notices.add("posthog_cut_block", "blocks of the recording that PostHog sends only a part of")
        self._count(written.size_bytes)
        if written.size_bytes:
            self._folder.half(part.name).replace(path)
            yield path, not written.missing and not written.cut

    def _written(self, part: Part, tries: int | None) -> Written:
        params = part.params | ({"decompress": "false"} if self._snappy else {})
        question = Question(f"{self._path}/snapshots", self._what, SCOPE, params)
        left_bytes = max(0, self._max_bytes - self._fetched_bytes)
        half = self._folder.half(part.name)

        def write(pieces: Iterator[bytes]) -> Written:
            body = Body(pieces, left_bytes, lambda: too_large(question, left_bytes), asked=self._snappy)
            written = write_lines(body.lines(), half, part.blocks)
            return replace(written, cut=written.cut or not body.is_whole)

        for _ in range(_CUT_TRIES):
            try:
                written = self._api.ask(question, left_bytes, write, tries)
            except NotLinesError:
                raise not_json(question) from None
            if not written.cut:
                break
        return written

    def _count(self, size_bytes: int) -> None:
        self._fetched_bytes += size_bytes

    def _say(self, number: int, count: int) -> None:
        if count > 1:
            self._tell(f"part {number} of {count}, {self._fetched_bytes / 1e6:.1f} MB so far")
        else:
            self._tell("the recording, in one part")

    def _remark(self, facts: Facts, blocks: list[Block]) -> None:
        missing = len(self._missing) + missing_numbers(blocks)
        self._notices.add(
            "posthog_missing_blocks",
            "blocks of the recording are missing at PostHog: the picture may jump there",
            missing,
        )
        ends_ms = [block.end_ms for block in blocks if block.end_ms is not None]
        if facts.is_ongoing:
            self._notices.add(
                "posthog_ongoing", "the session was still being recorded: the clip ends with what had arrived by now"
            )
        elif ends_ms and facts.end_ms - max(ends_ms) > _TAIL_MS:
            self._notices.add(
                "posthog_tail_missing",
                f"PostHog lists blocks up to {(facts.end_ms - max(ends_ms)) / 1000:.0f} s before the session's end; what came"
                " after them is not in the clip",
            )
