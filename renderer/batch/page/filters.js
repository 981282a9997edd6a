// Chips by facet, each with the clips it would show. A chip stays the same element: one that is exchanged while
// somebody presses it loses the click.

const MOST_CHIPS = 8;
const unfolded = new Set();
const fields = new Map();
const clearButton = el("button", { type: "button", class: "as-link", click: clearFilters }, "Clear");
const filtersHead = el("div", { class: "filters-head" }, el("h2", {}, "Filters"), clearButton);

function drawFilters() {
  clearButton.disabled = !state.picked.size && !state.query;
  arrange(document.getElementById("filters"), [filtersHead, ...facets.map(drawFacet).filter(Boolean)]);
  const count = [...state.picked.values()].reduce((sum, values) => sum + values.size, 0);
  const told = document.getElementById("picked");
  told.hidden = count === 0;
  told.textContent = String(count);
}

function arrange(place, wanted) {
  const same = wanted.length === place.childNodes.length && wanted.every((each, number) => place.childNodes[number] === each);
  if (!same) place.replaceChildren(...wanted);
}

function drawFacet(facet) {
  const picked = state.picked.get(facet.key) ?? new Set();
  const found = [...counts(facet, state)];
  if (found.length < 2 && !picked.size) return null;
  if (!fields.has(facet.key)) fields.set(facet.key, fieldOf(facet));
  const { field, chips, box, more } = fields.get(facet.key);
  // Fixed ones in their order, others by how many clips they have in the whole batch, so that chips do not jump about.
  const values = facet.order ? found : found.sort(([one], [other]) => totalOf(facet, other) - totalOf(facet, one));
  const some = unfolded.has(facet.key) ? values : values.filter(([value], place) => place < MOST_CHIPS || picked.has(value));
  for (const [value, count] of some) {
    if (!chips.has(value)) chips.set(value, chipOf(facet, value));
    const chip = chips.get(value);
    chip.setAttribute("aria-pressed", String(picked.has(value)));
    chip.toggleAttribute("data-none", count === 0);
    chip.lastChild.textContent = String(count);
  }
  more.textContent = `${values.length - some.length} more`;
  arrange(box, [...some.map(([value]) => chips.get(value)), ...(some.length < values.length ? [more] : [])]);
  return field;
}

function fieldOf(facet) {
  const box = el("div", { class: "chips" });
  const more = el("button", { type: "button", class: "as-link", click: () => {
    unfolded.add(facet.key);
    drawFilters();
    box.children[MOST_CHIPS]?.focus();
  } });
  return { field: el("fieldset", {}, el("legend", { told: true }, facet.name), box), chips: new Map(), box, more };
}

function chipOf(facet, value) {
  const name = facet.show?.(value) ?? value;
  return el("button", { type: "button", class: "chip", title: name, "data-severity": facet.key === "severity" ? value : null, click: () => pick(facet.key, value) },
    el("span", { told: true }, name), el("span", { class: "count" }));
}

function totalOf(facet, value) {
  facet.totals ??= clips.reduce((sums, clip) => facet.of(clip).reduce((all, each) => all.set(each, (all.get(each) ?? 0) + 1), sums), new Map());
  return facet.totals.get(value) ?? 0;
}

function pick(key, value) {
  const values = new Set(state.picked.get(key));
  if (!values.delete(value)) values.add(value);
  const picked = new Map(state.picked);
  if (values.size) picked.set(key, values);
  else picked.delete(key);
  change({ picked });
}

function clearFilters() {
  change({ picked: new Map(), query: "" });
}

