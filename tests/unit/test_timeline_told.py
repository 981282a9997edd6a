"""Facts of calls in every form, forms merged, feedback, and the other events."""

import json

import pytest

from renderer.timeline.model import Environment
from tests.unit.told_fixtures import MINUTE, completed, event, generation, notices, span, started, told

MESSAGES = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "First?"},
            {"role": "assistant", "content": "Yes."}, {"role": "user", "content": "And second?"}]  # fmt: skip
PARTS = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "See"},
            {"type": "image", "image": "data:x"},
            {"type": "text", "text": "this"},
        ],
    }
]
GENAI = [{"role": "user", "parts": [{"type": "text", "content": "And second?"}]}]


@pytest.mark.parametrize(
    ("asked", "prompt"),
    [
        (MESSAGES, "And second?"),
        (json.dumps(MESSAGES), "And second?"),
        ({"messages": MESSAGES}, "And second?"),
        ("Just this", "Just this"),
        (PARTS, "See\nthis"),
        (GENAI, "And second?"),
        ([{"role": "user", "content": {"type": "text", "text": "One"}}], "One"),
        (["One", "Two"], "Two"),
        ([*MESSAGES, {"role": "tool", "content": "42"}], "And second?"),
        ([{"role": "system", "content": "Be kind."}], None),
        ([{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]}], "Hi"),
        ([], None),
        (None, None),
        (17, None),
        ([None, 3, [[]]], None),
        ("[not json", "[not json"),
        ("x" * 1_000_000, "x" * 3999 + "…"),
    ],
)  # fmt: skip
def test_prompt_is_the_text_of_the_last_user_message(asked, prompt):
    (call,) = told(generation(5000, 1000, input=asked)).calls
    assert call.prompt == prompt
    assert call.prompt_length == (len(prompt) if prompt else None)


@pytest.mark.parametrize(
    ("choices", "answer"),
    [
        ([{"role": "assistant", "content": "Hello"}], "Hello"),
        ([{"message": {"role": "assistant", "content": "Hello"}}], "Hello"),
        (json.dumps([{"message": {"content": "Hello"}}]), "Hello"),
        ({"choices": [{"message": {"content": "Hello"}}]}, "Hello"),
        ([{"role": "assistant", "content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]}], "Hel\nlo"),
        ([{"type": "reasoning", "summary": []}, {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]}], "Hello"),
        ([{"role": "model", "parts": [{"text": "Hello"}]}], "Hello"),
        ([{"message": "Hello"}], "Hello"),
        ("Hello", "Hello"),
        ([{"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f"}}]}], None),
        ([], None),
        ({"role": "assistant", "content": "Hello"}, "Hello"),
    ],
)  # fmt: skip
def test_answer_is_the_text_of_the_first_choice(choices, answer):
    assert told(generation(5000, 1000, output_choices=choices)).calls[0].answer == answer


