// What the picture still waits for. The host asks again until nothing is left or its patience is over.
import type { Pending } from "./protocol.gen";

/** Pictures of a lazy <img> outside the view never load, and must not be waited for. */
const NEARBY_PX = 400;

export function pending(documents: readonly Document[], extra: number): Pending {
  let images = extra;
  let fonts = 0;
  for (const document of documents) {
    if (document.fonts.status === "loading") fonts += 1;
    for (const image of document.images) if (isComing(image)) images += 1;
  }
  return { images, fonts };
}

/** Whether scrolling can set off a picture that has waited for it. */
export function hasLazy(documents: readonly Document[]): boolean {
  return documents.some((document) => [...document.images].some((image) => image.loading === "lazy" && !image.complete));
}

function isComing(image: HTMLImageElement): boolean {
  if (image.complete) return false;
  if (image.loading !== "lazy") return true;
  const box = image.getBoundingClientRect();
  const view = image.ownerDocument.defaultView;
  return !!view && box.bottom > -NEARBY_PX && box.top < view.innerHeight + NEARBY_PX;
}
