// The batch as a whole: numbers that add up, and what did not work.

function drawHead() {
  const { totals, rules } = index;
  const number = (count, name, kind = null) => {
    const inside = [el("b", {}, count.toLocaleString("en")), ` ${name}`];
    return kind && count ? el("button", { type: "button", class: "sum-link", "data-kind": kind, click: showProblems }, inside) : el("span", {}, inside);
  };
  const sum = (whole, parts) => el("p", { class: "sum" }, whole, parts.flatMap((part, place) => [el("i", {}, place ? "+" : "="), part]));
  const unopened = totals.sessions - totals.read - totals.unreadable - totals.duplicates;
  document.getElementById("top").replaceChildren(
    el("div", { class: "heading" },
      el("h1", {}, "Triage", el("span", { class: "source", told: true }, rules.source === "built-in" ? "built-in rules" : rules.source)),
      el("p", { class: "small" }, el("span", { class: "names", told: true, title: rules.names.join("\n") }, naming(rules.names)), " · ", when(index.created_at))),
    el("div", { class: "totals", role: "group", "aria-label": "Totals" },
      sum(number(totals.sessions, totals.sessions === 1 ? "session" : "sessions"), [number(totals.read, "read"), number(totals.unreadable, "unreadable", "bad"),
        totals.duplicates > 0 && number(totals.duplicates, totals.duplicates === 1 ? "duplicate" : "duplicates"), unopened > 0 && number(unopened, "not looked into")].filter(Boolean)),
      el("p", { class: "sum" }, number(totals.matched, "matched"), el("i", {}, "·"), number(totals.moments, totals.moments === 1 ? "moment" : "moments")),
      sum(number(totals.clips, totals.clips === 1 ? "clip" : "clips"), [number(totals.made, "made"), number(totals.failed, "failed", "bad"), totals.waiting > 0 && number(totals.waiting, "waiting")].filter(Boolean))),
    el("button", { type: "button", class: "square", "aria-label": "Keys", title: "Keys (?)", click: showKeys }, "?"));
}

const naming = (names) => (names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more rules`);

const reloadButton = () => el("button", { type: "button", class: "button", click: () => location.reload() }, "Reload");

function running() {
  if (index.finished) return null;
  return el("p", { class: "notice" }, icon("clock"), el("span", {}, "The batch is still at work: this is what it had found by ", when(index.created_at), "."), reloadButton());
}

function problems() {
  const failed = clips.filter((clip) => clip.status === "failed");
  const unreadable = index.sessions.filter((session) => session.status === "unreadable");
  if (!failed.length && !unreadable.length) return null;
  const why = (error) => [el("span", { class: "why", told: true }, error?.message ?? "Nobody said why."), error && el("code", { told: true }, error.code)];
  const part = (name, rows) => rows.length > 0 && [el("h3", {}, name, el("span", { class: "count" }, String(rows.length))), el("ul", {}, rows.map((row) => el("li", {}, row)))];
  const said = [failed.length && counted(failed.length, "clip") + " could not be made", unreadable.length && counted(unreadable.length, "session") + " could not be read"];
  const folded = el("details", {}, el("summary", {}, icon("warning"),
    el("span", {}, el("b", { id: "problems-title" }, "What did not work"), el("span", {}, said.filter(Boolean).join(", ")))));
  // Thousands of rows are made when somebody wants to read them.
  folded.addEventListener("toggle", () => {
    folded.append(el("div", { class: "problem-rows" },
      part("Clips that could not be made", failed.map((clip) => [el("button", { type: "button", class: "as-link", told: true, click: () => openClip(clip) }, clip.title), why(clip.error)])),
      part("Sessions that could not be read", unreadable.map((session) => [el("code", { class: "session", told: true }, session.session), why(session.error)]))));
  }, { once: true });
  folded.open = clips.length === 0;
  return el("section", { class: "problems", id: "problems", "aria-labelledby": "problems-title" }, folded);
}

function showProblems() {
  if (state.clip) closeClip(false);
  const folded = document.querySelector("#problems details");
  if (!folded) return;
  folded.open = true;
  folded.querySelector("summary").focus();
  folded.scrollIntoView({ block: "nearest" });
}

