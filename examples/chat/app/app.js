// The page: signing in, asking, showing what streams in, rating.
import { identify, llmCall } from "/analytics.js";
import { Answer, addTurn, failure, rating } from "/messages.js";
import { drawUsage } from "/usage.js";

const MODEL = "nora-4-mini";
const $ = (id) => document.getElementById(id);
const prompt = $("prompt"), send = $("send");
let email = "";

function toast(text, bad = false) {
  const node = document.createElement("div");
  node.className = bad ? "toast bad" : "toast";
  node.textContent = text;
  $("toasts").replaceChildren(node);
  setTimeout(() => node.classList.add("leaving"), 3000);
  setTimeout(() => node.remove(), 3350);
}

async function post(path, body) {
  const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  if (!response.ok) {
    await response.text(); // a response whose body nobody reads never ends, and no timing of it is recorded
    throw Object.assign(new Error(`${path} answered ${response.status}`), { status: response.status });
  }
  return response;
}

async function* lines(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n");
    rest = parts.pop();
    for (const line of parts) yield JSON.parse(line);
  }
}

async function ask(question) {
  send.disabled = true;
  const call = llmCall(MODEL, question);
  const answer = new Answer();
  try {
    const response = await post("/api/chat", { model: MODEL, question, email });
    for await (const part of lines(response)) {
      if (part.warning) console.warn(`[nora] ${part.warning}`, { call: call.id, grounding_score: 0.31 });
      else if (part.usage) call.done(part.usage.input + part.usage.output);
      else answer.add(part);
    }
    answer.finish(rating((satisfied) => rate(call, satisfied)));
  } catch (error) {
    call.failed(error.status === 503 ? "model_overloaded" : "request_failed");
    console.warn(`[nora] no answer: ${error.message}`);
    answer.fail(failure(() => ask(question)));
  } finally {
    send.disabled = !prompt.value;
  }
}

async function rate(call, satisfied) {
  call.rated(satisfied);
  try {
    const response = await post("/api/feedback", { call: call.id, rating: satisfied ? "up" : "down" });
    await response.json();
    toast("Thank you, that helps Nora learn");
  } catch (error) {
    console.error("Could not save feedback:", error);
    toast("Your feedback could not be saved", true);
  }
}

$("signin").addEventListener("submit", (event) => {
  event.preventDefault();
  identify("cus_48213");
  email = $("email").value;
  $("who-email").textContent = email;
  $("gate").classList.add("leaving");
  setTimeout(() => $("gate").remove(), 320);
  history.pushState(null, "", "/billing/conversation");
  new Answer().say("Hello Dana! Ask me anything about your invoices, seats and usage.");
  prompt.focus();
});

$("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = prompt.value.trim();
  if (!question || send.disabled) return;
  prompt.value = "";
  addTurn("user").textContent = question;
  $("talk-title").textContent = "October invoice";
  ask(question);
});
prompt.addEventListener("input", () => { send.disabled = !prompt.value.trim(); });
prompt.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); $("composer").requestSubmit(); }
});

send.disabled = true;
document.fonts.ready.then(() => drawUsage($("usage")));
