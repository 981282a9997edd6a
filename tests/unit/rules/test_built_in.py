"""Every built-in rule against small sessions: what it finds, and what nearly is one and is not."""

from dataclasses import dataclass
from typing import Any

import pytest

from renderer.rules.load import load_rules
from renderer.timeline.model import Ending, Entry
from tests.unit.rules.sessions import (
    SESSION_MS,
    blank,
    broken_off,
    call,
    click,
    console,
    dead,
    exception,
    found,
    idle,
    loaded,
    marked,
    page,
    rage,
    request,
    scrolled,
    thumb,
    timeline,
    tracked,
    typed,
)

Expected = tuple[int, str]
ASKED = "Why is my October invoice higher?"
REWORDED = "October invoice is higher than usual, why?"
OTHER = "Where can I change my password?"
BROWSER = {"browser": "Chrome 156", "os": "Linux"}

LABELS = {
    "answer-then-error": {"area": "answer", **BROWSER},
    "negative-feedback": {"area": "answer"},
    "chat-abandoned": {"area": "chat"},
    "answer-then-search": {"area": "answer"},
    "llm-failed": {"area": "model", "model": "nova"},
    "llm-timed-out": {"area": "model", "model": "nova"},
    "llm-token-limit": {"area": "model", "model": "nova"},
    "llm-slow": {"area": "model", "model": "nova"},
    "asked-again": {"area": "answer"},
    "answer-regenerated": {"area": "answer"},
    "answer-copied": {"area": "answer"},
    "rage-click": {"area": "page"},
    "dead-click": {"area": "page"},
    "error-click": {"area": "page", **BROWSER},
    "exception": {"area": "code", **BROWSER},
    "console-error": {"area": "code", **BROWSER},
    "request-failed": {"area": "network", **BROWSER},
    "request-slow": {"area": "network"},
    "blank-page": {"area": "page", **BROWSER},
    "crash": {"area": "code", **BROWSER},
}


@dataclass(frozen=True)
class Row:
    rule: str
    what: str
    entries: tuple[Entry, ...]
    expected: tuple[Expected, ...] = ()
    """When and under which title; nothing for a near miss."""
    duration_ms: int = SESSION_MS
    ending: Ending | None = None


def finds(rule: str, what: str, *entries: Entry, at: int | tuple[int, ...], title: str, **more: Any) -> Row:
    times = at if isinstance(at, tuple) else (at,)
    return Row(rule, what, entries, tuple((at_ms, title) for at_ms in times), **more)


def passes(rule: str, what: str, *entries: Entry, **more: Any) -> Row:
    return Row(rule, what, entries, **more)


# An answer that ended at 10.000 s; others in each table begin with it too.
ANSWER = call(4000, 10_000, ASKED, id="c")
BROKE = "nova answered in 6.0 s, then Console error: it broke"


def slow(latency_ms: int, others: tuple[int, ...] = (2000, 2000, 2000), **facts: Any) -> tuple[Entry, ...]:
    """A call of that latency at 100 s, after others."""
    earlier = (call(number * 10_000, number * 10_000 + each) for number, each in enumerate(others))
    return (*earlier, call(100_000, 100_000 + latency_ms, **facts))


def asked(
    prompt: str | None,
    *between: Entry,
    first: str | None = ASKED,
    at_ms: int = 60_000,
    earlier: dict[str, Any] | None = None,
    **facts: Any,
) -> tuple[Entry, ...]:
    """An answer at 10 s, what the user did since, and a call."""
    return (
        typed(1000, 3000),
        call(4000, 10_000, first, **(earlier or {})),
        *(between or (typed(50_000, 55_000),)),
        call(at_ms, at_ms + 6000, prompt, **facts),
    )


