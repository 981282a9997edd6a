"""Session times as places in the clip, by the manifest's measured map."""

from collections.abc import Sequence
from itertools import pairwise

from renderer.manifest.model import Manifest, TimePiece
from renderer.plan.timecode import TENTHS_BELOW_MS, short_timecode


class ClipTimes:
    """Where the clip shows a session time; for what was skipped, the cut. Written as the clock in the picture writes it."""

    def __init__(self, manifest: Manifest) -> None:
        self._tenths = manifest.recording.duration_ms < TENTHS_BELOW_MS
        self._pieces = manifest.time_map
        self._length_ms = manifest.clip.duration_ms

    def video_ms(self, session_ms: float) -> float:
        for piece, end_ms in self._with_ends():
            if session_ms < piece.session_ms + (end_ms - piece.video_ms) * piece.speed:
                return piece.video_ms + max(0.0, session_ms - piece.session_ms) / piece.speed
        return self._length_ms

    def timecode(self, session_ms: float) -> str:
        """Of the clip, where it shows this."""
        return self.clock(self.video_ms(session_ms))

    def clock(self, ms: float) -> str:
        """`0:05`, of a session of some seconds `0:05.2`; a time of the clip or of the session as it is."""
        return short_timecode(ms, tenths=self._tenths)

    def skipped_ms(self) -> float:
        """Session time between the first and the last picture that the clip does not show."""
        pieces = self._with_ends()
        return sum(
            max(0.0, after.session_ms - (before.session_ms + (end_ms - before.video_ms) * before.speed))
            for (before, end_ms), (after, _) in pairwise(pieces)
        )

    def speeds(self) -> set[float]:
        """As somebody would say them: they are measured, and the last frame of a piece may be held a little."""
        return {round(piece.speed, 2) for piece in self._pieces}

    def _with_ends(self) -> Sequence[tuple[TimePiece, float]]:
        ends_ms = [*(piece.video_ms for piece in self._pieces[1:]), self._length_ms]
        return list(zip(self._pieces, ends_ms, strict=True))
