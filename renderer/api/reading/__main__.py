"""The process that reads one recording: a question on stdin, an answer on stdout, both JSON."""

import resource
import sys

import msgspec

from renderer.api.reading.messages import Answer, Question, Refusal
from renderer.bootstrap import build_events_path, build_sources
from renderer.errors import RendererError
from renderer.session import read_session
from renderer.settings import Settings

MEMORY_BYTES = 4 * 1024**3
CPU_S = 120


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    try:
        answer: Answer | Refusal = _answer(question)
    except RendererError as error:
        answer = Refusal(error.code, error.message, error.origin, error.retryable)
    sys.stdout.buffer.write(msgspec.json.encode(answer))


def _answer(question: Question) -> Answer:
    settings = Settings()
    events = str(build_events_path(settings, question.events)) if question.events else None
    session = read_session(question.recording, events, sources=build_sources(settings))
    timeline = session.timeline
    entries = [entry for entry in timeline.entries if entry.at_ms >= question.from_ms]
    return Answer(
        duration_ms=timeline.duration_ms,
        entries=msgspec.to_builtins(entries[: question.limit]),
        total=len(entries),
        calls=msgspec.to_builtins(timeline.calls),
        environment=msgspec.to_builtins(timeline.environment),
        hidden=dict(session.hidden),
        warnings=msgspec.to_builtins((*session.notices, *session.recording.notices, *timeline.notices)),
    )


main()
