"""From settings to the parts that they choose. The only place that knows every source by name."""

from renderer.settings import Settings
from renderer.sources import Sources
from renderer.sources.kept import Kept
from renderer.sources.objects.source import CLOUDS, ObjectSource
from renderer.sources.posthog.source import PostHog


def build_sources(settings: Settings) -> Sources:
    """Every kind of reference that these settings allow. Nothing is connected to before something is fetched."""
    kept = Kept(settings.recording_cache_dir / "objects")
    clouds = {name: ObjectSource(name, kept, s3_endpoint=settings.s3_endpoint) for name in CLOUDS}
    return Sources(
        {
            **clouds,
            "posthog": PostHog(settings),
            "https": PostHog(settings, "https"),
            "http": PostHog(settings, "http"),
        }
    )
