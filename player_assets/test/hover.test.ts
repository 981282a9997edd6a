// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import type { Root } from "../src/documents";
import { HoverWatch, note, type Sensitive } from "../src/hover";

describe("note", () => {
  it.each<[string, string[] | "any"]>([
    ["a, .b > c[d=\"e\"]", []],
    [".\\:hover", ["*"]],
    ["a.\\:hover", ["a"]],
    ["a:hover,\na.\\:hover", ["a"]],
    ["nav li.open.\\:hover > ul, b.\\:hover::after", ["li.open", "b"]],
    ["tr.\\:hover td:nth-child(2n + 1)", ["tr"]],
    [".hover\\:red.\\:hover", [".hover\\:red"]],
    [".\\:hover\\:red, .\\:hovered", []],
    ["a:not(.b, .c > d).\\:hover", ["a:not(.b, .c > d)"]],
    ["a[title=\"x > .y\"].\\:hover", ["a[title=\"x > .y\"]"]],
    ["a:not(.\\:hover)", "any"],
    ["div:has(.x.\\:hover) p", "any"],
    [":host(.\\:hover) p", "any"],
    ["[class*=\"col-\"] p", "any"],
    ["p:not([class])", "any"],
  ])("%s", (list, expected) => {
    const found: Sensitive = { any: false, selectors: new Set() };
    note(list, found);
    expect(expected === "any" ? found.any : [...found.selectors]).toEqual(expected === "any" ? true : expected);
    if (expected !== "any") expect(found.any).toBe(false);
  });
});

interface Rule {
  selectorText?: string;
  cssRules?: Rule[];
  styleSheet?: { cssRules: Rule[] } | null;
  start?: string;
}

describe("HoverWatch", () => {
  let watch: HoverWatch;
  beforeEach(() => {
    watch = new HoverWatch();
    document.body.innerHTML = `<ul class="menu"><li>one</li><li class="open">two</li></ul><p>three</p>`;
  });
  const point = (selector: string): void => {
    for (const element of document.querySelectorAll(".\\:hover")) element.classList.remove(":hover");
    for (let element = document.querySelector(selector); element; element = element.parentElement) element.classList.add(":hover");
  };
  const moved = (from: string, to: string, ...rules: Rule[]): boolean => {
    const roots = [{ styleSheets: [{ cssRules: rules }], adoptedStyleSheets: [] }] as unknown as Root[];
    point(from);
    const before = watch.hovered(document);
    point(to);
    return watch.matters(before, watch.hovered(document), () => roots);
  };

  it("does not matter inside of one element, whatever the rules", () => {
    expect(moved("p", "p", { selectorText: ":not(.\\:hover)" })).toBe(false);
  });

  it("matters where a rule can match what is pointed at, or what no longer is", () => {
    const rule = { selectorText: "li.open.\\:hover b" };
    expect(moved("p", "li.open", rule)).toBe(true);
    expect(moved("li.open", "p", rule)).toBe(true);
    expect(moved("p", "li:not(.open)", rule)).toBe(false);
    expect(moved("p", "li", { selectorText: "ul.\\:hover" })).toBe(true);
    expect(moved("li.open", "li:not(.open)", { selectorText: "ul.\\:hover" })).toBe(false);
  });

  it("reads nested, grouped and imported rules", () => {
    expect(moved("p", "li", { cssRules: [{ selectorText: "li.\\:hover" }] })).toBe(true);
    watch.forget();
    const menu = (nested: string): Rule => ({ selectorText: ".menu", cssRules: [{ selectorText: nested }] });
    expect(moved("p", "li.open", menu("&.\\:hover"))).toBe(true);
    expect(moved("li.open", "li:not(.open)", menu("&.\\:hover"))).toBe(false);
    expect(moved("p", "li", { selectorText: "&.\\:hover" }), "nested in nothing: in doubt, yes").toBe(true);
    expect(moved("p", "li", { styleSheet: { cssRules: [{ selectorText: "li.\\:hover" }] } })).toBe(true);
    expect(moved("p", "li", { start: ".menu.\\:hover" }), "the limits of @scope").toBe(true);
  });

  it("matters where rules cannot be read", () => {
    const sheet = { get cssRules(): never { throw new DOMException("of another origin", "SecurityError"); } };
    point("p");
    const before = watch.hovered(document);
    point("li");
    expect(watch.matters(before, watch.hovered(document), () => [{ styleSheets: [sheet], adoptedStyleSheets: [] }] as unknown as Root[])).toBe(true);
  });

  it("reads a sheet once, but for those that import others, and until it is told to forget", () => {
    let reads = 0;
    const rules: Rule[] = [{ selectorText: "b" }];
    const sheet = { get cssRules() { reads += 1; return rules; } };
    const look = (): boolean => {
      point("p");
      const before = watch.hovered(document);
      point("li");
      return watch.matters(before, watch.hovered(document), () => [{ styleSheets: [sheet], adoptedStyleSheets: [] }] as unknown as Root[]);
    };
    expect([look(), look(), reads]).toEqual([false, false, 1]);
    rules.push({ selectorText: "li.\\:hover" }, { styleSheet: null });
    expect(look(), "rules come and go by events of their own").toBe(false);
    watch.forget();
    expect([look(), look(), reads]).toEqual([true, true, 3]);
  });
});
