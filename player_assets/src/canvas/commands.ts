// What rrweb tells of a canvas: the commands that its page gave, or (canvases recorded as frames) a picture of the whole now and then.
import { dataOf, type RrwebEvent } from "../rrweb";

export interface Command {
  property: string;
  setter: boolean;
  args: unknown[];
}

/** rrweb's CanvasContext. */
const CONTEXT_2D = 0;

interface CanvasData {
  id?: unknown;
  type?: unknown;
  commands?: unknown;
  property?: unknown;
}

export interface Drawing {
  id: number;
  /** WebGL cannot be repeated from its commands: what they refer to (buffers, shaders, programs) is told by number alone. */
  flat: boolean;
  commands: Command[];
}

/** One canvas event; null for what is none. rrweb 2 puts several commands into one, rrweb 1 has one in each. */
export function drawingOf(event: RrwebEvent): Drawing | null {
  const { id, type, commands, ...single } = dataOf(event) as CanvasData;
  if (typeof id !== "number") return null;
  const told: unknown[] = Array.isArray(commands) ? commands : [single];
  return { id, flat: type === CONTEXT_2D, commands: told.flatMap(commandOf) };
}

function commandOf(told: unknown): Command[] {
  const { property, setter, args } = (told ?? {}) as Partial<Command>;
  if (typeof property !== "string") return [];
  return [{ property, setter: setter === true, args: Array.isArray(args) ? args : [] }];
}

/**
 * The picture as a data: URL, when the commands are a frame of the whole canvas: everything cleared, then one picture from the corner.
 * renderer/player/canvases.py knows frames by the same signs.
 */
export function frameOf(commands: readonly Command[]): string | null {
  const [clear, draw] = commands;
  if (commands.length !== 2 || clear?.property !== "clearRect" || draw?.property !== "drawImage") return null;
  if (![clear.args[0], clear.args[1], draw.args[1], draw.args[2]].every((corner) => corner === 0) || draw.args.length > 5) return null;
  // {rr_type: "ImageBitmap", args: [{rr_type: "Blob", type, data: [{rr_type: "ArrayBuffer", base64}]}]}
  const blob = (draw.args[0] as { rr_type?: unknown; args?: { type?: unknown; data?: { base64?: unknown }[] }[] } | null)?.args?.[0];
  const base64 = blob?.data?.[0]?.base64;
  if (typeof base64 !== "string" || !/^[\w+/=]*$/.test(base64)) return null;
  const type = typeof blob?.type === "string" && /^image\/[\w.+-]+$/.test(blob.type) ? blob.type : "image/webp";
  return `data:${type};base64,${base64}`;
}
