// Where the page is scrolled: as recorded, whatever its contents did meanwhile.
//
// Chromium moves a scroll position by itself: back when there is no more so far to go, forth when there is again, along with what stands
// above (scroll anchoring). What it does depends on when it lays the page out, that is, on which frames are looked at; and a recorder has
// told where all of that ended. So rrweb hears of no scroll: positions are kept here and put in place when everything else stands. After a
// seek the contents may still be on their way when the event comes that scrolled them.

import type { Meta } from "./labels";

interface Position {
  x: number;
  y: number;
}

export class Scrolls {
  private positions = new Map<Element | Document, Position>();

  /** What a snapshot says of an element. */
  onBuild(node: Node, meta: Meta | null): void {
    const { rr_scrollLeft: x = 0, rr_scrollTop: y = 0 } = meta?.attributes ?? {};
    if (x !== 0 || y !== 0) this.note(node, x, y);
  }

  /** A full snapshot is about to replace the document. */
  reset(): void {
    this.positions.clear();
  }

  /** A recorded node was scrolled; what is neither an element nor a document cannot be. */
  note(node: Node, x: unknown, y: unknown): void {
    if (node.nodeType !== Node.ELEMENT_NODE && node.nodeType !== Node.DOCUMENT_NODE) return;
    if (Number.isFinite(x) && Number.isFinite(y)) this.positions.set(node as Element | Document, { x: x as number, y: y as number });
  }

  /** To be called when the page is looked at: by a picture, or for the place of something in it. */
  restore(): void {
    for (const [node, { x, y }] of this.positions) {
      const scroller = node.nodeType === Node.DOCUMENT_NODE ? (node as Document).defaultView : node.isConnected ? (node as Element) : null;
      if (!scroller) {
        this.positions.delete(node); // what comes back is built anew
        continue;
      }
      const [left, top] = "scrollX" in scroller ? [scroller.scrollX, scroller.scrollY] : [scroller.scrollLeft, scroller.scrollTop];
      if (left !== x || top !== y) scroller.scrollTo({ left: x, top: y, behavior: "instant" });
    }
  }
}