TABLE = [
    # --- answer-then-error
    finds("answer-then-error", "30.000 s after the answer", ANSWER, console(40_000), at=40_000, title=BROKE),
    passes("answer-then-error", "30.001 s after it", ANSWER, console(40_001)),
    passes("answer-then-error", "31 s after it", ANSWER, console(41_000)),
    finds("answer-then-error", "as the answer ends", ANSWER, console(10_000), at=10_000, title=BROKE),
    passes("answer-then-error", "while the answer was written", ANSWER, console(9_999)),
    finds("answer-then-error", "thumbs up before the answer was there", ANSWER, thumb(9999, True), console(20_000), at=20_000, title=BROKE),
    passes("answer-then-error", "thumbs up just before the error", ANSWER, thumb(19_999, True), console(20_000)),
    passes("answer-then-error", "thumbs up just after the error", ANSWER, console(20_000), thumb(20_001, True)),
    passes("answer-then-error", "thumbs up 30.000 s after the answer", ANSWER, console(20_000), thumb(40_000, True)),
    finds("answer-then-error", "thumbs up 30.001 s after the answer", ANSWER, console(20_000), thumb(40_001, True), at=20_000, title=BROKE),
    finds("answer-then-error", "thumbs down", ANSWER, thumb(15_000, False), console(20_000), at=20_000, title=BROKE),
    passes("answer-then-error", "an error in another window", ANSWER, console(20_000, window="other")),
    finds("answer-then-error", "an answer that the server alone told of", call(4000, 10_000, window=None), console(20_000, window="other"), at=20_000, title=BROKE),
    finds("answer-then-error", "an exception of the server", ANSWER, exception(20_000, window=None, origin="server"), at=20_000, title="nova answered in 6.0 s, then TypeError: x is undefined"),
    finds("answer-then-error", "a request that failed in time, sent before the answer ended", ANSWER, request(9000, 12_000, 500), at=12_000, title="nova answered in 6.0 s, then GET /api/order failed with 500"),
    passes("answer-then-error", "a request that failed too late", ANSWER, request(39_000, 40_001, 500)),
    finds("answer-then-error", "a blank page", ANSWER, blank(15_000, 19_200), at=15_000, title="nova answered in 6.0 s, then The page was blank for 4.2 s"),
    finds("answer-then-error", "a model without a name", call(4000, 10_000, model=None), console(20_000), at=20_000, title="The model answered in 6.0 s, then Console error: it broke"),
    finds("answer-then-error", "of several errors the first", ANSWER, console(20_000), console(25_000), at=20_000, title=BROKE),
    finds("answer-then-error", "of several answers the last", call(1000, 2000), ANSWER, console(20_000), at=20_000, title=BROKE),
    passes("answer-then-error", "a warning", ANSWER, console(20_000, level="warn")),
    passes("answer-then-error", "no answer came", call(4000, 10_000, error="overloaded"), console(20_000)),
    passes("answer-then-error", "embeddings are no answer", call(4000, 10_000, operation="embeddings"), console(20_000)),
    passes("answer-then-error", "what browsers say of layouts", ANSWER, exception(20_000, "ResizeObserver loop limit exceeded")),
    passes("answer-then-error", "a tab's icon is missing", ANSWER, request(20_000, 20_100, 404, "/favicon.ico")),
    passes("answer-then-error", "a tracker that is blocked", ANSWER, request(20_000, 20_100, 0, "https://www.google-analytics.com/g/collect", error="net::ERR_BLOCKED_BY_CLIENT")),
    passes("answer-then-error", "a request that the page broke off", ANSWER, request(20_000, 20_100, 0, error="AbortError: signal is aborted without reason")),
    # --- negative-feedback
    finds("negative-feedback", "thumbs down", thumb(50_000, False), at=50_000, title="Thumbs down on the answer of nova"),
    finds("negative-feedback", "on nothing that is known", thumb(50_000, False, of=None), at=50_000, title="Thumbs down"),
    finds("negative-feedback", "thumbs up on another answer", thumb(50_000, False), thumb(52_000, True, of="d"), at=50_000, title="Thumbs down on the answer of nova"),
    passes("negative-feedback", "taken back at once", thumb(50_000, False), thumb(80_000, True)),
    finds("negative-feedback", "taken back later", thumb(50_000, False), thumb(80_001, True), at=50_000, title="Thumbs down on the answer of nova"),
    finds("negative-feedback", "thumbs up before", thumb(49_000, True), thumb(50_000, False), at=50_000, title="Thumbs down on the answer of nova"),
    passes("negative-feedback", "thumbs up", thumb(50_000, True)),
    passes("negative-feedback", "a text that is neither", thumb(50_000, None, text="The table was hard to read")),
    passes("negative-feedback", "an evaluation is no user's", thumb(50_000, None, name="relevance", value=False)),
    # --- chat-abandoned
    finds("chat-abandoned", "30.000 s of writing", call(4000, 10_000), typed(50_000, 80_000), at=50_000, title="Wrote for 30 s and did not send it"),
    passes("chat-abandoned", "29.999 s of writing", call(4000, 10_000), typed(50_000, 79_999)),
    finds("chat-abandoned", "with pauses for thought", call(4000, 10_000), typed(50_000, 55_000), typed(85_000, 95_000), at=50_000, title="Wrote for 45 s and did not send it"),
    passes("chat-abandoned", "two short spells", call(4000, 10_000), typed(50_000, 65_000), typed(95_001, 110_000)),
    passes("chat-abandoned", "sent", call(4000, 10_000), typed(50_000, 90_000), call(92_000, 95_000)),
    passes("chat-abandoned", "sent 60.000 s later", call(4000, 10_000), typed(50_000, 90_000), call(150_000, 155_000)),
    finds("chat-abandoned", "the next question comes later than that", call(4000, 10_000), typed(50_000, 90_000), call(150_001, 155_000), at=50_000, title="Wrote for 40 s and did not send it"),
    finds("chat-abandoned", "left for another page", call(4000, 10_000), typed(50_000, 90_000), page(93_000), at=50_000, title="Wrote for 40 s and did not send it"),
    passes("chat-abandoned", "went on writing in the chat", call(4000, 10_000), typed(50_000, 80_000), typed(140_000, 160_000)),
    finds("chat-abandoned", "went on 60.001 s later", call(4000, 10_000), typed(50_000, 80_000), typed(140_001, 160_000), at=50_000, title="Wrote for 30 s and did not send it"),
    finds("chat-abandoned", "wrote elsewhere then", call(4000, 10_000), typed(50_000, 80_000), typed(85_000, 90_000, "Order number", node_id=8), at=50_000, title="Wrote for 30 s and did not send it"),
    passes("chat-abandoned", "a field that is no chat", call(4000, 10_000), typed(50_000, 90_000, "Company")),
    finds("chat-abandoned", "a field that a question was sent from", typed(1000, 3000, "Company"), call(4000, 10_000), typed(50_000, 90_000, "Company"), at=50_000, title="Wrote for 40 s and did not send it"),
    passes("chat-abandoned", "no call at all: nothing says that there is a chat", typed(50_000, 90_000)),
    finds("chat-abandoned", "embeddings do not send it", call(4000, 10_000), typed(50_000, 90_000), call(92_000, 92_100, operation="embeddings"), at=50_000, title="Wrote for 40 s and did not send it"),
    # --- answer-then-search
    finds("answer-then-search", "60.000 s after the answer", ANSWER, page(70_000, "/search"), at=70_000, title="Searched elsewhere after the answer: Went to /search"),
    passes("answer-then-search", "60.001 s after it", ANSWER, page(70_001, "/search")),
    passes("answer-then-search", "before it had ended", ANSWER, page(9_999, "/search")),
    passes("answer-then-search", "after the next question", ANSWER, call(15_000, 90_000), page(40_000, "/search")),
    finds("answer-then-search", "the next question comes later", ANSWER, page(40_000, "/search"), call(60_000, 70_000), at=40_000, title="Searched elsewhere after the answer: Went to /search"),
    passes("answer-then-search", "no answer came", call(4000, 10_000, error="overloaded"), page(40_000, "/search")),
    finds("answer-then-search", "the start of the help", ANSWER, page(20_000, "/help/"), at=20_000, title="Searched elsewhere after the answer: Went to /help/"),
    passes("answer-then-search", "a page that the answer may have named", ANSWER, page(20_000, "/help/billing/invoices")),
    passes("answer-then-search", "a page for researchers", ANSWER, page(20_000, "/research")),
    passes("answer-then-search", "the same page again", ANSWER, loaded(20_000, "/search", reload=True)),
    finds("answer-then-search", "another host", ANSWER, loaded(20_000, "/", "www.google.com"), at=20_000, title="Searched elsewhere after the answer: Opened /"),
    passes("answer-then-search", "signing in with Google", ANSWER, loaded(20_000, "/o/oauth2", "accounts.google.com")),
    finds("answer-then-search", "a field for searches by its type", ANSWER, typed(20_000, 22_000, "", type="search", node_id=8), at=20_000, title="Searched elsewhere after the answer: Typed for 2 s into a text field"),
    finds("answer-then-search", "a field for searches by its name", ANSWER, typed(20_000, 22_000, "Search articles", node_id=8), at=20_000, title="Searched elsewhere after the answer: Typed for 2 s into “Search articles”"),
    finds("answer-then-search", "a button", ANSWER, click(20_000, "Search"), at=20_000, title="Searched elsewhere after the answer: Clicked “Search”"),
    passes("answer-then-search", "a field for something else", ANSWER, typed(20_000, 22_000, "Company", node_id=8)),
    passes("answer-then-search", "a click into a field, in which nothing is written", ANSWER, click(20_000, "Search articles", role="field")),
    passes("answer-then-search", "a button for the chats", ANSWER, click(20_000, "Search chats")),
    passes("answer-then-search", "a question 10.000 s later", ANSWER, click(20_000, "Search"), call(30_000, 34_000)),
    finds("answer-then-search", "a question 10.001 s later", ANSWER, click(20_000, "Search"), call(30_001, 34_000), at=20_000, title="Searched elsewhere after the answer: Clicked “Search”"),
    passes("answer-then-search", "a search of the chats", ANSWER, typed(20_000, 22_000, "Search chats", type="search", node_id=8)),
    passes("answer-then-search", "a button that has it in a word", ANSWER, click(20_000, "Our findings")),
    passes("answer-then-search", "the next question, in a field for searches", typed(1000, 3000, "Search", type="search"), ANSWER, typed(20_000, 40_000, "Search", type="search"), call(42_000, 45_000)),
    passes("answer-then-search", "a button that asks the next question", ANSWER, click(20_000, "Search the web"), call(20_100, 24_000)),
    # --- llm-failed
    finds("llm-failed", "an error", call(4000, 5000, error="model_overloaded"), at=4000, title="nova failed: model_overloaded"),
    finds("llm-failed", "a status alone", call(4000, 5000, http_status=503), at=4000, title="nova failed: HTTP 503"),
    finds("llm-failed", "a connection that was lost", call(4000, 5000, error="('Connection aborted.', ConnectionResetError(104))"), at=4000, title="nova failed: ('Connection aborted.', ConnectionResetError(104))"),
    passes("llm-failed", "answered", ANSWER),
    passes("llm-failed", "timed out, which is another rule's", call(4000, 34_000, error="Request timed out.")),
    passes("llm-failed", "no answer when the session ended", call(4000)),
    passes("llm-failed", "stopped by the user", call(4000, 5000, error="AbortError: The user aborted a request.")),
    passes("llm-failed", "stopped by the user, in OpenAI's words", call(4000, 5000, error="Request was aborted.")),
    passes("llm-failed", "stopped by the user, as its reason", call(4000, 5000, failed=True, finish_reason="cancelled")),
    # --- llm-timed-out
    finds("llm-timed-out", "an error that says so", call(4000, 34_000, error="Request timed out."), at=4000, title="nova failed: Request timed out."),
    finds("llm-timed-out", "a status that says so", call(4000, 34_000, http_status=504), at=4000, title="nova failed: HTTP 504"),
    finds("llm-timed-out", "no answer for 30.000 s", call(4000, session_ms=34_000), at=4000, title="nova did not answer", duration_ms=34_000),
    passes("llm-timed-out", "the session ended 29.999 s later", call(4000, session_ms=33_999), duration_ms=33_999),
    passes("llm-timed-out", "failed otherwise", call(4000, 5000, error="model_overloaded")),
    passes("llm-timed-out", "an answer that took long", call(4000, 94_000)),
    passes("llm-timed-out", "answered, though a first try timed out", call(4000, 9000, failed=False, http_status=504)),
    # --- llm-token-limit
    finds("llm-token-limit", "OpenAI", call(4000, 9000, finish_reason="length"), at=4000, title="The answer was cut off (length)"),
    finds("llm-token-limit", "Google", call(4000, 9000, finish_reason="FinishReason.MAX_TOKENS"), at=4000, title="The answer was cut off (FinishReason.MAX_TOKENS)"),
    passes("llm-token-limit", "an end of its own", call(4000, 9000, finish_reason="stop")),
    passes("llm-token-limit", "no reason told", ANSWER),
    # --- llm-slow
    finds("llm-slow", "three times as long as usual", *slow(6000), at=100_000, title="The answer took 6 s, 3 times as long as usual"),
    passes("llm-slow", "less than three times as long", *slow(5980)),
    finds("llm-slow", "5.000 s", *slow(5000, (1000, 1000, 1000)), at=100_000, title="The answer took 5 s, 5 times as long as usual"),
    passes("llm-slow", "4.999 s", *slow(4999, (1000, 1000, 1000))),
    passes("llm-slow", "two others say nothing of what is usual", *slow(60_000, (1000, 1000))),
    passes("llm-slow", "a larger model", *slow(9000, model="nova-large")),
    passes("llm-slow", "it failed", *slow(60_000, error="overloaded")),
    # --- asked-again
    finds("asked-again", "in other words", *asked(REWORDED), at=60_000, title=f"Asked again: {REWORDED}"),
    finds("asked-again", "5 min after the answer", *asked(REWORDED, at_ms=310_000), at=310_000, title=f"Asked again: {REWORDED}"),
    passes("asked-again", "5 min and 1 ms after it", *asked(REWORDED, at_ms=310_001)),
    passes("asked-again", "another question", *asked(OTHER)),
    passes("asked-again", "in the same words, which is another rule's", *asked(ASKED)),
    passes("asked-again", "after an error: the question still stands", *asked(REWORDED, earlier={"error": "overloaded"})),
    passes("asked-again", "by the application: the user did nothing since", *asked(REWORDED, idle(10_000, 60_000))),
    passes("asked-again", "an embedding of it", *asked(REWORDED, operation="embeddings")),
    # --- answer-regenerated
    finds("answer-regenerated", "in the same words", *asked(ASKED), at=60_000, title="Had the answer made again"),
    finds("answer-regenerated", "by a click", *asked(ASKED, click(59_900, "Try again")), at=60_000, title="Had the answer made again"),
    finds("answer-regenerated", "by a click, without texts", *asked(None, click(59_900, "Regenerate"), first=None), at=60_000, title="Had the answer made again"),
    passes("answer-regenerated", "another click, without texts", *asked(None, click(59_900, "Send"), first=None)),
    passes("answer-regenerated", "5 min and 1 ms after it", *asked(ASKED, at_ms=310_001)),
    passes("answer-regenerated", "in other words", *asked(REWORDED)),
    passes("answer-regenerated", "after an error: there was no answer", *asked(ASKED, click(59_900, "Try again"), earlier={"error": "overloaded"})),
    passes("answer-regenerated", "the model had asked for a tool", *asked(ASKED, earlier={"finish_reason": "tool_calls"})),
    passes("answer-regenerated", "by the application: the user did nothing since", *asked(ASKED, scrolled(50_000, 51_000))),
    passes("answer-regenerated", "“continue” is another question each time", *asked("continue", first="continue")),
    # --- answer-copied
    finds("answer-copied", "5 min after the answer", ANSWER, click(310_000, "Copy"), at=310_000, title="Copied after an answer"),
    passes("answer-copied", "5 min and 1 ms after it", ANSWER, click(310_001, "Copy")),
    passes("answer-copied", "before there was an answer", click(9_999, "Copy"), ANSWER),
    finds("answer-copied", "a button that says more", ANSWER, click(20_000, "Copy code to clipboard"), at=20_000, title="Copied after an answer"),
    passes("answer-copied", "a link to the page", ANSWER, click(20_000, "Copy link")),
    passes("answer-copied", "the small print", ANSWER, click(20_000, "Copyright")),
    passes("answer-copied", "in another window", ANSWER, click(20_000, "Copy", window="other")),
    finds("answer-copied", "with the keyboard, as PostHog tells it", ANSWER, tracked(20_000, "$copy_autocapture", **{"$copy_type": "copy"}), at=20_000, title="Copied after an answer"),
    passes("answer-copied", "cut out of what the user wrote", ANSWER, tracked(20_000, "$copy_autocapture", **{"$copy_type": "cut"})),
    # --- rage-click, dead-click
    finds("rage-click", "four clicks", rage(20_000, 21_500), at=20_000, title="Clicked “Pay” 4 times in a row"),
    passes("rage-click", "two clicks", click(20_000), click(20_400)),
    passes("rage-click", "a dead click", dead(20_000)),
    finds("dead-click", "a dead click", dead(20_000), at=20_000, title="Clicked “Pay”, and nothing happened"),
    passes("dead-click", "a click", click(20_000)),
    passes("dead-click", "rage clicks, which are another rule's", rage(20_000, 21_500)),
    # --- error-click
    finds("error-click", "2.000 s after the click", click(20_000), console(22_000), at=22_000, title="Clicked “Pay”, then Console error: it broke"),
    passes("error-click", "2.001 s after it", click(20_000), console(22_001)),
    passes("error-click", "before it", click(20_000), console(19_999)),
    passes("error-click", "in another window", click(20_000), console(20_100, window="other")),
    finds("error-click", "on the server", click(20_000), exception(20_500, window=None, origin="server"), at=20_500, title="Clicked “Pay”, then TypeError: x is undefined"),
    finds("error-click", "a request that it sent", click(20_000), request(20_010, 21_900, 503), at=21_900, title="Clicked “Pay”, then GET /api/order failed with 503"),
    passes("error-click", "a request that failed later", click(20_000), request(20_010, 22_001, 503)),
    finds("error-click", "after the last of several", rage(20_000, 21_500), console(23_500), at=23_500, title="Clicked “Pay” 4 times in a row, then Console error: it broke"),
    finds("error-click", "nothing else answered", dead(20_000), console(20_100), at=20_100, title="Clicked “Pay”, and nothing happened, then Console error: it broke"),
    passes("error-click", "a text was marked", marked(19_000, 20_000), console(20_100)),
    passes("error-click", "a warning", click(20_000), console(20_100, level="warn")),
    passes("error-click", "what browsers say of layouts", click(20_000), exception(20_100, "ResizeObserver loop completed with undelivered notifications.")),
    # --- exception, console-error
    finds("exception", "not handled", exception(20_000), at=20_000, title="TypeError: x is undefined"),
    finds("exception", "as the console tells it", console(20_000, "Uncaught TypeError: x is undefined"), at=20_000, title="Uncaught TypeError: x is undefined"),
    finds("exception", "nothing says whether it was handled", exception(20_000, handled=None), at=20_000, title="TypeError: x is undefined"),
    passes("exception", "handled", exception(20_000, handled=True)),
    passes("exception", "a console error", console(20_000)),
    passes("exception", "what browsers say of layouts", exception(20_000, "ResizeObserver loop limit exceeded")),
    finds("console-error", "an error", console(20_000), at=20_000, title="Console error: it broke"),
    finds("console-error", "an assertion", console(20_000, level="assert"), at=20_000, title="Console error: it broke"),
    finds("console-error", "twenty at the most", *(console(20_000 + each) for each in range(25)), at=tuple(range(20_000, 20_020)), title="Console error: it broke"),
    passes("console-error", "what browsers say of layouts", console(20_000, "ResizeObserver loop completed with undelivered notifications.")),
    passes("console-error", "a warning", console(20_000, level="warn")),
    passes("console-error", "an exception, which is another rule's", console(20_000, "Uncaught TypeError: x is undefined")),
    # --- request-failed, request-slow
    finds("request-failed", "when it failed", request(20_000, 20_200, 404), at=20_200, title="GET /api/order failed with 404"),
    finds("request-failed", "without a status", request(20_000, 20_200, 0, error="net::ERR_CONNECTION_REFUSED"), at=20_200, title="GET /api/order failed: net::ERR_CONNECTION_REFUSED"),
    passes("request-failed", "answered", request(20_000, 20_200, 399)),
    passes("request-failed", "no answer, which pages do to requests themselves", request(20_000, 20_200, 0)),
    finds("request-failed", "a connection that was lost", request(20_000, 20_200, 0, error="net::ERR_CONNECTION_ABORTED"), at=20_200, title="GET /api/order failed: net::ERR_CONNECTION_ABORTED"),
    passes("request-failed", "broken off by the page", request(20_000, 20_200, 0, error="net::ERR_ABORTED")),
    passes("request-failed", "a tab's icon", request(20_000, 20_200, 404, "/favicon-32x32.png")),
    passes("request-failed", "a map of sources", request(20_000, 20_200, 404, "/assets/app.js.map")),
    passes("request-failed", "a tracker", request(20_000, 20_200, 403, "https://stats.g.doubleclick.net/j/collect")),
    finds("request-failed", "a page of maps", request(20_000, 20_200, 404, "/map/favicons"), at=20_200, title="GET /map/favicons failed with 404"),
    finds("request-slow", "3.001 s", request(20_000, 23_001), at=23_001, title="GET /api/order took 3.0 s"),
    passes("request-slow", "3.000 s", request(20_000, 23_000)),
    passes("request-slow", "an answer that is streamed", request(20_000, 29_000, contentType="text/event-stream")),
    passes("request-slow", "a stream of events", request(20_000, 80_000, initiatorType="eventsource")),
    passes("request-slow", "a beacon, which nobody waits for", request(20_000, 29_000, initiatorType="beacon")),
    passes("request-slow", "held open until there is news", request(20_000, 45_000, url="/socket.io/?EIO=4&transport=polling")),
    # --- blank-page, crash
    finds("blank-page", "blank for a while", blank(20_000, 24_200), at=20_000, title="The page was blank for 4.2 s"),
    passes("blank-page", "nothing happened on a page", idle(20_000, 60_000)),
    finds("crash", "in the middle of activity", click(1000), at=SESSION_MS, title="The recording ends in the middle of activity", ending=broken_off()),
    passes("crash", "the tab was left", click(1000), ending=broken_off(was_hidden=True)),
    passes("crash", "the recorder stopped", click(1000), ending=broken_off(was_stopped=True)),
    passes("crash", "nothing went on", click(1000), ending=broken_off(last_action_ms=1000, last_activity_ms=1000)),
    passes("crash", "nothing would tell of leaving", click(1000), ending=broken_off(is_witnessed=False)),
    passes("crash", "nothing is known of the end", click(1000)),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.rule}: {row.what}")
