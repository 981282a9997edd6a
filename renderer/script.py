"""From a request to what is to be filmed and told: everything that is known before the first picture."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from renderer import __version__
from renderer.capture.check import chromium_version
from renderer.notices import Notices
from renderer.plan.build import build_plan
from renderer.plan.model import ClipPlan
from renderer.plan.moment import Picked, pick_moment
from renderer.player.bundle import rrweb_version
from renderer.player.protocol import Scene
from renderer.player.scene.build import build_scene
from renderer.recording.model import Window
from renderer.request import ClipRequest
from renderer.rules.find import find_moments
from renderer.rules.load import built_in, load_rules
from renderer.rules.model import Moment
from renderer.rules.session import scheme_of
from renderer.session import Session, read_session
from renderer.settings import Settings
from renderer.sources import LOCAL, Sources
from renderer.story.chapters import build_chapters
from renderer.story.model import Chapter, Step
from renderer.story.steps import choose_steps


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be filmed and told. All of it is redacted. `found`: what rules find in the clip, where they were asked for."""

    session: Session
    moment: Picked | None
    found: tuple[Moment, ...]
    windows: Mapping[str, Window]
    plan: ClipPlan
    steps: tuple[Step, ...]
    chapters: tuple[Chapter, ...]
    scene: Scene


def versions(settings: Settings) -> dict[str, str]:
    """Of what draws: the same plan gives the same pictures as long as they are the same."""
    return {"renderer": __version__, "rrweb": rrweb_version(), "chromium": chromium_version(settings)}


def write_script(
    request: ClipRequest,
    drawn_by: Mapping[str, str],
    notices: Notices,
    sources: Sources = LOCAL,
    fetching: Callable[[str], None] = lambda _: None,
) -> Script:
    """From the request to what is to be filmed. `fetching` is told how far a source is that takes long."""
    rules = None if request.rules is None else load_rules(request.rules)
    session = read_session(request.recording, request.events, request.redaction, sources=sources, tell=fetching)
    recording, timeline = session.recording, session.timeline
    decided_by = {**drawn_by, "events": session.events_digest, "redaction": session.policy.digest}
    if rules is not None:
        decided_by["rules"] = rules.digest

    @cache
    def find() -> tuple[Moment, ...]:
        return find_moments(rules or built_in(), timeline, scheme_of(request.recording))

    moment = pick_moment(request.moment, session.at_ms, request.range, timeline, find)
    found = find() if rules is not None or (moment is not None and moment.rule is not None) else ()
    if moment is not None:
        request = request.model_copy(update={"range": moment.range, "moment": None})
    shown_ms = [each.at_ms for each in found] if moment is None else [moment.at_ms, *(each.at_ms for each in found)]
    plan, remarks = build_plan(recording, request, decided_by, shown_ms)
    for odd in (session.notices, recording.notices, timeline.notices, remarks):
        notices.extend(odd)
    steps = choose_steps(timeline, plan)
    return Script(
        session=session,
        moment=moment,
        found=tuple(each for each in found if plan.from_ms <= each.at_ms <= plan.to_ms),
        windows={window.id: window for window in recording.windows},
        plan=plan,
        steps=steps,
        chapters=build_chapters(steps, plan),
        scene=build_scene(plan, timeline, steps),
    )
