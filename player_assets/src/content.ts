// Whether the replayed page shows anything at all. A pointer that moves over an empty page makes every picture different, so that
// looking at the pictures alone lets a blank video pass.
import type { Root } from "./documents";

const THINGS = "img, svg, canvas, video, audio[controls], iframe, input, button, textarea, select, hr, object, embed, progress, meter";

/** Elements looked at for a background or a border: a page of more has text or pictures, and was recognised by them. */
const LOOKED_AT = 5000;

export function showsSomething(roots: readonly Root[]): boolean {
  return roots.some((root) => hasText(root) || [...root.querySelectorAll(THINGS)].some(hasArea) || hasPaint(root));
}

function hasText(root: Root): boolean {
  if (root.nodeType === Node.DOCUMENT_NODE) return !!(root as Document).body?.innerText?.trim();
  return [...root.children].some((child) => child.tagName !== "STYLE" && !!child.textContent?.trim());
}

function hasPaint(root: Root): boolean {
  return [...root.querySelectorAll("body *, :host > *, :host *")].slice(0, LOOKED_AT).some((element) => {
    if (!hasArea(element)) return false;
    const style = getComputedStyle(element);
    const background = style.backgroundColor;
    const coloured = !/^(transparent|rgba\(.*, 0\)|.*\/ 0\))$/.test(background);
    return coloured || style.backgroundImage !== "none" || style.boxShadow !== "none" || Number.parseFloat(style.borderTopWidth) > 0;
  });
}

function hasArea(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0;
}
