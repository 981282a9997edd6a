"""What can be drawn over the replayed page and beside it."""

from renderer.errors import RequestError

OVERLAYS = frozenset(
    {"pointer", "ripples", "labels", "skips", "header", "timeline", "steps", "llm", "console", "network"}
)


def parse_overlays(text: str) -> frozenset[str]:
    """`auto` is all of them, `none` is none, else names with commas. RequestError `unknown_overlay`."""
    names = [name.strip().lower() for name in text.split(",")]
    if names == ["auto"]:
        return OVERLAYS
    if names == ["none"]:
        return frozenset()
    unknown = [name for name in names if name not in OVERLAYS]
    if unknown:
        raise RequestError(
            "unknown_overlay",
            f"there is no overlay {unknown[0]!r}; there are {', '.join(sorted(OVERLAYS))} (or auto, or none)",
        )
    return frozenset(names)
