"""A clip to deliver, and stand-ins to deliver it to."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pytest

from renderer.deliver.deliver import deliver
from renderer.deliver.journal import MemoryJournal, Steps
from renderer.deliver.model import Receipt
from renderer.deliver.parcel import Parcel, ParcelFile
from renderer.deliver.registry import Destinations
from renderer.errors import EncodeError
from tests.vendors import VENDORS
from tests.vendors.base import Vendor

KEY = "dlv_01kb1w3r9v5x2e8y7n6m4t0qhs"
REPLAY = "https://us.posthog.com/project/12345/replay/01a20950-65f7-7603-87a4-92d8e7c41c38"
SUMMARY = """The user asked nora\\-4\\-mini a question; one answer got a thumbs\\-down. It said “Yes &lt;b&gt;of course&lt;/b&gt;”.

- **Clip:** 0:37 of video
- **Page:** “Billing help” at `http://chat.example/billing`

### What happened

1. `0:06` (session 0:32) Asked nora\\-4\\-mini: “Is it refunded?”
2. `0:19` (session 0:54) **Gave the answer a thumbs\\-down; POST /api/feedback failed with 500**

<details>
<summary>Failed requests (1)</summary>

| At | Request | Status | Took |
| --- | --- | --- | --- |
| 0:19 | `POST http://chat.example/api/feedback` | 500 | 0.1 s |

</details>
"""
TIME_MAP = ((0, 26_298, 1.0), (14_120, 49_742, 1.0))


def made(kind: Literal["mp4", "webm", "gif", "poster"], path: Path, size: int) -> ParcelFile:
    """Not a film, but bytes that nobody would make up."""
    head = {
        "mp4": b"\x00\x00\x00\x18ftypmp42",
        "webm": b"\x1aE\xdf\xa3",
        "gif": b"GIF89a",
        "poster": b"\x89PNG\r\n\x1a\n",
    }
    noise = hashlib.shake_256(kind.encode()).digest(size)
    content = (head[kind] + noise)[:size]
    path.write_bytes(content)
    return ParcelFile(kind, path.name, path, len(content), hashlib.sha256(content).hexdigest())


@pytest.fixture
def parcel(tmp_path: Path) -> Parcel:
    return Parcel(
        key=KEY,
        summary=SUMMARY,
        files=(
            made("mp4", tmp_path / "clip.mp4", 700_000),
            made("gif", tmp_path / "clip.gif", 400_000),
            made("poster", tmp_path / "clip.png", 90_000),
        ),
        replay_url=REPLAY,
        moment_ms=54_868,
        time_map=TIME_MAP,
    )


@dataclass
class Fitting:
    """Stands for the encoder: what comes out has the size that was asked for. `smallest`: below that nothing can be made."""

    folder: Path
    smallest: int = 0
    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, source: ParcelFile, kind: Literal["mp4", "gif"], most_bytes: int) -> ParcelFile:
        self.asked.append((kind, most_bytes))
        if most_bytes < self.smallest:
            raise EncodeError("cannot_fit", "it cannot be made so small")
        self.folder.mkdir(exist_ok=True)
        file = made(kind, self.folder / f"clip.{kind}", min(most_bytes, source.bytes))
        return ParcelFile(kind, file.name, file.path, file.bytes, file.sha256, ("quality lowered",))


@pytest.fixture
def fitting(tmp_path: Path) -> Fitting:
    return Fitting(tmp_path / "fitted")


@pytest.fixture(params=VENDORS, ids=lambda kind: kind.system.name)
def vendor(request: pytest.FixtureRequest) -> Iterator[Vendor]:
    """Every request that it gets has to be as the vendor documents it."""
    with request.param() as running:
        yield running
    assert running.violations == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What makes no sense for a vendor is no test of it, rather than a skipped one."""
    items[:] = [item for item in items if not _cannot(item)]


def _cannot(item: pytest.Item) -> bool:
    callspec: Any = getattr(item, "callspec", None)
    kind = callspec.params.get("vendor") if callspec is not None else None
    name = getattr(item, "originalname", item.name)
    return isinstance(kind, type) and issubclass(kind, Vendor) and name in kind.cannot


@dataclass
class Desk:
    """Delivers to a stand-in as the service does. `journal` outlives attempts. `accepts`: risks, those of the stand-in unless said otherwise."""

    vendor: Vendor
    fit: Fitting
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    accepts: frozenset[str] | None = None

    def deliver(self, parcel: Parcel, settings: dict[str, str] | None = None, reference: str | None = None) -> Receipt:
        given = self.vendor.settings() if settings is None else settings
        known = Destinations([self.vendor.system], lambda _, __: given)
        system, ticket = known.resolve(reference or self.vendor.reference)
        return deliver(system, ticket, self.accepting(parcel), Steps(self.journal), self.fit)

    def accepting(self, parcel: Parcel) -> Parcel:
        return replace(parcel, accepts=parcel.accepts | (self.vendor.accepts if self.accepts is None else self.accepts))


@pytest.fixture
def desk(vendor: Vendor, fitting: Fitting) -> Desk:
    return Desk(vendor, fitting)
