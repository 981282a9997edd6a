"""What happened while filming, for the manifest."""

from dataclasses import dataclass, field

from renderer.notices import Notices
from renderer.player.protocol import Report


@dataclass(slots=True)
class Tally:
    """`pictures` were taken of the page; `lost` says why each browser that was lost was lost."""

    pictures: int = 0
    late_assets: int = 0
    lost: list[str] = field(default_factory=list)
    stilled: set[str] = field(default_factory=set)
    report: Report | None = None

    def add_report(self, report: Report) -> None:
        """Pages overlap (each starts from a snapshot before its segment), so the largest count is the truest."""
        old = self.report.model_dump() if self.report else {}
        new = report.model_dump()
        self.report = Report.model_validate({name: max(value, old.get(name, value)) for name, value in new.items()})

    def tell(self, notices: Notices) -> None:
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
