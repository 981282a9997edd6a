"""The one door of this room: a URL in, an `Asset` out, never an exception and never a wait in the caller's thread."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from renderer.assets.asset import Asset, Kind
from renderer.assets.cache import AssetCache, Entry
from renderer.assets.dial import Network
from renderer.assets.entries import dated, of_body, of_failure, usable
from renderer.assets.failure import FetchError
from renderer.assets.fetch import Fetched, Fetcher, Limits
from renderer.assets.loop_thread import LoopThread
from renderer.assets.memo import Memo
from renderer.assets.policy import AssetPolicy
from renderer.assets.prune import prune
from renderer.assets.question import Question, ask
from renderer.assets.tally import Summary, Tally
from renderer.assets.urls import Target
from renderer.notices import Notices

# A page of ordinary size asks for some hundred; beyond this a recording is out to fill the memory.
MAX_URLS: Final = 20_000
CACHE_BYTES: Final = 2 * 1024**3


class AssetLibrary:
    """Answers the page's requests for one clip, from any number of threads and event loops.

    `budget_s` is how long the clip may wait for the network in all, `cache_bytes` what the cache may hold on disk. `notices`
    gets the warnings when the library is closed. `network` is the real one unless a test brings its own. `aliases`: URLs
    that the page is to know by another name (redaction), to what is asked for in their place.
    """

    def __init__(
        self,
        cache_dir: Path,
        policy: AssetPolicy,
        *,
        budget_s: float = 30.0,
        notices: Notices | None = None,
        cache_bytes: int = CACHE_BYTES,
        limits: Limits | None = None,
        network: Network | None = None,
        clock: Callable[[], float] = time.time,
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self._policy = policy
        self._aliases = {ask(alias, "", policy).key: url for alias, url in (aliases or {}).items()}
        self._budget_s = budget_s
        self._notices = notices
        self._clock = clock
        self._limits = limits or Limits()
        self._network = network
        self._fetcher: Fetcher | None = None
        self._cache_dir = cache_dir
        self._cache_bytes = cache_bytes
        self._wrote = False
        self._cache = AssetCache(cache_dir, clock)
        self._thread = LoopThread("renderer-assets")
        self._lock = threading.Lock()
        self._memo = Memo()
        self._tally = Tally()
        self._counted: set[tuple[str, Kind | None]] = set()
        self._waiting: dict[str, list[Question]] = {}
        self._fetching: dict[str, Target] = {}
        self._closed = False

    async def get(self, url: str, resource_type: str = "Image") -> Asset:
        """The answer for a URL, awaited on the caller's own loop. Cancelling it disturbs nobody else who asked."""
        return await asyncio.wrap_future(self.submit(url, resource_type))

    def submit(self, url: str, resource_type: str = "Image") -> "Future[Asset]":
        """Ask for a URL; `resource_type` is CDP's (Image, Font, Stylesheet …). Returns at once; the future never fails.

        A URL that is asked for while it is under way is fetched once.
        """
        question = self._ask(url, resource_type)
        with self._lock:
            self._tally.asked()
            known = self._known(question)
            if known is None:
                assert question.target is not None
                waiting = self._waiting.setdefault(question.target.key, [])
                waiting.append(question)
                first = len(waiting) == 1
        if known is not None:
            question.future.set_result(known)
        elif first:
            self._thread.start(self._bring(question))
        return question.future

    def lookup(self, url: str, resource_type: str = "Image") -> Asset | None:
        """The answer if it is known without the network, else None. Reads the disk (a few ms) and counts nothing."""
        question = self._ask(url, resource_type)
        with self._lock:
            known = self._known(question, count=False)
        if known is not None or question.target is None:
            return known
        found = self._remembered(question.target)
        return None if found is None else question.answer(*found, remembered=True)

    def _ask(self, url: str, resource_type: str) -> Question:
        question = ask(url, resource_type, self._policy)
        original = self._aliases.get(question.key) if self._aliases else None
        if original is None:
            return question
        return replace(ask(original, resource_type, self._policy), url=url, alias_host=question.host)

    def summary(self) -> Summary:
        with self._lock:
            return self._tally.summary()

    def close(self, *, finished: bool = True) -> None:
        """Stop fetching, answer whoever still waits, prune the cache, report to `notices`. Closing again does nothing.

        What is still under way when a render is `finished` was slower than the frames waited for it, and is remembered as
        that; of a render that broke off nothing is concluded.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._thread.stop(self._close_fetcher())
        entry = Entry("failed", reason="too_late")
        if finished:
            # Another process may have had more patience with the same URL.
            late = [target for key, target in self._fetching.items() if self._cache.read(key) is None]
            self._keep([(target, entry) for target in late], b"")
        for key in list(self._waiting):
            self._settle(key, entry, b"", remembered=False)
        if self._wrote:
            # Pruning is housekeeping: a cache that cannot be listed is no reason to fail a clip that is done.
            with contextlib.suppress(OSError):
                prune(self._cache_dir, self._cache_bytes, self._clock())
        if self._notices is not None:
            self._tally.report(self._notices, self._budget_s)

    async def _close_fetcher(self) -> None:
        if self._fetcher is not None:
            await self._fetcher.aclose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(finished=kind is None)

    def _known(self, question: Question, *, count: bool = True) -> Asset | None:
        """What can be answered without waiting. Call it with the lock held."""
        if question.target is None or question.refusal:
            asset = question.answer(Entry("refused", reason=question.refusal), b"", remembered=True)
        elif (found := self._memo.get(question.target.key)) is not None:
            asset = question.answer(*found, remembered=True)
        elif self._closed:
            asset = question.answer(Entry("failed", reason="closed"), b"", remembered=True)
        elif len(self._counted) + len(self._waiting) >= MAX_URLS and question.key not in self._waiting:
            asset = question.answer(Entry("refused", reason="too_many_urls"), b"", remembered=True)
        else:
            return None
        if count:
            self._count(question, asset)
        return asset

    def _remembered(self, target: Target) -> tuple[Entry, bytes] | None:
        found = self._cache.read(target.key)
        return found if found is not None and usable(found[0], self._policy, self._budget_s) else None

    async def _bring(self, question: Question) -> None:
        """Answer whoever waits for this URL. Runs on the library's own loop."""
        target, kind = question.target, question.kind
        assert target is not None
        assert kind is not None
        try:
            await self._answer(target, kind)
        except Exception:
            # Whatever it was: a request that is never answered stops Chromium's frames, and with them the clip.
            self._settle(target.key, Entry("failed", reason="internal"), b"", remembered=False)

    async def _answer(self, target: Target, kind: Kind) -> None:
        found = await asyncio.to_thread(self._remembered, target)
        if found is not None:
            self._settle(target.key, *found, remembered=True)
        elif not self._policy.fetches:
            self._settle(target.key, Entry("refused", reason="offline"), b"", remembered=True)
        else:
            await self._fetch(target, kind)

    async def _fetch(self, target: Target, kind: Kind) -> None:
        if self._fetcher is None:
            self._fetcher = Fetcher(self._policy, self._network or Network(), self._limits, self._budget_s)
        fetched = Fetched()
        self._fetching[target.key] = target
        try:
            await self._fetcher.fetch(target, kind, fetched)
            entries = await asyncio.to_thread(of_body, target, fetched)
        except FetchError as error:
            fetched.body = b""
            entries = [(target, of_failure(error, fetched, self._budget_s))]
        await asyncio.to_thread(self._keep, entries, fetched.body)
        del self._fetching[target.key]
        for place, entry in reversed(entries):
            body = fetched.body if entry.outcome == "ok" else b""
            self._settle(place.key, entry, body, remembered=False)

    def _keep(self, entries: list[tuple[Target, Entry]], body: bytes) -> None:
        """Write to the cache before anybody is answered: a render that ends right after has it all the same."""
        for place, entry in entries:
            try:
                self._cache.write(place.key, dated(entry, self._clock()), body if entry.outcome == "ok" else b"")
                self._wrote = True
            except OSError:
                with self._lock:
                    self._tally.unwritable()

    def _settle(self, key: str, entry: Entry, body: bytes, *, remembered: bool) -> None:
        with self._lock:
            self._memo.put(key, entry, body)
            questions = self._waiting.pop(key, [])
            assets = [question.answer(entry, body, remembered=remembered) for question in questions]
            for question, asset in zip(questions, assets, strict=True):
                self._count(question, asset)
        for question, asset in zip(questions, assets, strict=True):
            if question.future.set_running_or_notify_cancel():
                question.future.set_result(asset)

    def _count(self, question: Question, asset: Asset) -> None:
        key = (question.key, question.kind)
        if key in self._counted or len(self._counted) >= MAX_URLS:
            return
        self._counted.add(key)
        self._tally.answered(asset, question.host, shown=question.kind is not None)
