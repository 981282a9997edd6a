"""A stand-in for the pipeline, with the shape that the command line relies on."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from renderer.request import ClipRequest
from renderer.settings import Settings


@dataclass(frozen=True)
class Step:
    stage: str
    done: float
    message: str = ""


class File(BaseModel):
    kind: str
    path: Path
    bytes: int


class Warned(BaseModel):
    code: str
    message: str
    count: int


class Manifest(BaseModel):
    files: list[File]
    warnings: list[Warned]
    plan_digest: str = "d" * 64


@dataclass
class FakePipeline:
    """Records what it is called with; shows `steps`, raises `error` or answers with `manifest`."""

    steps: list[Step] = field(default_factory=lambda: [Step("capture", n / 20) for n in range(21)])
    error: BaseException | None = None
    manifest: Manifest = field(
        default_factory=lambda: Manifest(
            files=[File(kind="mp4", path=Path("bug.mp4"), bytes=1_234_567)],
            warnings=[Warned(code="missing_assets", message="a picture was not found", count=3)],
        )
    )
    calls: list[tuple[ClipRequest, dict[str, Path], Settings]] = field(default_factory=list)

    def make_clip(
        self,
        request: ClipRequest,
        outputs: Mapping[str, Path],
        settings: Settings,
        on_progress: Callable[[Any], None] | None = None,
        *,
        sources: object = None,
    ) -> Manifest:
        self.calls.append((request, dict(outputs), settings))
        for step in self.steps:
            if on_progress is not None:
                on_progress(step)
        if self.error is not None:
            raise self.error
        return self.manifest


@contextmanager
def standing_in(name: str, **members: object) -> Iterator[None]:
    """Module `name` holds `members` for a while, whether there is such a module or not."""
    before = sys.modules.get(name)
    module = ModuleType(name)
    vars(module).update(members)
    sys.modules[name] = module
    try:
        yield
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
