// Words and numbers as overlays write them.

/** The host cuts text to fit; this is for a host that forgot to, so that a picture cannot take minutes. */
const LONGEST = 1000;

/** `text` as one line of plain text in `element`; recorded text never becomes markup. */
export function write(element: Element, text: string): void {
  element.textContent = text.slice(0, LONGEST);
}

/** Session time as 1:05, or 1:02:05 from an hour on; with `tenths` 0:03.4. */
export function clock(milliseconds: number, tenths = false): string {
  const rest = tenths ? `.${Math.floor(Math.max(0, milliseconds) / 100) % 10}` : "";
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return (hours > 0 ? `${hours}:${two(minutes)}` : `${minutes}`) + `:${two(seconds % 60)}${rest}`;
}

/** A latency: 380 ms, 2.4 s, 1 min 5 s. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms < 1000) return `${ms} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A running counter: always with one decimal, so that it does not jump from ms to s; rounded as durations are, so that it never
 *  reads less than one that is told beside it. */
export function counter(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  return ms < 1000 ? `${(ms / 1000).toFixed(1)} s` : duration(ms);
}

/** What a break leaves out, in few letters: 6 s, 2 min, 1.5 h. */
export function brief(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3570) return `${Math.round(seconds / 60)} min`;
  return `${Number((seconds / 3600).toFixed(1))} h`;
}

/** An address as people read it: without the scheme of the web, and without a slash that stands alone. */
export function address(url: string): string {
  return url.replace(/^https?:\/\//i, "").replace(/^([^/?#]+)\/$/, "$1");
}