@pytest.mark.parametrize(
    ("more", "tools"),
    [
        ({"output_choices": [{"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "search"}}, {"function": {"name": "fetch"}}]}]}, ("search", "fetch")),
        ({"output_choices": [{"role": "assistant", "content": [{"type": "function", "function": {"name": "search", "arguments": "{}"}}]}]}, ("search",)),
        ({"output_choices": [{"role": "assistant", "content": [{"type": "tool_use", "name": "search"}]}]}, ("search",)),
        ({"tools_called": "search,fetch"}, ("search", "fetch")),
        ({"tools_called": ["search", "search"]}, ("search",)),
        ({"tools_called": [{"name": "search"}]}, ("search",)),
        ({"tools": [{"name": "offered"}]}, ()),
    ],
)  # fmt: skip
def test_tools_are_those_that_were_called(more, tools):
    assert told(generation(5000, 1000, **more)).calls[0].tools_called == tools


def test_a_generation_tells_everything_that_it_knows():
    (call,) = told(
        generation(
            5000, 2000, trace_id="t", span_id="g1", provider="acme", input_tokens=10, output_tokens="5", http_status=200,
            is_error=False, time_to_first_token=0.35, input_cost_usd=0.001, output_cost_usd=0.002, stop_reason="max_tokens",
        )
    ).calls  # fmt: skip
    assert (call.id, call.trace_id, call.forms, call.operation) == ("g1", "t", ("$ai_generation",), "chat")
    assert (call.model, call.provider, call.latency_ms, call.time_to_first_token_ms) == ("nova", "acme", 2000, 350)
    assert (call.input_tokens, call.output_tokens, call.total_tokens) == (10, 5, 15)
    assert call.cost_usd == pytest.approx(0.003)
    assert (call.finish_reason, call.http_status) == ("max_tokens", 200)
    assert (call.start_is_told, call.error, call.satisfied) == (False, None, None)


def test_an_embedding_is_a_call_without_an_answer():
    found = told(
        event(
            "$ai_embedding", 5000, origin="server", **{"$ai_model": "embed-1", "$ai_latency": 0.2, "$ai_input": "text"}
        )
    )
    (call,) = found.calls
    assert (call.operation, call.forms, call.answer) == ("embeddings", ("$ai_embedding",), None)
    assert found.entries[0].title == "embed-1 made an embedding in 0.2 s"


NEW = {
    "gen_ai.provider.name": "acme", "gen_ai.response.model": "nova-2026-08", "gen_ai.usage.input_tokens": 7,
    "gen_ai.usage.output_tokens": 3, "gen_ai.response.finish_reasons": ["stop"], "gen_ai.response.time_to_first_chunk": 0.25,
    "gen_ai.input.messages": GENAI,
    "gen_ai.output.messages": json.dumps([{"role": "assistant", "finish_reason": "stop", "parts": [
        {"type": "tool_call", "name": "search", "id": "1"}, {"type": "text", "content": "Hello"}]}]),
}  # fmt: skip
OLD = {
    "gen_ai.system": "acme", "gen_ai.response.model": "nova-2026-08", "gen_ai.usage.prompt_tokens": 7,
    "gen_ai.usage.completion_tokens": 3, "gen_ai.response.finish_reasons": '["stop"]', "gen_ai.server.time_to_first_token": 0.25,
    "gen_ai.prompt.0.role": "system", "gen_ai.prompt.0.content": "Be kind.", "gen_ai.prompt.1.role": "user",
    "gen_ai.prompt.1.content": "And second?", "gen_ai.completion.0.role": "assistant", "gen_ai.completion.0.content": "Hello",
    "gen_ai.completion.0.tool_calls.0.name": "search",
}  # fmt: skip
AS_EVENTS = {
    "gen_ai.system": "acme", "gen_ai.response.model": "nova-2026-08", "gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 3,
    "gen_ai.response.time_to_first_token": 0.25,
    "span_events": [
        {"name": "gen_ai.system.message", "attributes": {"content": "Be kind."}},
        {"name": "gen_ai.user.message", "attributes": {"content": "And second?"}},
        {"name": "gen_ai.choice", "attributes": {"finish_reason": "stop", "message": json.dumps(
            {"role": "assistant", "content": "Hello", "tool_calls": [{"function": {"name": "search"}}]})}},
    ],
}  # fmt: skip


@pytest.mark.parametrize("told_as", [NEW, OLD, AS_EVENTS])
def test_conventions_of_every_age_tell_the_same(told_as):
    (call,) = told(span(5000, 2000, trace_id="t", span_id="s", **told_as)).calls
    assert (call.id, call.trace_id, call.model, call.provider) == ("s", "t", "nova-2026-08", "acme")
    assert (call.input_tokens, call.output_tokens, call.total_tokens, call.finish_reason) == (7, 3, 10, "stop")
    assert (call.time_to_first_token_ms, call.prompt, call.answer) == (250, "And second?", "Hello")
    assert call.tools_called == ("search",)


def test_a_span_that_failed_says_why():
    (call,) = told(
        span(5000, 2000, is_error=True, status_message="429 too many", **{"error.type": "RateLimitError"})
    ).calls
    assert (call.status, call.error) == ("failed", "429 too many")
    (call,) = told(span(5000, 2000, **{"error.type": "timeout"})).calls
    assert (call.status, call.error) == ("failed", "timeout")


def test_tools_and_agents_are_spans_and_tools_belong_to_the_call_before():
    tool = span(5600, 500, trace_id="t", **{"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"})
    agent = span(8000, 6000, trace_id="t", **{"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "Helper"})
    found = told(
        span(5000, 2000, trace_id="t", span_id="one"), tool, agent, span(7900, 2000, trace_id="t", span_id="two")
    )
    assert [(call.id, call.tools_called) for call in found.calls] == [("one", ("search",)), ("two", ())]
    spans = [(each.at_ms, each.until_ms, each.title) for each in found.entries if each.kind == "llm_span"]
    assert spans == [(2000, 8000, "Ran “Helper” in 6.0 s"), (5100, 5600, "Ran “search” in 0.5 s")]


def test_one_call_told_in_three_forms_has_the_facts_of_all_and_the_users_times():
    found = told(
        started(2900, "a", model="nova", prompt_length=11),
        completed(5100, "a", model="nova", latency_ms=2200, tokens=10),
        generation(5000, 2000, trace_id="t", input=MESSAGES, total_cost_usd=0.01),
        span(5010, 2020, trace_id="t", span_id="s", **NEW),
    )
    (call,) = found.calls
    assert call.forms == ("llm_call", "$ai_generation", "gen_ai")
    assert (call.id, call.start_ms, call.end_ms, call.latency_ms, call.start_is_told) == ("a", 2900, 5100, 2200, True)
    assert (call.cost_usd, call.answer, call.prompt, call.prompt_length, call.model) == (
        0.01,
        "Hello",
        "And second?",
        11,
        "nova",
    )
    assert (call.input_tokens, call.output_tokens, call.total_tokens) == (7, 3, 10)
    (entry,) = found.entries
    assert (entry.kind, entry.title, entry.until_ms) == ("llm_call", "nova answered in 2.2 s", 5100)
    assert entry.properties["forms"] == call.forms
    assert entry.properties["time_to_first_token_ms"] == 250


def test_calls_of_one_trace_stay_calls():
    found = told(
        generation(5000, 1000, trace_id="t"), generation(7000, 1000, trace_id="t"), generation(9000, 1000, trace_id="t")
    )
    assert len(found.calls) == 3


def test_calls_of_other_models_or_times_are_not_the_same():
    found = told(
        started(1000, "a", model="nova"), completed(5000, "a", model="nova"), span(5000, 4000, **{"gen_ai.request.model": "luna"}),
        started(20_000, "b"), completed(22_000, "b"), span(30_000, 2000),
    )  # fmt: skip
    assert len(found.calls) == 4


@pytest.mark.parametrize(
    ("asked", "answered", "calls"),
    [
        ("gpt-4o", "gpt-4o-2024-08-06", 1), ("openai/gpt-4o", "gpt-4o", 1), ("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022", 1),
        ("gpt-3.5-turbo", "gpt-3.5-turbo-0125", 1), ("gemini-1.5-pro", "gemini-1.5-pro-002", 1), ("Nova", "nova", 1),
        ("gpt-4o", "gpt-4o-mini", 2), ("gpt-4", "gpt-4o", 2), ("claude-3", "claude-3-5", 2), (None, "nova", 1),
    ],
)  # fmt: skip
def test_a_model_and_its_snapshot_are_one(asked, answered, calls):
    found = told(
        started(1000, "a", model=asked),
        completed(5000, "a", model=asked),
        span(4980, 3950, **{"gen_ai.response.model": answered}),
    )
    assert len(found.calls) == calls


def test_a_server_that_answered_ends_a_call_that_the_browser_did_not():
    (call,) = told(started(2950, "a", trace_id="t"), generation(5000, 2000, trace_id="t")).calls
    assert (call.status, call.start_ms, call.end_ms, call.latency_ms) == ("answered", 2950, 5000, 2050)


def test_what_the_user_saw_decides_whether_a_call_failed():
    found = told(started(1000, "a"), completed(5000, "a", error="network"), generation(4900, 3800))
    assert [(call.status, call.error, call.forms) for call in found.calls] == [
        ("failed", "network", ("llm_call", "$ai_generation"))
    ]


@pytest.mark.parametrize(
    ("name", "value", "satisfied"),
    [
        ("thumbs", "up", True), ("thumbs", "down", False), ("rating", "1", True), ("rating", "-1", False), ("rating", 0, False),
        ("user_satisfaction", "true", True), ("user_satisfaction", "false", False), ("score", "0.31", None),
        ("rating", "4", None), ("groundedness", "1", None), ("latency_ms", "0", None),
    ],
)  # fmt: skip
def test_metrics_about_satisfaction_are_thumbs_and_others_are_feedback(name, value, satisfied):
    metric = event("$ai_metric", 8000, **{"$ai_trace_id": "t", "$ai_metric_name": name, "$ai_metric_value": value})
    found = told(generation(5000, 2000, trace_id="t"), metric)
    (call,) = found.calls
    assert (call.satisfied, call.rated_at_ms) == (satisfied, None if satisfied is None else 8000)
    (entry,) = [each for each in found.entries if each.kind == "feedback"]
    assert entry.properties["call_id"] == call.id
    assert entry.title.startswith("Thumbs" if satisfied is not None else f"“{name}” on the answer of nova: ")


def test_feedback_goes_to_the_newest_call_of_its_trace():
    text = event("$ai_feedback", 8000, **{"$ai_trace_id": "t", "$ai_feedback_text": "Not\u202e what I\nasked"})
    calls = [generation(end, 1000, trace_id="t", span_id=str(end)) for end in (3000, 6000, 12_000)]
    found = told(*calls, text)
    assert [(call.id, call.feedback_text) for call in found.calls if call.feedback_text] == [
        ("6000", "Not\u202e what I\nasked")
    ]
    (entry,) = [each for each in found.entries if each.kind == "feedback"]
    assert entry.title == "Feedback on the answer of nova: “Not what I asked”"


def test_evaluations_are_nobodys_thumb():
    judged = event("$ai_evaluation", 8000, origin="server",
                   **{"$ai_trace_id": "t", "$ai_evaluation_name": "Relevance", "$ai_evaluation_result": False})  # fmt: skip
    found = told(generation(5000, 2000, trace_id="t"), judged)
    assert found.calls[0].satisfied is None
    assert found.entries[-1].title == "Evaluation “Relevance” on the answer of nova: failed"


def test_a_rating_without_a_call_is_still_feedback():
    found = told(event("thumbs_down", 8000), event("rating_dialog_opened", 9000))
    assert [(each.kind, each.title, each.level) for each in found.entries] == [
        ("feedback", "Thumbs down", "warning"),
        ("custom", "Rating dialog opened", "info"),
    ]


def test_exceptions_name_their_type_and_message():
    listed = [{"type": "TypeError", "value": "x is\nundefined", "mechanism": {"handled": False}}]
    found = told(
        event("$exception", 1000, **{"$exception_list": listed}),
        event("$exception", 2000, **{"$exception_types": ["RangeError"], "$exception_values": ["too far"]}),
        event("$exception", 3000, **{"$exception_type": "Error", "$exception_message": "old"}),
        event("$exception", 4000),
    )
    assert [each.title for each in found.entries] == [
        "TypeError: x is undefined",
        "RangeError: too far",
        "Error: old",
        "Exception",
    ]
    assert {(each.kind, each.level) for each in found.entries} == {("exception", "error")}
    assert found.entries[0].properties["handled"] is False


def test_everything_else_is_kept_under_its_own_name():
    found = told(
        event("invoice_downloaded", 1000, plan="team", rows=[1, {"a": None}]),
        event("$pageview", 2000),
        event("nightlyExport", 3000),
        event("$screen", 4000, **{"$screen_name": "Check\u202eout"}),
        event("$screen", 5000),
    )
    assert [(each.kind, each.name, each.title) for each in found.entries] == [
        ("custom", "invoice_downloaded", "Invoice downloaded"),
        ("custom", "$pageview", "Page viewed"),
        ("custom", "nightlyExport", "Nightly export"),
        ("custom", "$screen", "Screen “Checkout” shown"),
        ("custom", "$screen", "Screen"),
    ]
    assert found.entries[0].properties == {"plan": "team", "rows": (1, {"a": None})}


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "\u202egnp.exe", "\x00\x07bell", "x" * 1_000_000, "👩‍👩‍👧 ok", "a\u2028b"]
)
def test_hostile_names_make_one_short_line(hostile):
    found = told(
        event(hostile or "e", 1000), started(2000, "a", model=hostile), completed(3000, "a", model=hostile, error=hostile),
        event("$exception", 4000, **{"$exception_type": hostile, "$exception_message": hostile}),
        event("$ai_feedback", 5000, **{"$ai_feedback_text": hostile}),
    )  # fmt: skip
    assert len(found.entries) == 4
    for entry in found.entries:
        assert 0 < len(entry.title) <= 400
        assert not set(entry.title) & set("\u202e\x00\x07\u2028\n")


def test_other_sessions_are_left_out_and_counted():
    own = [started(1000, "a"), completed(4000, "a"), event("$pageview", 50)]
    others = [event("bought", at, session="s2") for at in (2000, 900_000, 3_000_000)]
    found = told(*own, *others)
    assert [each.kind for each in found.entries] == ["custom", "llm_call"]
    assert notices(found) == {"events_of_other_sessions": 3}


def test_a_session_that_is_known_is_not_guessed():
    own = [started(1000, "a"), completed(4000, "a")]
    others = [event("bought", at, session="s2") for at in (2000, 3000, 5000)]
    found = told(*own, *others, session_id="s1")
    assert [each.kind for each in found.entries] == ["llm_call"]
    assert notices(found) == {"events_of_other_sessions": 3}
    assert told(*others, session_id="s1").entries == ()


def test_a_file_that_knows_no_sessions_is_of_the_one_that_is_known():
    page = [event("bought", at, session=None) for at in (100, MINUTE + 70_000)]
    for session_id in ("s1", None):
        found = told(*page, session_id=session_id)
        assert [each.at_ms for each in found.entries] == [100, MINUTE]


def test_the_servers_events_without_a_session_count_around_the_session_alone():
    near = [event("job_done", at, origin="server", session=None) for at in (-30_000, 100, MINUTE + 50_000)]
    far = [event("job_done", at, origin="server", session=None) for at in (-90_000, MINUTE + 70_000)]
    found = told(event("$pageview", 0), *near, *far)
    assert [each.at_ms for each in found.entries] == [0, 0, 100, MINUTE]
    assert notices(found) == {"events_outside_session": 2, "events_clamped": 2}


def test_times_outside_the_session_are_clamped_and_counted():
    found = told(started(-5000, "a"), completed(2000, "a"), event("left", MINUTE + 86_400_000), event("$pageview", -40))
    assert [(each.at_ms, each.title) for each in found.entries] == [
        (0, "nova answered in 7.0 s"), (0, "Page viewed"), (MINUTE, "Left"),
    ]  # fmt: skip
    assert notices(found) == {"events_clamped": 2}


def test_a_file_of_another_day_shows_nothing_and_says_so():
    found = told(*[event("opened", 86_400_000 + at, session=None) for at in (0, 1000)])
    assert (found.entries, notices(found)) == ((), {"events_of_another_time": 2})
    found = told(event("opened", 86_400_000, session="s9"))
    assert (found.entries, notices(found)) == ((), {"events_of_other_sessions": 1})


def test_the_environment_is_the_browsers():
    page = event("$pageview", 0, **{
        "$browser": "Firefox", "$browser_version": 144, "$os": "Windows", "$os_version": "11", "$device_type": "Desktop",
        "$viewport_width": 1280, "$viewport_height": 720, "$browser_language": "de-DE", "$lib": "web", "$lib_version": "1.449.2",
    })  # fmt: skip
    backend = event("$ai_generation", 5000, origin="server", **{"$os": "Linux", "$lib": "posthog-python"})
    named = event("$identify", 10, **{"$set": {"email": "[e-mail]"}})
    assert told(page, backend, named).environment == Environment(
        browser="Firefox 144", os="Windows 11", device="Desktop", viewport_px=(1280, 720), language="de-DE",
        app="posthog-js 1.449.2", person="[e-mail]",
    )  # fmt: skip
    assert told().environment == Environment()


def test_no_events_tell_nothing():
    found = told()
    assert (found.entries, found.calls, found.clock_offsets, found.notices) == ((), (), (), ())
