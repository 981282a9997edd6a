// What the index tells, ready to be asked: facets, search, order, groups.

const SEVERITIES = ["critical", "high", "medium", "low"];
const STATUSES = ["made", "failed", "waiting"];
const SHORT_WORDS = new Map([["os", "OS"], ["llm", "LLM"], ["url", "URL"]]);
const SORTS = { severity: "Severity", time: "Newest first", session: "Session" };

const index = JSON.parse(document.getElementById("index").textContent);
const clips = index.clips.map((clip, place) => ({
  ...clip,
  place,
  labels: new Map(Object.entries(clip.labels)),
  files: new Map(Object.entries(clip.files)),
  at: Date.parse(clip.started_at ?? "") || 0,
  rank: SEVERITIES.indexOf(clip.severity),
}));
const clipsById = new Map(clips.map((clip) => [clip.id, clip]));

const labelKeys = [...new Set(clips.flatMap((clip) => [...clip.labels.keys()]))].sort();
const facets = [
  { key: "severity", name: "Severity", order: SEVERITIES, show: titled, of: (clip) => [clip.severity] },
  { key: "seen", name: "Seen", order: ["no", "yes"], show: (value) => (value === "yes" ? "Seen" : "Not seen"), of: (clip) => [seen.has(clip) ? "yes" : "no"] },
  { key: "rule", name: "Rule", of: (clip) => clip.rules },
  { key: "status", name: "Status", order: STATUSES, show: titled, of: (clip) => [clip.status] },
  ...labelKeys.map((key) => ({ key: `label.${key}`, name: SHORT_WORDS.get(key) ?? titled(key), of: (clip) => (clip.labels.has(key) ? [clip.labels.get(key)] : []) })),
];
const facetsByKey = new Map(facets.map((facet) => [facet.key, facet]));
const groupings = facets.filter((facet) => facet.key === "rule" || facet.key.startsWith("label."));

const plain = (text) => text.normalize("NFKC").toLowerCase();

function haystack(clip) {
  clip.haystack ??= plain(
    [
      clip.title, clip.session, clip.id, ...clip.rules, ...clip.labels.values(),
      ...clip.steps.map((step) => step.text), ...clip.moments.map((each) => each.title),
      clip.error?.message ?? "", ...Object.values(clip.environment).map((value) => value ?? ""),
    ].join("\n"),
  );
  return clip.haystack;
}

// One value of a facet is enough; each facet and each word must be met.
function matches(clip, words, picked, but = null) {
  for (const [key, values] of picked) {
    if (key !== but && !facetsByKey.get(key).of(clip).some((value) => values.has(value))) return false;
  }
  return words.length === 0 || words.every((word) => haystack(clip).includes(word));
}

const wordsOf = (query) => plain(query).split(/\s+/).filter(Boolean);

const newestFirst = (one, other) => other.at - one.at || one.place - other.place;
const bySession = (one, other) =>
  (one.session < other.session ? -1 : one.session > other.session ? 1 : 0) || one.range.from_ms - other.range.from_ms;
const ORDERS = { severity: (one, other) => one.rank - other.rank || newestFirst(one, other), time: newestFirst, session: bySession };

function found(state) {
  const words = wordsOf(state.query);
  return clips.filter((clip) => matches(clip, words, state.picked)).sort(ORDERS[state.sort]);
}

// A clip stands in one group, of its first value, so that going through them shows each once. Clips without one come last.
function grouped(list, key) {
  const facet = facetsByKey.get(key);
  if (!facet) return [{ name: null, clips: list }];
  const groups = new Map();
  for (const clip of list) {
    const value = facet.of(clip)[0] ?? null;
    if (!groups.has(value)) groups.set(value, []);
    groups.get(value).push(clip);
  }
  const named = [...groups].filter(([value]) => value !== null).sort(([, one], [, other]) => other.length - one.length);
  const rest = groups.has(null) ? [[null, groups.get(null)]] : [];
  return [...named, ...rest].map(([value, members]) => ({ name: value ?? `No ${facet.name.toLowerCase()}`, clips: members }));
}

// How many clips each value would show, with all other facets as they are.
function counts(facet, state) {
  const words = wordsOf(state.query);
  const counted = new Map((facet.order ?? []).map((value) => [value, 0]));
  for (const clip of clips) {
    const one = matches(clip, words, state.picked, facet.key) ? 1 : 0;
    for (const value of facet.of(clip)) counted.set(value, (counted.get(value) ?? 0) + one);
  }
  // What a shared address asks for stays to be seen and taken back.
  for (const value of state.picked.get(facet.key) ?? []) counted.set(value, counted.get(value) ?? 0);
  return counted;
}
