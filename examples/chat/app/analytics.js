// The recorder and the two LLM events, as a product team would set them up.
import posthog from "/vendor/posthog.js";

posthog.init("phc_northwind_sample", {
  api_host: location.origin.replace("//chat.", "//ingest."),
  defaults: "2025-11-30",
  person_profiles: "identified_only",
  opt_out_useragent_filter: true, // a browser under automation is otherwise dropped as a bot
  enable_recording_console_log: true,
  capture_performance: { network_timing: true },
  disable_surveys: true,
  tracing_headers: [location.hostname], // our own back end learns the session and tells it with its $ai_generation
  session_recording: { maskAllInputs: false, maskTextSelector: ".pii", recordCrossOriginIframes: true, blockClass: "no-record" },
});

export const identify = (id) => posthog.identify(id, { plan: "team" });

/** One call to the model: `done` or `failed` ends it; `rated` sends the completion again with what the user thought of it. */
export function llmCall(model, prompt) {
  const id = "call_" + Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const started = performance.now();
  let completed;
  posthog.capture("llm_call_started", { llm_call_id: id, model, prompt_length: prompt.length });
  const complete = (rest) => {
    completed = { llm_call_id: id, model, latency_ms: Math.round(performance.now() - started), user_satisfied: null, ...rest };
    posthog.capture("llm_call_completed", completed);
  };
  return {
    id,
    done: (tokens) => complete({ tokens, finish_reason: "stop" }),
    failed: (error) => complete({ tokens: 0, finish_reason: "error", error }),
    rated(satisfied) {
      posthog.capture("answer_rated", { llm_call_id: id, rating: satisfied ? "up" : "down" });
      posthog.capture("llm_call_completed", { ...completed, user_satisfied: satisfied });
    },
  };
}
