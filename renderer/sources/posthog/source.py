"""`posthog:ID`, and addresses of replays."""

from collections.abc import Callable
from pathlib import Path

from renderer.recording.limits import Limits
from renderer.settings import Settings
from renderer.sources.model import Fetched
from renderer.sources.posthog.access import access_of, base_of
from renderer.sources.posthog.address import parse_reference
from renderer.sources.posthog.api.client import TIMES, Api, Times
from renderer.sources.posthog.api.patience import PATIENT, Patience
from renderer.sources.posthog.events import SessionEvents
from renderer.sources.posthog.snapshots.cache import Folder
from renderer.sources.posthog.snapshots.download import Download


class PostHog:
    """A recording with its session's events. `scheme`: of addresses, "" for `posthog:` itself. `max_bytes`: of a whole recording. `page_rows`: of events."""

    def __init__(
        self, settings: Settings, scheme: str = "", patience: Patience = PATIENT, times: Times = TIMES
    ) -> None:
        self._settings = settings
        self._scheme = scheme
        self._patience = patience
        self._times = times
        self.max_bytes = Limits().text_bytes
        self.page_rows = 1000

    def fetch(self, name: str, tell: Callable[[str], None]) -> Fetched:
        """Raises RequestError, RecordingError, SourceError, SetupError; docs/posthog.md lists what they mean."""
        whole = f"{self._scheme}:{name}" if self._scheme else name
        reference = parse_reference(whole, base_of(self._settings))
        access = access_of(self._settings, reference.project)
        root: Path = self._settings.recording_cache_dir
        with Api(access, tell, self._patience, self._times) as api:
            folder = Folder(root, access, reference.session_id)
            download = Download(
                api,
                folder,
                reference.session_id,
                self._patience.now() * 1000,
                tell,
                snappy=self._settings.posthog_snappy,
                max_bytes=self.max_bytes,
            )
            done = download.fetch()
            tell("the session's events")
            known = done.state
            events = SessionEvents(api, reference.session_id, known, self.page_rows).fetch()
        return Fetched(
            raw=done.raw,
            events=events,
            notices=known.notices,
            session_id=reference.session_id,
            at_ms=reference.at_ms,
            replay_url=f"{access.base}/project/{access.project}/replay/{reference.session_id}",
        )