def test_what_is_found(row: Row):
    moments = found(row.rule, timeline(*row.entries, duration_ms=row.duration_ms, ending=row.ending))
    assert [(moment.at_ms, moment.title) for moment in moments] == list(row.expected)
    assert [dict(moment.labels) for moment in moments] == [LABELS[row.rule]] * len(row.expected)


@pytest.mark.parametrize("rule", load_rules().names)
def test_every_rule_has_sessions_that_match_and_such_that_nearly_do(rule: str):
    rows = [row for row in TABLE if row.rule == rule]
    assert any(row.expected for row in rows)
    assert any(not row.expected for row in rows)


def test_no_row_is_of_a_rule_that_there_is_not_or_stands_twice():
    assert {row.rule for row in TABLE} == set(load_rules().names) == set(LABELS)
    names = [(row.rule, row.what) for row in TABLE]
    assert len(set(names)) == len(names)


def test_what_stands_under_crashes_errors_and_blank_pages_can_be_grouped_by_browser_and_os():
    with_browser = {name for name, labels in LABELS.items() if {"browser", "os"} <= labels.keys()}
    assert {"crash", "exception", "console-error", "error-click", "blank-page", "answer-then-error"} <= with_browser


COPIES = ["Copy", "copied!", "Copied", "Kopieren", "Copier", "Copiar", "Copia", "Kopiëren", "复制", "コピー", "복사", *(
    f"Copy {what}" for what in ("answer", "response", "reply", "message", "text", "output", "code", "this snippet", "table",
                                "as Markdown", "to clipboard")
)]  # fmt: skip
SEARCHES = [
    "Search",
    "Find a store",
    "Suche",
    "Suchen",
    "Rechercher",
    "Buscar",
    "Pesquisar",
    "Cerca",
    "Zoeken",
    "搜索",
    "検索",
    "검색",
]
CHATS = [
    "Ask or search",
    "Search chats",
    "Search messages",
    "Search conversations",
    "Search history",
    "Find an assistant",
]
PATHS = ["/search", "/en/search/all", "/help", "/docs/", "/faq", "/support", "/hilfe", "/aide", "/ayuda"]
HOSTS = ["google.com", "www.google.de", "bing.com", "duckduckgo.com", "www.perplexity.ai", "stackoverflow.com", "chatgpt.com",
         "claude.ai", "gemini.google.com"]  # fmt: skip
