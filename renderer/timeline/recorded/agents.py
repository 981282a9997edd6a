"""Browser and operating system from a user agent, for recordings without events that name them."""

import re
from typing import Final

# In this order: Edge and Opera say that they are Chrome, and all of them that they are Safari.
_BROWSERS: Final = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"\bOPR/(\d+)")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/(\d+)")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"\b(?:HeadlessChrome|Chrome|CriOS)/(\d+)")),
    ("Safari", re.compile(r"\bVersion/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/")),
)
_SYSTEMS: Final = (
    ("Android", re.compile(r"\bAndroid (\d+)")),
    ("iOS", re.compile(r"\b(?:iPhone|iPad|iPod).*? OS (\d+)")),
    ("Windows", re.compile(r"\bWindows NT()")),  # 10 and 11 say the same
    ("ChromeOS", re.compile(r"\bCrOS()")),
    ("macOS", re.compile(r"\bMac OS X()")),  # frozen at 10.15.7
    ("Linux", re.compile(r"\bLinux()")),
)


def browser_and_os(user_agent: str) -> tuple[str | None, str | None]:
    """`("Chrome 156", "Windows")`; None for what it does not say."""
    return _first(_BROWSERS, user_agent[:500]), _first(_SYSTEMS, user_agent[:500])


def _first(known: tuple[tuple[str, re.Pattern[str]], ...], user_agent: str) -> str | None:
    for name, pattern in known:
        if found := pattern.search(user_agent):
            return f"{name} {found[1]}".strip()
    return None
