// Whether moving the pointer changes the page. rrweb gives the class ":hover" to whatever the pointer is over and has a second
// selector, with that class, for each one with :hover. Where no such selector can match, the page looks as it did.
import type { Root } from "./documents";

/** The class as CSSOM serializes it. */
const HOVER = /\.\\:hover(?![\w\\-]|[^\0-\x7f])/;
const SEES_CLASSES = /\[\s*([\w*]*\|)?class\b/i;

/** `any`: everything may look different when it is pointed at; else what matches one of `selectors` may. */
export interface Sensitive {
  any: boolean;
  selectors: Set<string>;
}

/** The elements that were pointed at, with their class attributes. */
export type Hovered = ReadonlyMap<Element, string | null>;

export class HoverWatch {
  private sheets = new WeakMap<CSSStyleSheet, Sensitive>();

  /** Rules were put into or taken out of sheets that are known. */
  forget(): void {
    this.sheets = new WeakMap();
  }

  hovered(root: ParentNode | null | undefined): Hovered {
    return new Map([...(root?.querySelectorAll(".\\:hover") ?? [])].map((element) => [element, element.getAttribute("class")]));
  }

  /** Whether a page that showed `before` can look different now that `after` is pointed at. When in doubt: yes. */
  matters(before: Hovered, after: Hovered, roots: () => Iterable<Root>): boolean {
    const toggled = [...new Set([...before.keys(), ...after.keys()])].filter(
      (element) => !before.has(element) || before.get(element) !== element.getAttribute("class"),
    );
    if (toggled.length === 0) return false;
    for (const root of roots()) {
      for (const sheet of [...root.styleSheets, ...root.adoptedStyleSheets]) {
        const { any, selectors } = this.sensitive(sheet);
        if (any) return true;
        for (const selector of selectors) if (toggled.some((element) => matches(element, selector))) return true;
      }
    }
    return false;
  }

  private sensitive(sheet: CSSStyleSheet): Sensitive {
    const known = this.sheets.get(sheet);
    if (known) return known;
    const found: Sensitive = { any: false, selectors: new Set() };
    let complete = true;
    try {
      complete = read(sheet.cssRules, null, found);
    } catch {
      found.any = true; // of another origin: its rules cannot be read
    }
    if (complete) this.sheets.set(sheet, found);
    return found;
  }
}

function matches(element: Element, selector: string): boolean {
  try {
    return element.matches(selector);
  } catch {
    return true;
  }
}

/** Notes every selector with the class; false when a sheet that is imported may still come. */
function read(rules: CSSRuleList, parent: string | null, found: Sensitive): boolean {
  let complete = true;
  for (const rule of rules) {
    // Not by instanceof: the rules are of the replayed document's realm.
    const { selectorText, start, end, styleSheet, cssRules } = rule as Partial<
      CSSStyleRule & { start: string | null; end: string | null; styleSheet: CSSStyleSheet | null }
    >;
    // A rule of @scope is read for its limits.
    if (HOVER.test(`${start ?? ""} ${end ?? ""}`)) found.any = true;
    const own = selectorText === undefined ? parent : unnested(selectorText, parent);
    if (selectorText !== undefined) note(own ?? ".\\:hover", found);
    if (styleSheet !== undefined) {
      if (styleSheet) read(styleSheet.cssRules, null, found);
      complete = false;
    }
    if (cssRules && cssRules.length > 0) complete = read(cssRules, own, found) && complete;
  }
  return complete;
}

/**
 * Adds to `found` what an element matches, at least, that a selector of this list matches by its class ":hover": the compounds with the
 * class, without it. Exported for its test.
 */
export function note(list: string, found: Sensitive): void {
  if (SEES_CLASSES.test(list)) found.any = true;
  if (!HOVER.test(list)) return;
  for (const compound of compounds(list)) {
    if (!HOVER.test(compound)) continue;
    const [element] = compound.split("::", 1); // no element matches a pseudo-element
    const rest = element!.replace(HOVER, "");
    // In :not(), :is(), :has() and their like it says something of other elements, or the contrary.
    if (HOVER.test(rest) || HOVER.test(enclosed(element!))) found.any = true;
    else found.selectors.add(rest || "*");
  }
}

/** What stands in brackets, parentheses or quotes, from the first that opens to the last that closes. */
function enclosed(compound: string): string {
  return /[([{"'][^]*[)\]}"']/.exec(compound)?.[0] ?? "";
}

/** A nested rule's selector as it would stand alone; null where that is not worth finding out. */
function unnested(selector: string, parent: string | null): string | null {
  const ampersand = /(?<!\\)&/g;
  if (!ampersand.test(selector)) return selector;
  return parent === null || selector.includes('"') ? null : selector.replace(ampersand, `:is(${parent})`);
}

/** The compound selectors of a list, as CSSOM serializes it; what stands in brackets, parentheses or quotes stays whole. */
function compounds(list: string): string[] {
  const found = [""];
  let depth = 0;
  let quote = "";
  for (let at = 0; at < list.length; at += 1) {
    const letter = list[at]!;
    if (letter === "\\") {
      found[found.length - 1] += letter + (list[(at += 1)] ?? "");
      continue;
    }
    if (quote) quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === "(" || letter === "[") depth += 1;
    else if (letter === ")" || letter === "]") depth -= 1;
    if (depth === 0 && !quote && /[\s>+~,|]/.test(letter)) found.push("");
    else found[found.length - 1] += letter;
  }
  return found;
}
