// What is looked at. It stands in the address, so that a view can be shared and survives a reload; what was seen stays in this browser.

const HASH_EVERY_MS = 150; // Chromium stops pages that change their address 200 times in 30 s.
const MOST_REMEMBERED = 20000;

const state = { clip: null, query: "", sort: "severity", group: "none", picked: new Map() };

function readHash() {
  const told = new URLSearchParams(location.hash.slice(1));
  state.clip = clipsById.get(told.get("clip")) ?? null;
  state.query = told.get("q") ?? "";
  state.sort = Object.hasOwn(SORTS, told.get("sort") ?? "") ? told.get("sort") : "severity";
  state.group = groupings.some((facet) => facet.key === told.get("group")) ? told.get("group") : "none";
  state.picked = new Map();
  for (const facet of facets) {
    const values = told.getAll(facet.key);
    if (values.length) state.picked.set(facet.key, new Set(values));
  }
}

function hashOf(clip) {
  const told = new URLSearchParams();
  if (clip) told.set("clip", clip.id);
  if (state.query) told.set("q", state.query);
  for (const [key, values] of state.picked) for (const value of values) told.append(key, value);
  if (state.sort !== "severity") told.set("sort", state.sort);
  if (state.group !== "none") told.set("group", state.group);
  return `#${told}`;
}

let written = null;
let writtenAt = -Infinity;
let writing = 0;

// `step`: opening a clip is a step that the browser's Back takes back, to the list as it is now.
function writeHash(step = false, now = step) {
  clearTimeout(writing);
  const write = () => {
    if (step) put("replaceState", hashOf(null));
    put(step ? "pushState" : "replaceState", hashOf(state.clip));
  };
  const wait = writtenAt + HASH_EVERY_MS - performance.now();
  if (now || wait <= 0) write();
  else writing = setTimeout(write, wait);
}

function put(how, hash) {
  if (hash === (location.hash || "#")) return;
  written = hash;
  writtenAt = performance.now();
  history[how](null, "", hash);
}

// Seen clips, by what they show: a batch that is run again numbers them anew. A browser that keeps nothing forgets them.
const seen = (() => {
  const NAME = "renderer.triage.seen";
  const keyOf = (clip) => `${clip.recording_id}:${clip.range.from_ms}-${clip.range.to_ms}`;
  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(NAME) ?? "[]");
      return new Set(Array.isArray(kept) ? kept : []);
    } catch {
      return new Set();
    }
  };
  let keys = read();
  return {
    has: (clip) => keys.has(keyOf(clip)),
    set(clip, value) {
      // Another tab may have added some.
      keys = new Set([...read(), ...keys]);
      if (value) keys.add(keyOf(clip));
      else keys.delete(keyOf(clip));
      try {
        localStorage.setItem(NAME, JSON.stringify([...keys].slice(-MOST_REMEMBERED)));
      } catch {
        // For as long as the page is open, then.
      }
    },
  };
})();
