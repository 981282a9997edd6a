// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { Documents } from "../src/documents";
import { hasLazy, pending } from "../src/loading";

const image = (more: object): object => ({ complete: false, loading: "eager", ...more });
const documentWith = (images: object[], status = "loaded"): Document => ({ images, fonts: { status } }) as unknown as Document;
const at = (top: number): object => ({
  loading: "lazy",
  getBoundingClientRect: () => ({ top, bottom: top + 10 }),
  ownerDocument: { defaultView: { innerHeight: 600 } },
});

describe("pending", () => {
  it("counts what is on its way in every document", () => {
    const one = documentWith([image({}), image({ complete: true })], "loading");
    const other = documentWith([image({})]);
    expect(pending([one, other], 0)).toEqual({ images: 2, fonts: 1 });
    expect(pending([], 3)).toEqual({ images: 3, fonts: 0 });
  });

  it("does not wait for lazy pictures that are far away", () => {
    const lazy = documentWith([image(at(100)), image(at(900)), image(at(5000)), image(at(-5000))]);
    expect(pending([lazy], 0).images).toBe(2);
    expect(hasLazy([lazy])).toBe(true);
    expect(hasLazy([documentWith([image({}), image({ ...at(5000), complete: true })])])).toBe(false);
  });
});

describe("Documents", () => {
  it("finds shadow trees as they are built, also in one another, and forgets those that left", () => {
    const frame = { contentDocument: document } as unknown as HTMLIFrameElement;
    const documents = new Documents(frame);
    document.body.innerHTML = `<a href="http://x/">link</a><div id="host"></div>`;
    const host = document.getElementById("host")!;
    const shadow = host.attachShadow({ mode: "open" });
    const inner = document.createElement("p");
    shadow.append(inner);
    const deep = inner.attachShadow({ mode: "open" });
    for (const node of [document.querySelector("a")!, document.querySelector("a")!.firstChild!, inner, inner]) documents.onBuild(node);
    expect(new Set(documents.roots())).toEqual(new Set([document, shadow, deep]));
    expect(documents.documents()).toEqual([document]);
    host.remove();
    expect(documents.roots()).toEqual([document]);
  });
});
