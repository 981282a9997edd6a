"""From settings to the parts that they choose. The only place that knows every source and every destination by name."""

from pathlib import Path
from typing import TYPE_CHECKING

from renderer.clouds.address import CLOUDS
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
from renderer.store.clips.objects import ObjectStore
from renderer.store.clips.place import parse_store_url
from renderer.store.recordings.shared import SharedRecordings
from renderer.store.recordings.store import RecordingStore

if TYPE_CHECKING:
    from renderer.deliver.registry import Destinations


def build_sources(settings: Settings) -> Sources:
    """Every kind of reference that these settings allow. Nothing is connected to before something is fetched."""
    kept = Kept(settings.recording_cache_dir / "objects")
    clouds = {name: ObjectSource(name, kept, endpoint=settings.object_endpoint(name)) for name in CLOUDS}
    return Sources(
        {
            **clouds,
            "file": FilesAndFolders(kept),
            # Not before one is asked for: a store that cannot be used is no matter to who reads a file.
            "recording": StoredRecordings(lambda name: build_shared_recordings(settings).read(name)),
            "posthog": PostHog(settings),
            "https": PostHog(settings, "https"),
            "http": PostHog(settings, "http"),
        }
    )


def build_recording_store(settings: Settings) -> RecordingStore:
    """The recordings that were uploaded here."""
    return RecordingStore(settings.data_dir / "recordings")


def build_shared_recordings(settings: Settings) -> SharedRecordings:
    """Uploaded recordings as every machine of the service sees them. Raises SetupError `bad_store_url`."""
    return SharedRecordings(
        build_recording_store(settings),
        build_clip_store(settings),
        Kept(settings.recording_cache_dir / "uploads"),
        is_shared=settings.store_url is not None,
    )


def build_events_path(settings: Settings, name: str) -> Path:
    """The file of events that came with an uploaded recording, by its name in the store."""
    return build_shared_recordings(settings).events_path(name)


def build_listings(settings: Settings) -> dict[str, Listing]:
    """Sources that can be asked which sessions they have, by name."""
    return {"posthog": PostHogSessions(settings)}


def build_clip_store(settings: Settings) -> ClipStore:
    """Where finished files go: RENDERER_STORE_URL. Raises SetupError `bad_store_url`; nothing is connected to."""
    if settings.store_url is None:
        return FolderStore(settings.data_dir / "clips")
    place = parse_store_url(settings.store_url)
    if isinstance(place, Path):
        return FolderStore(place)
    return ObjectStore(place, endpoint=settings.object_endpoint(place.scheme))


def build_destinations(settings: Settings) -> "Destinations":
    """The ticket systems, each with what is set for it. Raises SetupError `bad_secrets_file`."""
    # Half a second, for those who deliver.
    from renderer.deliver.registry import Destinations
    from renderer.deliver.systems import SYSTEMS

    return Destinations(SYSTEMS, settings.destination, settings.other_destinations())
