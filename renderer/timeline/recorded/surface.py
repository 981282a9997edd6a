"""What a window shows, in a word: a browser's page, or the screen of an app."""

from typing import Final

PAGE: Final = "page"
SCREEN: Final = "screen"


def surface_of(*, mobile: bool) -> str:
    """`mobile`: the recording is of an app (`Recording.mobile`)."""
    return SCREEN if mobile else PAGE
