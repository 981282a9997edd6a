// The arguments of a canvas's commands as rrweb writes them: plain values, and objects told by their `rr_type`.

/** Of a value that cannot be made again. */
export class UnknownValueError extends Error {}

/** Deeper than ImageBitmap > Blob > ArrayBuffer goes no argument. */
const MAX_DEPTH = 8;

const ARRAYS = {
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array,
} as const;

interface Told {
  rr_type?: unknown;
  args?: unknown[];
  data?: unknown[];
  type?: unknown;
  base64?: unknown;
  src?: unknown;
}

/** Raises UnknownValueError for what was told by number alone (gradients, patterns, paths), and what the decoder says of a damaged picture. */
export async function valueOf(told: unknown, document: Document, depth = 0): Promise<unknown> {
  if (depth > MAX_DEPTH) throw new UnknownValueError("nested too deep");
  if (Array.isArray(told)) return valuesOf(told, document, depth);
  if (told === null || typeof told !== "object") return told;
  const { rr_type: kind, args, data, type, base64, src } = told as Told;
  if (typeof kind !== "string") throw new UnknownValueError("an object of no type");
  const made = Array.isArray(args) ? await valuesOf(args, document, depth) : [];
  switch (kind) {
    case "ImageBitmap":
      return createImageBitmap(made[0] as ImageBitmapSource);
    case "Blob":
      return new Blob((await valuesOf(Array.isArray(data) ? data : [], document, depth)) as BlobPart[], { type: String(type ?? "") });
    case "ArrayBuffer":
      return bytesOf(base64);
    case "ImageData":
      return new ImageData(new Uint8ClampedArray(made[0] as ArrayBuffer), Number(made[1]), Number(made[2]));
    case "HTMLImageElement":
    case "HTMLCanvasElement":
      return imageOf(src, document);
  }
  const constructor = Object.hasOwn(ARRAYS, kind) ? ARRAYS[kind as keyof typeof ARRAYS] : null;
  if (!constructor) throw new UnknownValueError(kind);
  return new constructor(made[0] as ArrayBuffer, ...(made.slice(1) as [number?, number?]));
}

function valuesOf(told: readonly unknown[], document: Document, depth: number): Promise<unknown[]> {
  return Promise.all(told.map((one) => valueOf(one, document, depth + 1)));
}

function bytesOf(base64: unknown): ArrayBuffer {
  if (typeof base64 !== "string") throw new UnknownValueError("ArrayBuffer");
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0)).buffer;
}

/** A picture that is there. Asked for with CORS, as drawing any other would make the canvas unreadable. */
export async function imageOf(src: unknown, document: Document): Promise<HTMLImageElement> {
  if (typeof src !== "string" || !src) throw new UnknownValueError("a picture without an address");
  const image = document.createElement("img");
  if (!src.startsWith("data:")) image.crossOrigin = "anonymous";
  image.src = src;
  await image.decode();
  return image;
}
