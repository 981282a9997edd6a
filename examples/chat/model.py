"""What the back end tells PostHog of each call of the model: one `$ai_generation` when it has ended, as posthog-python sends it."""

import uuid
from datetime import UTC, datetime
from typing import Any

MODEL = "nora-4-mini"
PROVIDER = "northwind"
LIBRARY = {"$lib": "posthog-python", "$lib_version": "7.6.0"}
INSTRUCTIONS = "You are Nora, the billing assistant of Northwind Cloud. Answer from the customer's invoices and the terms."
USD_PER_INPUT_TOKEN, USD_PER_OUTPUT_TOKEN = 0.15e-6, 0.6e-6


def text_of(answer: dict[str, Any], email: str) -> str:
    """The answer as the model wrote it, Markdown and all. What a back end reports has none of the recorder's masks."""
    blocks = []
    for block in answer["blocks"]:
        ((kind, content),) = block.items()
        if kind == "table":
            rows = ["| " + " | ".join(row) + " |" for row in content]
            blocks.append("\n".join([rows[0], "|---" * len(content[0]) + "|", *rows[1:]]))
        else:
            blocks.append(f"```\n{content}\n```" if kind == "code" else content.replace("{{email}}", email))
    return "\n\n".join(blocks)


def generation(
    answer: dict[str, Any],
    question: str,
    *,
    email: str,
    session_id: str,
    distinct_id: str,
    ended_unix_s: float,
    latency_s: float,
    first_token_s: float | None,
    http_status: int = 200,
    event_id: uuid.UUID | None = None,
    trace_id: uuid.UUID | None = None,
) -> dict[str, Any]:
    """`ended_unix_s` is by the server's clock. A status of 400 and more is a call that failed: no answer, no tokens."""
    failed = http_status >= 400
    usage = {"input": 0, "output": 0} if failed else answer["usage"]
    properties: dict[str, Any] = {
        "$ai_trace_id": str(trace_id or uuid.uuid4()),
        "$ai_model": MODEL,
        "$ai_provider": PROVIDER,
        "$ai_input": [{"role": "system", "content": INSTRUCTIONS}, {"role": "user", "content": question}],
        "$ai_output_choices": [] if failed else [{"role": "assistant", "content": text_of(answer, email)}],
        "$ai_input_tokens": usage["input"],
        "$ai_output_tokens": usage["output"],
        "$ai_latency": round(latency_s, 3),
        "$ai_stream": True,
        "$ai_http_status": http_status,
        "$ai_is_error": failed,
        "$session_id": session_id,
        "distinct_id": distinct_id,
        **LIBRARY,
    }
    if failed:
        properties["$ai_error"] = "model_overloaded"
    else:
        cost = usage["input"] * USD_PER_INPUT_TOKEN + usage["output"] * USD_PER_OUTPUT_TOKEN
        properties["$ai_total_cost_usd"] = round(cost, 7)
        properties["$ai_stop_reason"] = "stop"
    if first_token_s is not None:
        properties["$ai_time_to_first_token"] = round(first_token_s, 3)
    at = datetime.fromtimestamp(ended_unix_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"uuid": str(event_id or uuid.uuid4()), "event": "$ai_generation", "timestamp": at, "properties": properties}
