// The list: a card for each clip. A card is made once and moved about; what is off the screen costs no layout (cards.css).

const MOST_LABELS = 3;
const AT_ONCE = 60;
const AT_A_TIME = 120;
const ADD_EVERY_MS = 20;
const cards = new Map();
let stillToAdd = []; // Lists and the clips whose cards they do not have yet.
let adding = 0;
let shown = []; // The clips of the list in its order: what next and previous go by.

function cardOf(clip) {
  if (!cards.has(clip)) cards.set(clip, makeCard(clip));
  return cards.get(clip);
}

function makeCard(clip) {
  const labels = [...clip.labels];
  const link = el("a", {
    class: "open", href: `#${new URLSearchParams({ clip: clip.id })}`, told: true, title: clip.title,
    click: (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      openClip(clip);
    },
  }, clip.title);
  const card = el("li", { class: "card", "data-severity": clip.severity, "data-status": clip.status },
    picture(clip),
    el("div", { class: "words" },
      el("p", { class: "marks" }, badge(clip.severity), el("span", { class: "rules", told: true, title: clip.rules.join(", ") }, clip.rules.join(", "))),
      el("p", { class: "title" }, link),
      labels.length > 0 && el("p", { class: "labels" },
        labels.slice(0, MOST_LABELS).map(([key, value]) => el("span", { class: "label", told: true, title: `${key}: ${value}` }, value)),
        labels.length > MOST_LABELS && el("span", { class: "label more", title: labels.slice(MOST_LABELS).map((pair) => pair.join(": ")).join("\n") }, `+${labels.length - MOST_LABELS}`)),
      el("p", { class: "origin" }, el("span", { class: "session", told: true, title: clip.session }, clip.session), when(clip.started_at, DAY))));
  markSeen(card, seen.has(clip));
  return card;
}

function picture(clip) {
  const box = el("div", { class: "picture" });
  const poster = fileUrl(clip.files.get("poster"));
  const nothing = {
    made: ["film", "No picture"], failed: ["error", "Could not be made"], waiting: ["clock", "Not made yet"],
  }[clip.status];
  const blank = () => el("div", { class: "blank" }, icon(nothing[0]), nothing[1]);
  if (poster) {
    const image = el("img", { src: poster, alt: "", loading: "lazy", decoding: "async", width: clip.width_px, height: clip.height_px });
    image.addEventListener("error", () => image.replaceWith(blank()), { once: true });
    box.append(image);
  } else box.append(blank());
  if (clip.duration_ms !== null) box.append(el("span", { class: "length" }, timecode(clip.duration_ms)));
  box.append(el("span", { class: "seen-mark" }, icon("check"), "Seen"));
  return box;
}

function markSeen(card, value) {
  card.classList.toggle("seen", value);
}

function drawList() {
  const groups = grouped(found(state), state.group);
  shown = groups.flatMap((group) => group.clips);
  const place = document.getElementById("cards");
  stillToAdd = [];
  if (shown.length === 0) place.replaceChildren(nothingFound());
  else {
    place.replaceChildren(...groups.map((group, number) => {
      const list = el("ol", { class: "cards" });
      stillToAdd.push([list, group.clips]);
      if (group.name === null) return list;
      const title = el("h3", { id: `group-${number}` }, el("span", { told: true }, group.name), el("span", { class: "count" }, String(group.clips.length)));
      return el("section", { class: "group", "aria-labelledby": title.id }, title, list);
    }));
    addCards(AT_ONCE);
    addLater();
  }
  document.getElementById("result").textContent =
    shown.length === clips.length ? counted(clips.length, "clip") : `${shown.length.toLocaleString("en")} of ${counted(clips.length, "clip")}`;
}

function addCards(most) {
  let room = most;
  while (stillToAdd.length && room > 0) {
    const [list, members] = stillToAdd[0];
    const now = members.slice(0, room);
    list.append(...now.map(cardOf));
    room -= now.length;
    if (now.length === members.length) stillToAdd.shift();
    else stillToAdd[0] = [list, members.slice(now.length)];
  }
}

// A screenful is there at once; the rest follows, a bit at a time, so that a thousand clips keep nobody waiting.
function addLater() {
  clearTimeout(adding);
  if (!stillToAdd.length) return;
  adding = setTimeout(() => {
    addCards(AT_A_TIME);
    addLater();
  }, ADD_EVERY_MS);
}

// The card of a clip of the list, which may not have had its turn yet.
function placedCard(clip) {
  if (!cardOf(clip).isConnected) addCards(Infinity);
  return cardOf(clip);
}

function nothingFound() {
  const words = (title, text, ...rest) => el("div", { class: "empty" }, el("h3", {}, title), el("p", {}, text), ...rest);
  if (clips.length > 0) {
    return words("No clip matches", "Nothing here has all of what you ask for.",
      el("button", { type: "button", class: "button", click: clearFilters }, "Clear search and filters"));
  }
  const { sessions, read, matched } = index.totals;
  if (!index.finished) return words("No clips yet", "The batch is still going through the sessions. Reload to see what it has found.");
  if (sessions === 0) return words("No sessions", "The batch was given no sessions to look through.");
  if (read === 0) return words("No session could be read", "The reasons are listed under “What did not work”.");
  return words(matched ? "No clips" : "Nothing went wrong", matched
    ? "Sessions matched the rules, but no clip was asked for."
    : `None of the rules matched in ${counted(read, "session")}.`);
}

let marked = null;

function showCurrent() {
  marked?.classList.remove("current");
  marked?.querySelector(".open").removeAttribute("aria-current");
  marked = state.clip && cardOf(state.clip);
  marked?.classList.add("current");
  marked?.querySelector(".open").setAttribute("aria-current", "true");
  if (marked && shown.includes(state.clip)) placedCard(state.clip).scrollIntoView({ block: "nearest" });
}

function focusCard(clip) {
  if (!clip || !shown.includes(clip)) return;
  const card = placedCard(clip);
  card.querySelector(".open").focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

// Cards in a row of the grid: what up and down go by.
function columns() {
  const list = document.querySelector(".cards");
  return list ? getComputedStyle(list).gridTemplateColumns.split(" ").length : 1;
}
