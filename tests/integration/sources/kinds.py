"""Every kind of reference, for the suite that all of them pass."""

import gzip
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import zstandard

from renderer.bootstrap import build_recording_store, build_sources
from renderer.recording.limits import Limits
from renderer.recording.model import Recording
from renderer.recording.read import read_recording
from renderer.settings import Settings
from renderer.sources.model import Fetched
from tests.integration.conftest import Clouds
from tests.integration.posthog_server import Block, running

Put = Callable[[list[bytes]], str]

OBJECTS = tuple(f"{scheme}: object" for scheme in ("s3", "gs", "az"))
PREFIXES = tuple(f"{scheme}: prefix{more}" for scheme in ("s3", "gs", "az") for more in ("", " without slash"))
WHOLE = ("path", "file:", *OBJECTS, "recording: whole")
PARTED = ("file: folder", *PREFIXES, "recording: parts")
AS_GIVEN = (*WHOLE, *PARTED)
"""Those that keep what they are given, in whatever shape and compression. PostHog takes events and gives them back."""
KINDS = (*AS_GIVEN, "posthog:")


@dataclass(frozen=True)
class Kind:
    """`put` stores parts and gives the reference to them. `missing`: a reference to nothing."""

    name: str
    put: Put
    missing: str
    settings: Settings

    def fetch(self, reference: str) -> Fetched:
        return build_sources(self.settings).fetch(reference)

    def read(self, *parts: bytes, limits: Limits | None = None) -> Recording:
        return read_recording(self.fetch(self.put(list(parts))).raw, limits=limits or Limits())


def make_kind(name: str, clouds: Clouds, closing: ExitStack, folder: Path) -> Kind:
    settings = Settings(data_dir=folder / "data", cache_dir=folder / "cache")
    scheme, _, what = name.partition(": ")
    if scheme in {"s3", "gs", "az"}:
        return Kind(name, *_in_cloud(clouds, scheme, what), settings)
    if name == "posthog:":
        return _in_posthog(closing, settings)
    if scheme == "recording":
        return Kind(name, *_uploaded(settings, what), settings)
    return Kind(name, *_on_disk(folder / "given", name), settings)


def _in_cloud(clouds: Clouds, scheme: str, what: str) -> tuple[Put, str]:
    cloud = clouds(scheme)
    end = {"object": "/part-1", "prefix": "/", "prefix without slash": ""}[what]

    def put(parts: list[bytes]) -> str:
        mine = uuid4().hex
        for number, part in enumerate(parts, 1):
            cloud.put(f"{mine}/part-{number}", part)
        return f"{cloud.container}/{mine}{end}"

    return put, f"{cloud.container}/none{end}"


def _on_disk(folder: Path, name: str) -> tuple[Put, str]:
    form = {"path": "{}/part-1", "file:": "file://{}/part-1", "file: folder": "file://{}/"}[name]

    def put(parts: list[bytes]) -> str:
        mine = folder / uuid4().hex
        mine.mkdir(parents=True)
        for number, part in enumerate(parts, 1):
            (mine / f"part-{number}").write_bytes(part)
        return form.format(mine)

    return put, form.format(folder / "none")


def _uploaded(settings: Settings, what: str) -> tuple[Put, str]:
    store = build_recording_store(settings)

    def put(parts: list[bytes]) -> str:
        if what == "whole":
            return f"recording:{store.put(parts).id}"
        upload = store.begin()
        for number, part in enumerate(parts, 1):
            store.append(upload, [part], number)
        return f"recording:{store.finish(upload).id}"

    return put, "recording:" + ("none" if what == "parts" else 64 * "0")


def _in_posthog(closing: ExitStack, settings: Settings) -> Kind:
    server = closing.enter_context(running())
    patch = closing.enter_context(pytest.MonkeyPatch.context())
    for name, value in server.settings.items():
        patch.setenv(name, value)

    def put(parts: list[bytes]) -> str:
        session_id = str(uuid4())
        blocks = [Block(str(number), _posthog_lines(part)) for number, part in enumerate(parts)]
        server.store(*blocks, session_id=session_id)
        return f"posthog:{session_id}"

    settings = Settings(data_dir=settings.data_dir, cache_dir=settings.cache_dir)
    return Kind("posthog:", put, f"posthog:{uuid4()}", settings)


def _posthog_lines(part: bytes) -> list[bytes]:
    """As it stores them: unpacked, a window and an event a line."""
    if part.startswith(b"\x1f\x8b"):
        part = gzip.decompress(part)
    elif part.startswith(b"\x28\xb5\x2f\xfd"):
        part = zstandard.decompress(part)
    lines: list[bytes] = []
    for line in part.removeprefix(b"\xef\xbb\xbf").splitlines():
        told = json.loads(line)
        pairs = [["w", told]] if isinstance(told, dict) else told if isinstance(told[0], list) else [told]
        lines += [json.dumps(pair).encode() for pair in pairs]
    return lines
