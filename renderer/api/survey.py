"""From what somebody asks for to a batch that looks through sessions: everything that can be said no to at once is."""

from dataclasses import dataclass

from renderer.access.caller import Caller
from renderer.api.allowed import check_reference
from renderer.api.models.asked import ClipSpec
from renderer.api.models.batch import BatchCreate, BatchSource
from renderer.api.problems import ProblemError
from renderer.api.service import Service
from renderer.api.submit import Asked, Path, check_rules, submission
from renderer.errors import RendererError
from renderer.jobs.survey.model import Source, Spec
from renderer.sources.posthog.filters import wanted_of

# A session of the source's own that nobody has: whether such may be asked for here, and how its clips are to be.
_ANY = "posthog:any"


@dataclass(frozen=True, slots=True)
class Asking:
    """`sessions`: references, each with the name of the events that were uploaded with it."""

    spec: Spec
    sessions: tuple[tuple[str, str | None], ...]


def survey_of(
    service: Service, caller: Caller, body: BatchCreate, now_ms: int, at: Path = (), *, archive: bool = False
) -> Asking:
    """`at`: where the body stands. Raises ProblemError, each naming its field."""
    check_rules(service, body.rules, at)
    options = body.clip.model_dump(exclude_unset=True, exclude={"metadata", "deliver"})
    source = _source(service, body.source, now_ms, at)
    checked = [
        submission(
            service,
            caller,
            Asked(
                spec=ClipSpec.model_validate({**options, "recording": recording}),
                metadata={},
                deliver=body.clip.deliver,
                at=(*at, "clip"),
                recording_at=(*at, "source", "name") if body.source is not None else (*at, "recordings", number),
            ),
        )
        for number, recording in enumerate(dict.fromkeys(body.recordings) or (_ANY,))
    ]
    template = checked[0]
    stored = template.stored_request
    del stored["recording"]
    return Asking(
        spec=Spec(
            rules=body.rules,
            clip=stored,
            source=source,
            most_clips=body.most_clips,
            dry_run=body.dry_run,
            archive=archive,
            metadata={**body.metadata, **body.clip.metadata},
            deliver=template.deliver,
        ),
        sessions=() if body.source is not None else tuple((each.request.recording, each.events) for each in checked),
    )


def _source(service: Service, asked: BatchSource | None, now_ms: int, at: Path) -> Source | None:
    if asked is None:
        return None
    try:
        check_reference(_ANY, service.allowed_prefixes)
    except RendererError as error:
        raise ProblemError.of(error, (*at, "source", "name")) from None
    if asked.filter is not None:
        try:
            wanted_of(asked.filter)
        except RendererError as error:
            raise ProblemError.of(error, (*at, "source", "filter")) from None
    return Source(
        name=asked.name,
        from_ms=now_ms - asked.since_s * 1000,
        limit=asked.limit,
        filter=asked.filter,
        every_session=asked.every_session,
    )
