// Small drawings. Fonts disagree about such characters (one makes them emoji), and a shape says what a colour alone would not.

const svg = (viewBox: string, inside: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}" fill="currentColor" aria-hidden="true">${inside}</svg>`;

/** Fills a box of 24x24. */
export const THUMB = `<path d="M2.5 10.5h4v10.5h-4z"/><path d="M8 10.6 12 2.8c1.9 0 3 1.4 2.7 3.2L14.1 9.5h5.2c1.5 0 2.5 1.3 2.2 2.7l-1.6 6.9c-.3 1.1-1.2 1.9-2.4 1.9H8z"/>`;

export const ICONS = {
  up: svg("0 0 24 24", THUMB),
  down: svg("0 0 24 24", `<g transform="rotate(180 12 12)">${THUMB}</g>`),
  chevrons: svg("0 0 20 16", `<path d="M0 0 10 8 0 16ZM10 0 20 8 10 16Z"/>`),
  pause: svg("0 0 16 16", `<path d="M3 2h3.5v12H3zM9.5 2H13v12H9.5z"/>`),
  tab: svg("0 0 18 16", `<path fill-rule="evenodd" d="M2 1h6.5l1.5 3H16a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H2a2 2 0 0 1-2-2V3a2 2 0 0 1 2-2Zm0 5v7h14V6Z"/>`),
  step: svg("0 0 16 16", `<path d="M4 2 13 8 4 14Z"/>`),
  warning: svg("0 0 16 16", `<path fill-rule="evenodd" d="M8 1 15.6 14.5H.4ZM7.1 6v4.2h1.8V6Zm0 5.3v1.7h1.8v-1.7Z"/>`),
  error: svg("0 0 16 16", `<path fill-rule="evenodd" d="M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM5.3 4 8 6.7 10.7 4 12 5.3 9.3 8l2.7 2.7L10.7 12 8 9.3 5.3 12 4 10.7 6.7 8 4 5.3Z"/>`),
} as const;

export type IconName = keyof typeof ICONS;

/** A box of class `icon` that holds the drawing; it is as high as the text beside it. */
export function icon(name: IconName): HTMLElement {
  const box = document.createElement("span");
  box.className = `icon icon-${name}`;
  box.innerHTML = ICONS[name];
  return box;
}
