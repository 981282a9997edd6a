"""How often a key may ask: a moving window of a minute, in Redis for all processes together or in the memory of each."""

import logging
import math
import threading
from collections.abc import Callable
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from renderer.access.caller import Caller
from renderer.database.engine import now_ms
from renderer.errors import SetupError, TryLaterError
from renderer.settings import Settings

_REDIS: Final = ("redis://", "rediss://")
_PREFIX: Final = "renderer:rates"
# Longer than Redis takes, shorter than anybody waits for an answer.
_PATIENCE_S: Final = 0.5
_AWAY_MS: Final = 10_000
_WINDOW_MS: Final = 60_000

_log: Final = logging.getLogger(__name__)


class RateLimits:
    """Shared where RENDERER_BROKER_URL is a Redis. While that is away each process counts for itself, says so once, and asks again
    every 10 s: N processes then let up to N times as much through. Safe to use from any number of threads.
    """

    def __init__(self, settings: Settings, clock: Callable[[], int] = now_ms) -> None:
        """Raises SetupError `bad_broker_url`. Nothing is connected to."""
        self._per_minute = settings.requests_per_minute
        self._clock = clock
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = _in_redis(settings.broker)
        self._away_until_ms = 0
        self._lock = threading.Lock()

    @property
    def is_local(self) -> bool:
        """Whether `take` never asks anybody else."""
        return self._shared is None

    def is_shared(self) -> bool:
        """Whether all processes count together now."""
        return self._shared is not None and self._clock() >= self._away_until_ms

    def take(self, caller: Caller) -> None:
        """Counts one request. Raises TryLaterError `rate_limited`; what is refused does not count."""
        per_minute = caller.limits.requests_per_minute or self._per_minute
        retry_after_ms = self._take(RateLimitItemPerMinute(per_minute), caller.key_id)
        if retry_after_ms is not None:
            raise TryLaterError(
                "rate_limited",
                f"this API key may ask {per_minute} times a minute: slow down",
                max(1, math.ceil(retry_after_ms / 1000)),
            )

    def _take(self, item: RateLimitItemPerMinute, key_id: str) -> int | None:
        if self._shared is not None and self._clock() >= self._away_until_ms:
            try:
                refused = self._ask(self._shared, item, key_id)
            except RedisError as error:
                self._note_away(error)
            else:
                self._note_back()
                return refused
        return self._ask(self._own, item, key_id)

    def _ask(self, limiter: MovingWindowRateLimiter, item: RateLimitItemPerMinute, key_id: str) -> int | None:
        """None when it may, else the milliseconds until it may again."""
        if limiter.hit(item, key_id):
            return None
        free_again_s, _ = limiter.get_window_stats(item, key_id)
        return min(max(math.ceil(free_again_s * 1000) - self._clock(), 0), _WINDOW_MS)

    def _note_away(self, error: RedisError) -> None:
        with self._lock:
            if self._away_until_ms == 0:
                _log.warning(
                    "Redis is away (%s): request rates are counted by each process for itself", type(error).__name__
                )
            self._away_until_ms = self._clock() + _AWAY_MS

    def _note_back(self) -> None:
        if self._away_until_ms == 0:
            return
        with self._lock:
            if self._away_until_ms:
                self._away_until_ms = 0
                _log.warning("Redis is back: request rates are counted together again")


def _in_redis(broker: str | None) -> MovingWindowRateLimiter | None:
    if broker is None or not broker.startswith(_REDIS):
        return None
    try:
        storage = RedisStorage(
            broker,
            key_prefix=_PREFIX,
            socket_timeout=_PATIENCE_S,
            socket_connect_timeout=_PATIENCE_S,
            retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # handed on to Redis.from_url as it is
        )
        # Its arguments are looked at only when a connection is made; this one is never opened.
        storage.storage.connection_pool.make_connection()
    except (ValueError, TypeError):
        # The reason would quote the address, and with it a password.
        raise SetupError(
            "bad_broker_url", "RENDERER_BROKER_URL is no address of a Redis: write redis://HOST:6379/0"
        ) from None
    return MovingWindowRateLimiter(storage)
