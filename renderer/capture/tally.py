"""What happened while filming, for the manifest."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from renderer.errors import CaptureError
from renderer.notices import Notices
from renderer.player.protocol import Report


@dataclass(slots=True)
class Tally:
    """`pictures` were taken of the page; `lost` says why each browser that was lost was lost. `assets_elsewhere`: what other
    machines asked for while they filmed, by the names of the library's summary.
    """

    pictures: int = 0
    late_assets: int = 0
    assets_elsewhere: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    stilled: set[str] = field(default_factory=set)
    reports: dict[str, Report] = field(default_factory=dict)
    """By window."""

    @property
    def report(self) -> Report | None:
        """Of all windows together."""
        together: dict[str, Any] = {}
        for report in self.reports.values():
            for name, value in report.model_dump().items():
                counted = isinstance(value, int) and not isinstance(value, bool)
                together[name] = together.get(name, 0) + value if counted else together.get(name) or value
        return Report.model_validate(together) if together else None

    def add_report(self, window_id: str, report: Report) -> None:
        """Pages of a window overlap (each starts from a snapshot before its segment), so the largest count is the truest."""
        old = self.reports[window_id].model_dump() if window_id in self.reports else {}
        new = report.model_dump()
        largest = {name: max(value, old.get(name, value)) for name, value in new.items()}
        self.reports[window_id] = Report.model_validate(largest)

    def conclude(self, notices: Notices) -> None:
        """Of a whole clip: what is to be told of it. CaptureError `nothing_shown` when no page ever had anything on it."""
        self._tell(notices)
        if self.report and not self.report.shown:
            raise CaptureError(
                "nothing_shown",
                "the replayed page is empty all the time, so there is nothing to film; "
                "choose another range, or see with `renderer inspect` what the recording holds",
            )

    def _tell(self, notices: Notices) -> None:
        """In words, for the manifest's `warnings`."""
        notices.add("browser_restarted", "Chromium was lost in mid-render and its segment filmed again", len(self.lost))
        notices.add("late_assets", "pictures or fonts were not there in time and are missing", self.late_assets)
        notices.add("animated_pictures", "animated pictures are shown by their first frame", len(self.stilled))
        report = self.report
        if report is None:
            return
        notices.add("events_failed", "events that rrweb could not replay were skipped", report.events_failed)
        notices.add(
            "nodes_missing", "events named nodes that are not in the page; they were skipped", report.nodes_missing
        )
        notices.add(
            "iframe_not_recorded", "embedded pages were not recorded; they are labelled", report.unrecorded_iframes
        )
        notices.add("canvas_not_recorded", "canvases were not recorded; they are labelled", report.unrecorded_canvases)
        notices.add(
            "canvas_in_part",
            "canvases hold drawings that a recording does not tell in full (gradients, patterns, paths, damaged pictures, WebGL)",
            report.partial_canvases,
        )
        notices.add(
            "media_not_recorded", "videos or sounds were not recorded; they are labelled", report.unrecorded_media
        )