UNSEEN = [
    *(f"https://x.{name}/collect" for name in (
        "google-analytics.com", "googletagmanager.com", "g.doubleclick.net", "googlesyndication.com", "hotjar.com", "clarity.ms",
        "mixpanel.com", "segment.io", "amplitude.com", "fullstory.com", "nr-data.net", "newrelic.com", "sentry.io", "datadoghq.com",
    )),
    "https://browser-intake-datadoghq.com/api", "/favicon.ico", "/favicon-32x32.png", "/icons/apple-touch-icon-120x120.png",
    "/app.css.map",
]  # fmt: skip
STOPPED = [
    "AbortError", "ABORT_ERROR", "The user aborted a request.", "Request was aborted.", "The operation was aborted.",
    "signal is aborted without reason", "stream aborted", "aborted by client", "Canceled", "cancelled by the user",
]  # fmt: skip
HELD = ["/socket.io/?EIO=4", "/sockjs/1/xhr", "/signalr/connect", "/longpoll", "/long-poll/1", "/rt?transport=polling"]


@pytest.mark.parametrize(
    ("rule", "entries", "expected"),
    [
        *(("answer-copied", (ANSWER, click(20_000, name)), 1) for name in COPIES),
        *(("answer-copied", (ANSWER, click(20_000, name)), 0) for name in ("Copy link", "Make a copy", "Copy of invoice", "Photocopy")),
        *(("answer-then-search", (ANSWER, click(20_000, name)), 1) for name in SEARCHES),
        *(("answer-then-search", (ANSWER, click(20_000, name)), 0) for name in CHATS),
        *(("answer-then-search", (ANSWER, page(20_000, path)), 1) for path in PATHS),
        *(("answer-then-search", (ANSWER, loaded(20_000, "/", host)), 1) for host in HOSTS),
        *(("answer-then-search", (ANSWER, loaded(20_000, "/", host)), 0) for host in ("google.shop.example", "docs.google.com")),
        *(("request-failed", (request(20_000, 20_200, 403, url),), 0) for url in UNSEEN),
        *(("request-failed", (request(20_000, 20_200, 403, url),), 1) for url in ("/segment.io", "https://notsentry.io/x", "/a.map")),
        *(("request-slow", (request(20_000, 45_000, url=url),), 0) for url in HELD),
        *(("request-slow", (request(20_000, 45_000, url=url),), 1) for url in ("/polls/1", "/signals")),
        *(("llm-failed", (call(4000, 5000, error=error),), 0) for error in STOPPED),
        *(("llm-failed", (call(4000, 5000, error=error),), 1) for error in ("Connection aborted", "No cancellation policy found")),
        *(("llm-failed", (call(4000, 5000, failed=True, finish_reason=why),), 0) for why in ("canceled", "aborted", "stopped")),
        *(("request-failed", (request(20_000, 20_200, 0, error=error),), 0) for error in (*STOPPED[:6], "NS_BINDING_ABORTED", "cancelled")),
    ],
)  # fmt: skip
def test_the_words_by_which_things_are_known(rule: str, entries: tuple[Entry, ...], expected: int):
    assert len(found(rule, timeline(*entries))) == expected
