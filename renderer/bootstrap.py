"""From settings to the parts that they choose. The only place that knows every source by name."""

from renderer.settings import Settings
from renderer.sources import Sources


def build_sources(settings: Settings) -> Sources:
    """Every kind of reference that these settings allow. Nothing is connected to before something is fetched."""
    return Sources({})
