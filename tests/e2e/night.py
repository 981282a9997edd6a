"""A night's sessions in files: small recordings with events beside them, of which a rule finds some, and others nearly."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.painted import BLUE, GREEN, HEIGHT_PX, WIDTH_PX, page, paint
from tests.unit.recordings import START_MS, Json, dump, meta, move

RULES = """
rules:
  - name: answer-then-error
    severity: high
    when:
      - {as: answer, kind: llm_call, where: {status: answered}}
      - {as: error, level: error, within: 2s}
    before: 1s
    after: 1s
    title: "{answer.model} answered, then {error.title}"
"""
FOUND_MS = 3000
LENGTH_MS = 6000

# What happens in a session: (answers, fails, errors), in ms. Only the first kind is what RULES ask for.
MATCH: tuple[int | None, int | None, int | None] = (2000, None, FOUND_MS)
NEAR_MISSES = (
    (None, None, FOUND_MS),  # nobody asked
    (2000, None, None),  # nothing broke
    (3500, None, 2000),  # it broke before
    (2000, None, 5000),  # … long after
    (None, 2000, FOUND_MS),  # nobody answered
    (None, None, None),
)
EVERY = 20
"""Of so many sessions one is a match: the eighth. None: there is none."""


@dataclass(frozen=True)
class Night:
    """`found` are the paths of the sessions that RULES find, as a pattern names them. `unreadable` and `twice` (another name of a session
    that is found) are among the others.
    """

    count: int
    found: tuple[str, ...]
    unreadable: str | None = None
    twice: str | None = None

    @property
    def read(self) -> int:
        return self.count - (self.unreadable is not None) - (self.twice is not None)


def a_night(
    folder: Path, count: int, *, every: int | None = EVERY, unreadable: int | None = None, twice: bool = False
) -> Night:
    """Sessions in `folder`/night, in two folders, every third packed; rules in `folder`/rules.yaml."""
    (folder / "rules.yaml").write_text(RULES)
    found: list[str] = []
    unread = None
    for number in range(count - twice):
        is_match = every is not None and number % every == 7 % every
        path = f"night/{'early' if number < count / 2 else 'late'}/{number:04}.json{'.gz' if number % 3 == 0 else ''}"
        if number == unreadable:
            unread = path
            put(folder / path, b'{"cut": "off')
            continue
        a_session(folder / path, number, *(MATCH if is_match else NEAR_MISSES[number % len(NEAR_MISSES)]))
        found.extend([path] if is_match else [])
    other = None
    if twice:
        other = f"night/late/{count - 1:04}-once-more.json"
        a_session(folder / other, int(Path(found[-1]).name[:4]), *MATCH)
    return Night(count, tuple(found), unread, other)


def a_session(path: Path, number: int, answers: int | None, fails: int | None, errors: int | None) -> None:
    """The recording and, where somebody asked a model, the events beside it."""
    put(path, dump(recording(number, [errors] if errors is not None else [])).encode())
    ends_ms = answers if answers is not None else fails
    if ends_ms is not None:
        stem = path.name.removesuffix(".gz").removesuffix(".json")
        put(path.with_name(f"{stem}.events.json"), dump([call(number, ends_ms, is_answered=fails is None)]).encode())


def recording(number: int, errors_ms: Sequence[int] = ()) -> list[Json]:
    """Six seconds in which the mouse always moves. Each number began at another time, and no two are the same."""
    told = [meta(0, WIDTH_PX, HEIGHT_PX), page(0), paint(1500, GREEN), paint(2800, BLUE)]
    told += [move(at_ms, x=at_ms // 20) for at_ms in range(250, LENGTH_MS + 1, 250)]
    told += [console_error(at_ms, f"broken pipe {number} at {at_ms}") for at_ms in errors_ms]
    return sorted(
        ({**event, "timestamp": event["timestamp"] + began_ms(number)} for event in told),
        key=lambda event: int(event["timestamp"]),
    )


def console_error(at_ms: int, message: str) -> Json:
    payload = {"level": "error", "trace": [], "payload": [json.dumps(message)]}
    return {"type": 6, "data": {"plugin": "rrweb/console@1", "payload": payload}, "timestamp": START_MS + at_ms}


def call(number: int, ends_ms: int, *, is_answered: bool = True) -> Json:
    """Of a model, half a second long, as PostHog tells it when it has ended."""
    ended = datetime.fromtimestamp((START_MS + began_ms(number) + ends_ms) / 1000, UTC)
    told: Json = {"$ai_model": "nova-4-mini", "$ai_latency": 0.5, "$ai_input": [{"role": "user", "content": "why?"}]}
    if is_answered:
        told["$ai_output_choices"] = [{"role": "assistant", "content": "because"}]
    else:
        told |= {"$ai_is_error": True, "$ai_error": "overloaded", "$ai_http_status": 529}
    return {"event": "$ai_generation", "uuid": f"call-{number}", "timestamp": ended.isoformat(), "properties": told}


def began_ms(number: int) -> int:
    return number * 60_000


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
