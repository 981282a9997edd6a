// The page as a whole: what opens, closes and changes the view, and the keys.

const KEYS = [
  ["j or ↓", "Next clip"], ["k or ↑", "Previous clip"], ["Enter", "Open the clip"], ["Space", "Open the clip; play or pause it"],
  ["← →", "Beside in the grid; 5 s back or on in an open clip"], ["m", "Seen or not"], ["Esc", "Close"], ["/", "Search"], ["?", "These keys"],
];
const SEARCH_DELAY_MS = 90;

function drawDesk() {
  const select = (name, key, options) => el("label", { class: "choice" }, el("span", {}, name), el("select", { id: key }, options.map(([value, text]) => el("option", { value }, text))));
  const search = el("input", { type: "search", id: "search", placeholder: "Search", "aria-label": "Search titles, sessions, rules, labels and steps", autocomplete: "off", spellcheck: "false" });
  const unfold = el("button", { type: "button", class: "button", id: "unfold", "aria-controls": "filters", "aria-expanded": "false", click: () => {
    unfold.setAttribute("aria-expanded", String(document.body.classList.toggle("filtering")));
  } }, icon("sliders"), el("span", {}, "Filters"), el("span", { class: "count", id: "picked", hidden: true }));
  document.getElementById("list").replaceChildren(
    el("div", { class: "tools" },
      el("div", { class: "search" }, icon("search"), search, el("kbd", { "aria-hidden": "true" }, "/")),
      unfold,
      select("Sort", "sort", Object.entries(SORTS)),
      select("Group", "group", [["none", "None"], ...groupings.map((facet) => [facet.key, facet.name])]),
      el("p", { id: "result", class: "result", role: "status" })),
    ...[running(), problems()].filter(Boolean),
    el("div", { id: "cards" }));
  search.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => change({}), SEARCH_DELAY_MS);
  });
  for (const key of ["sort", "group"]) {
    const choice = document.getElementById(key);
    choice.addEventListener("change", () => change({ [key]: choice.value }));
  }
}

let typing = 0;

// What stands in the search field counts, also when it was typed a moment ago.
function change(part) {
  clearTimeout(typing);
  Object.assign(state, { query: document.getElementById("search").value.trim() }, part);
  writeHash();
  drawChoices();
  drawList();
  if (state.clip) drawPlace();
}

function drawChoices() {
  const search = document.getElementById("search");
  if (search.value.trim() !== state.query) search.value = state.query;
  document.getElementById("sort").value = state.sort;
  document.getElementById("group").value = state.group;
  drawFilters();
}

function openClip(clip, focus = true) {
  const step = state.clip === null;
  if (step) leftAt = window.scrollY;
  state.clip = clip;
  drawClip();
  setSeen(clip, true);
  showCurrent();
  writeHash(step);
  if (focus) document.getElementById("clip-title").focus({ preventScroll: true });
}

let leftAt = 0;

function closeClip(focus = true) {
  const { clip } = state;
  state.clip = null;
  drawClip();
  showCurrent();
  writeHash(false, true);
  window.scrollTo(0, leftAt);
  if (focus) focusCard(clip);
}

// The bar of the open clip again: its place in a list that has changed.
function drawPlace() {
  const had = pane.querySelector(".clip-bar");
  const focused = had?.contains(document.activeElement) ? [...had.children].indexOf(document.activeElement) : -1;
  const made = bar(state.clip);
  had?.replaceWith(made);
  made.children[focused]?.focus();
}

// Seen ones stay in the list they were opened from, also where it shows only others.
function setSeen(clip, value) {
  seen.set(clip, value);
  markSeen(cardOf(clip), value);
  drawFilters();
  if (state.clip === clip) drawPlace();
}

function neighbour(by) {
  const place = shown.indexOf(state.clip);
  return place < 0 ? (by > 0 ? shown[0] : null) : shown[place + by];
}

function move(by) {
  const next = neighbour(by);
  if (!next) return;
  const focused = document.activeElement?.dataset?.step;
  openClip(next, !focused);
  if (!focused) return;
  const button = pane.querySelector(`[data-step="${by}"]`);
  (button.disabled ? document.getElementById("clip-title") : button).focus();
}

function walk(by) {
  const link = document.activeElement?.closest?.(".card");
  const place = link ? shown.findIndex((clip) => cards.get(clip) === link) : -1;
  focusCard(shown[place < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, place + by))]);
}

function showKeys() {
  const dialog = document.getElementById("keys");
  dialog.replaceChildren(el("div", { class: "keys-head" }, el("h2", { id: "keys-title" }, "Keys"),
    el("button", { type: "button", class: "square", "aria-label": "Close", click: () => dialog.close() }, icon("close"))),
  el("dl", {}, KEYS.map(([key, what]) => el("div", {}, el("dt", {}, key.split(" ").map((word) => (word === "or" ? " or " : el("kbd", {}, word)))), el("dd", {}, what)))));
  dialog.showModal();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const { target, key } = event;
  if (target.closest?.("input, select, textarea")) {
    if (key !== "Escape") return;
    if (target.id === "search" && target.value) change({ query: "" });
    else target.blur();
    return event.preventDefault();
  }
  const open = state.clip !== null;
  const onFilm = target === video;
  const act = {
    j: () => (open ? move(1) : walk(1)),
    k: () => (open ? move(-1) : walk(-1)),
    ArrowDown: !onFilm && (() => (open ? move(1) : walk(columns()))),
    ArrowUp: !onFilm && (() => (open ? move(-1) : walk(-columns()))),
    ArrowRight: !onFilm && (() => (open ? seekBy(SEEK_MS) : walk(1))),
    ArrowLeft: !onFilm && (() => (open ? seekBy(-SEEK_MS) : walk(-1))),
    " ": target.matches?.(".card .open") ? () => target.click() : open && !onFilm && !target.closest?.("button, a, summary") && playOrPause,
    m: open && (() => setSeen(state.clip, !seen.has(state.clip))),
    Escape: open && (() => closeClip()),
    "/": () => document.getElementById("search").focus(),
    "?": showKeys,
  }[key];
  if (!act) return;
  event.preventDefault();
  act();
}

function fromHash() {
  if (location.hash === written) return;
  written = location.hash;
  readHash();
  drawChoices();
  drawList();
  drawClip();
  if (state.clip) setSeen(state.clip, true);
  showCurrent();
}

drawHead();
drawDesk();
fromHash();
document.querySelector(".skip-link").addEventListener("click", (event) => {
  event.preventDefault(); // The address holds the view.
  document.getElementById("list").focus();
});
document.addEventListener("keydown", onKey);
window.addEventListener("hashchange", fromHash);
