"""A service for tests: the real application on a real database and store, without workers, and hands that do what workers would."""

import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from renderer.access.caller import Actor, KeyLimits
from renderer.access.scopes import SCOPES
from renderer.api.app import create_app
from renderer.api.service import Service, build_service
from renderer.database.engine import Database
from renderer.jobs.claims import Claims
from renderer.jobs.model import Claim, Failure
from renderer.jobs.wake import Bell
from renderer.settings import Settings

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "examples" / "chat" / "session.jsonl.gz"
EVENTS = ROOT / "examples" / "chat" / "events.json"
ME = Actor(name="local:test")
VIDEO = bytes(range(256)) * 4000
SUMMARY = "The user asked \\<b\\>twice\\</b\\>; it failed. <script>alert(1)</script>\n\n1. `0:04` Clicked “Send”\n"
FILES = {
    "clip.mp4": ("mp4", "video/mp4", VIDEO),
    "clip.png": ("poster", "image/png", b"\x89PNG\r\n\x1a\nposter"),
    "clip.vtt": ("captions", "text/vtt; charset=utf-8", b"WEBVTT\n"),
    "clip.md": ("summary", "text/markdown; charset=utf-8", SUMMARY.encode()),
    "clip.json": ("manifest", "application/json", b"{}\n"),
}


@dataclass
class Desk:
    service: Service
    app: FastAPI
    key: str
    files: Mapping[str, tuple[str, str, bytes]] = field(default_factory=lambda: FILES)

    @classmethod
    def open(cls, settings: Settings) -> "Desk":
        database = Database(settings.database)
        service = build_service(settings, database, Bell())
        made = service.keys.create("test", ["admin"], by=ME)
        return cls(service, create_app(service), made.text)

    def close(self) -> None:
        self.service.database.close()

    def new_key(
        self, *scopes: str, tenant: str = "default", limits: KeyLimits | None = None, expires_ms: int | None = None
    ) -> str:
        made = self.service.keys.create(
            "test", scopes or SCOPES, by=ME, tenant=tenant, limits=limits, expires_ms=expires_ms
        )
        return made.text

    def client(self, key: str | None = None, **options: Any) -> TestClient:
        """With the admin's key unless another is given; "" is none."""
        key = self.key if key is None else key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return TestClient(self.app, headers=headers, raise_server_exceptions=False, **options)

    @property
    def claims(self) -> Claims:
        return Claims(self.service.database, "wrk_test", 86_400_000)

    def take(self) -> Claim:
        claim = self.claims.take()
        assert claim is not None
        return claim

    def finish(self, claim: Claim | None = None, files: Sequence[str] = ()) -> str:
        """Makes the next clip, or the one that is claimed; its id."""
        claim = claim or self.take()
        render_id = self.claims.planned(claim, f"plan of {claim.clip_id}", "the-session")
        self.claims.succeed(claim, render_id, [self._put(render_id, name) for name in files or self.files], {})
        return claim.clip_id

    @contextmanager
    def hands(self) -> Iterator[None]:
        """Meanwhile clips are made as soon as they are asked for."""
        over = threading.Event()

        def work() -> None:
            while not over.wait(0.1):
                if (claim := self.claims.take()) is not None:
                    self.finish(claim)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def fail(self, claim: Claim | None = None) -> str:
        claim = claim or self.take()
        self.claims.fail(claim, Failure("no_length", "recording", "input", retryable=False, detail="nothing to play"))
        return claim.clip_id

    def _put(self, render_id: str, name: str) -> dict[str, Any]:
        kind, content_type, content = self.files[name]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(content)
            put = self.service.store.put(f"renders/{render_id}/{name}", path, content_type)
        pictured = kind in {"mp4", "poster"}
        return {
            "name": name,
            "kind": kind,
            "content_type": content_type,
            "bytes": put.size_bytes,
            "sha256": put.sha256,
            "duration_ms": 4000 if kind == "mp4" else None,
            "width_px": 1280 if pictured else None,
            "height_px": 720 if pictured else None,
        }
