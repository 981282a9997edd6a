"""Fetching from the stand-in PostHog with a clock of one's own."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from renderer.errors import RendererError
from renderer.settings import Settings
from renderer.sources.model import Fetched
from renderer.sources.posthog.api.client import Times
from renderer.sources.posthog.api.patience import Patience
from renderer.sources.posthog.source import PostHog
from tests.integration.posthog_server import KEY, PROJECT, SESSION, Asked, PostHogServer


class Desk:
    """Fetches with a clock of its own: nobody waits in these tests."""

    def __init__(self, server: PostHogServer, root: Path) -> None:
        self.server = server
        self.root = root
        self.now_s = time.time()
        self.slept: list[float] = []
        self.told: list[str] = []
        self.changes: dict[str, Any] = {}
        self.times = Times()
        self.page_rows = 1000

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def source(self) -> PostHog:
        values: dict[str, Any] = {
            "data_dir": self.root,
            "posthog_host": self.server.url,
            "posthog_project": PROJECT,
            "posthog_api_key": KEY,
        }
        patience = Patience(sleep=self.sleep, now=lambda: self.now_s)
        source = PostHog(Settings(**(values | self.changes)), patience=patience, times=self.times)
        source.page_rows = self.page_rows
        return source

    def fetch(self, name: str = SESSION) -> Fetched:
        return self.source.fetch(name, self.told.append)

    def refused(self, name: str = SESSION) -> RendererError:
        with pytest.raises(RendererError) as caught:
            self.fetch(name)
        assert "\n" not in caught.value.message
        assert KEY not in caught.value.message
        assert [path for path in self.root.rglob("*.part") if path.is_file()] == []
        assert list(self.root.rglob("recording.jsonl")) == []
        return caught.value


def lines_of(fetched: Fetched) -> list[bytes]:
    return [line for line in fetched.raw.path.read_bytes().split(b"\n") if line]


def codes(fetched: Fetched) -> dict[str, int]:
    return {notice.code: notice.count for notice in fetched.notices}


def asks(word: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.query.get("source") == word
