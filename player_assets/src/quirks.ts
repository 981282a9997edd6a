// Where the pinned rrweb (@rrweb/replay, see package.json) does other than it should for us, and what we do about it, with the issue
// upstream where one is known. When rrweb is raised, each is to be looked at again: test_player_sdks.py and test_player_kinds.py tell.
import type { ReplayerInternals, RrwebEvent } from "./rrweb";
import { dataOf, EventType, sourceOf, Source } from "./rrweb";

/** How to find a recorded node in the replayed page. */
export type Find = (id: number) => Node | null;

/**
 * rrweb makes the fonts that scripts loaded with our window's constructor. Chromium tells of their loading to the document of the
 * constructor's window: the picture did not wait for them, and text that was laid out meanwhile stayed invisible for good.
 */
export function fontsOf(frame: HTMLIFrameElement): void {
  const view = frame.contentWindow as (Window & { FontFace: typeof FontFace }) | null;
  if (view) window.FontFace = view.FontFace;
}

/** A recorded page's own policy would forbid the style sheets and pictures that the replay puts in; rrweb knows one spelling only. */
export function disarm(node: Node): void {
  if (node.nodeName !== "META") return;
  const meta = node as HTMLMetaElement;
  if (/content-security-policy/i.test(meta.httpEquiv)) meta.removeAttribute("http-equiv");
}

/**
 * Media are never there, but asking for them shows: the ring that Chromium's controls turn meanwhile goes when its own clock lets it, so
 * that a page that had stood for a while looked different.
 */
export function keepUnloaded(node: Node): void {
  if (isMedia(node)) (node as Element).removeAttribute("src");
  // One without a src turns the ring just as well.
  else if (node.nodeName === "SOURCE" && node.parentNode && isMedia(node.parentNode)) (node as Element).remove();
}

function isMedia(node: Node): boolean {
  return node.nodeName === "VIDEO" || node.nodeName === "AUDIO";
}

/** What rrweb does not do before it is given an event. */
export function before(event: RrwebEvent, internals: ReplayerInternals, frame: HTMLIFrameElement, find: Find): void {
  const source = sourceOf(event);
  if (event.type === EventType.FullSnapshot) {
    // The hovered node goes with the old document; asking it again would throw.
    internals.lastHoveredRootNode = undefined;
    // Constructed style sheets would outlive the page that made them; a recorder tells of those that are still in use.
    if (frame.contentDocument) frame.contentDocument.adoptedStyleSheets = [];
  } else if (source === Source.Mutation) beforeMutation(event, find);
  else if (source === Source.CustomElement) defineElement(event, frame);
}

/** One of rrweb's pending slots may hold what made it throw: leave nothing behind for the next event. */
export function afterFailure(internals: ReplayerInternals): void {
  Object.assign(internals, { mousePos: null, lastMouseDownEvent: null, lastSelectionData: null, lastHoveredRootNode: undefined });
}

/**
 * rrweb (which has known dialogs since its issue 1381) takes the `open` of a modal one away and no more. It stays modal: nothing else
 * in the page can be focused or marked from then on (whatwg/html issue 5802).
 */
function beforeMutation(event: RrwebEvent, find: Find): void {
  const { attributes } = dataOf(event);
  if (!Array.isArray(attributes)) return;
  for (const change of attributes as ({ id?: number; attributes?: Record<string, unknown> } | null)[]) {
    if (change?.attributes?.["open"] !== null && typeof change?.attributes?.["src"] !== "string") continue;
    const node = find(change.id ?? -1);
    if (node && isMedia(node)) delete change.attributes["src"];
    if (change.attributes["open"] === null && node?.nodeName === "DIALOG" && (node as HTMLDialogElement).matches(":modal")) (node as HTMLDialogElement).close();
  }
}

/** rrweb defines the custom elements that a snapshot calls defined, and leaves those alone that are defined later. */
function defineElement(event: RrwebEvent, frame: HTMLIFrameElement): void {
  const view = frame.contentWindow as (Window & { HTMLElement: typeof HTMLElement }) | null;
  const name = (event as { data?: { define?: { name?: unknown } } }).data?.define?.name;
  if (!view || typeof name !== "string" || view.customElements.get(name)) return;
  view.customElements.define(name, class extends view.HTMLElement {});
}
