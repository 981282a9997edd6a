// The documents and shadow roots that make up the replayed page: the replay's iframe, the frames in it, and their shadow trees.

export type Root = Document | ShadowRoot;

/** Chromium's own timers must not reach a picture: a caret blinks and a smooth scroll runs on the real clock. */
export const STILL_RULES = [
  // Where scripts are off Chromium gives every <video> its controls, also those that never had any.
  "video:not([controls])::-webkit-media-controls { display: none !important; }",
  // Drawn by the platform's style, a bar without a value moves on Chromium's own clock.
  "progress:indeterminate { appearance: none !important; }",
  "progress:indeterminate::-webkit-progress-bar { background: #e5e7eb; }",
  "*, *::before, *::after { caret-color: transparent !important; scroll-behavior: auto !important; }",
  // Scroll positions are the recorded ones (scrolls.ts), which tell already where the browser moved them.
  "* { overflow-anchor: none !important; scroll-snap-type: none !important; }",
];

export class Documents {
  private shadows = new Set<WeakRef<ShadowRoot>>();
  private known = new WeakSet<ShadowRoot>();
  private stills = new WeakMap<Document, CSSStyleSheet>();

  constructor(private readonly frame: HTMLIFrameElement) {}

  /** Every document and every shadow root in the page. */
  roots(): Root[] {
    const roots: Root[] = [...this.liveShadows()];
    const visit = (root: Root | null | undefined): void => {
      if (!root) return;
      if (root.nodeType === Node.DOCUMENT_NODE) roots.push(root);
      for (const frame of root.querySelectorAll("iframe, frame")) visit((frame as HTMLIFrameElement).contentDocument);
    };
    const shadows = [...roots];
    visit(this.frame.contentDocument);
    shadows.forEach(visit);
    return roots;
  }

  /** Whether the page is a phone's screen (renderer/recording/mobile/screen.py made it of wireframes). */
  isPhone(): boolean {
    return this.frame.contentDocument?.documentElement?.classList.contains("wf-screen") ?? false;
  }

  /** The documents alone, the outermost first. */
  documents(): Document[] {
    return this.roots().filter((root): root is Document => root.nodeType === Node.DOCUMENT_NODE);
  }

  /** Shadow roots cannot be listed, so each is noted when rrweb has built its host or something in it. */
  onBuild(node: Node): void {
    for (const root of [(node as Element).shadowRoot, node.parentNode as ShadowRoot | null]) {
      if (root?.nodeType !== Node.DOCUMENT_FRAGMENT_NODE || !("host" in root) || this.known.has(root)) continue;
      this.known.add(root);
      this.shadows.add(new WeakRef(root));
    }
  }

  /** rrweb puts STILL_RULES into documents, where they do not reach shadow trees. */
  still(roots: Iterable<Root>): void {
    for (const root of roots) {
      if (root.nodeType !== Node.DOCUMENT_FRAGMENT_NODE) continue;
      const sheet = this.sheetFor(root.ownerDocument!);
      // A recorded change of the list takes ours away with it.
      if (sheet && !root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
    }
  }

  private sheetFor(document: Document): CSSStyleSheet | null {
    const known = this.stills.get(document);
    const view = document.defaultView as (Window & { CSSStyleSheet: typeof CSSStyleSheet }) | null;
    if (known || !view) return known ?? null;
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(STILL_RULES.join("\n"));
    this.stills.set(document, sheet);
    return sheet;
  }

  private *liveShadows(): Generator<ShadowRoot> {
    for (const reference of this.shadows) {
      const shadow = reference.deref();
      if (!shadow) this.shadows.delete(reference);
      else if (shadow.host.isConnected) yield shadow;
    }
  }

  /**
   * An element that was disabled or hidden loses the focus with the next frame that is drawn (the specification's focus fixup).
   * Done at once, the page does not depend on when frames are drawn. True when one has lost it.
   */
  fixFocus(roots: Iterable<Root>): boolean {
    let lost = false;
    for (const root of roots) {
      const active = root.activeElement as HTMLElement | null;
      if (!active || active === active.ownerDocument.body) continue;
      if (!active.matches(":disabled") && active.checkVisibility()) continue;
      active.blur();
      lost = true;
    }
    return lost;
  }
}
