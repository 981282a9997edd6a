"""From settings to the parts that they choose. The only place that knows every source by name."""

from renderer.settings import Settings
from renderer.sources import Sources
from renderer.sources.kept import Kept
from renderer.sources.objects.source import CLOUDS, ObjectSource


def build_sources(settings: Settings) -> Sources:
    """Every kind of reference that these settings allow. Nothing is connected to before something is fetched."""
    kept = Kept(settings.recording_cache_dir / "objects")
    return Sources({name: ObjectSource(name, kept, s3_endpoint=settings.s3_endpoint) for name in CLOUDS})
