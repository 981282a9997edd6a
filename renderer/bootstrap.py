"""From settings to the parts that they choose. The only place that knows every source by name."""

from collections.abc import Callable
from pathlib import Path

from renderer.clouds.address import CLOUDS
from renderer.recording.limits import MIB
from renderer.settings import Settings
from renderer.sources import Sources
from renderer.sources.folder import FilesAndFolders
from renderer.sources.kept import Kept
from renderer.sources.model import Listing
from renderer.sources.objects.source import ObjectSource
from renderer.sources.posthog.listing import PostHogSessions
from renderer.sources.posthog.source import PostHog
from renderer.sources.stored import StoredRecordings
from renderer.store.clips.folder import FolderStore
from renderer.store.clips.model import ClipStore
from renderer.store.recordings.model import StoreLimits
from renderer.store.recordings.store import RecordingStore
from renderer.uploads import Uploads


def build_sources(settings: Settings) -> Sources:
    """Every kind of reference that these settings allow. Nothing is connected to before something is fetched."""
    kept = Kept(settings.recording_cache_dir / "objects")
    clouds = {name: ObjectSource(name, kept, endpoint=settings.object_endpoint(name)) for name in CLOUDS}
    return Sources(
        {
            **clouds,
            "file": FilesAndFolders(kept),
            "recording": StoredRecordings(build_uploads(settings).read),
            "posthog": PostHog(settings),
            "https": PostHog(settings, "https"),
            "http": PostHog(settings, "http"),
        }
    )


def build_recording_store(settings: Settings) -> RecordingStore:
    """The recordings that were uploaded here."""
    return RecordingStore(
        settings.data_dir / "recordings", StoreLimits(part_bytes=min(256 * MIB, settings.max_upload_bytes))
    )


def build_uploads(settings: Settings) -> Uploads:
    """Uploaded recordings as all machines see them: those that were uploaded here, and with a store of their own those of others."""
    kept = Kept(settings.recording_cache_dir / "uploads")
    return Uploads(
        build_recording_store(settings), build_clip_store(settings), kept, shared=settings.store_url is not None
    )


def build_listings(settings: Settings) -> dict[str, Listing]:
    """Sources that can be asked which sessions they have, by name."""
    return {"posthog": PostHogSessions(settings)}


def build_clip_store(settings: Settings) -> ClipStore:
    """Where finished files go: RENDERER_STORE_URL. Raises SetupError `bad_store_url`; nothing is connected to."""
    return FolderStore(settings.data_dir / "clips")


def build_events_path(settings: Settings, name: str) -> Path:
    """The file of events that came with an uploaded recording, by its name in the store."""
    return build_uploads(settings).events(name)


def build_forget_recording(settings: Settings) -> Callable[[str], None]:
    """Takes an uploaded recording out of the store; one that is not there any more is no matter."""
    return build_uploads(settings).forget
