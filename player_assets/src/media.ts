// What was done with a video or a sound, in words. The media themselves are never loaded.
import { clock } from "./overlays/words";
import type { LooseData } from "./rrweb";

/** rrweb's MediaInteractions. */
const Media = { Play: 0, Pause: 1, Seeked: 2 } as const;

/** "" for what says nothing of where it stood: its volume, its rate. */
export function playback({ type, currentTime }: LooseData & { currentTime?: unknown }): string {
  const at = typeof currentTime === "number" && Number.isFinite(currentTime) && currentTime >= 0 ? clock(currentTime * 1000) : "";
  if (type === Media.Play) return at ? `playing from ${at}` : "playing";
  if (type === Media.Pause) return at ? `paused at ${at}` : "paused";
  return type === Media.Seeked && at ? `moved to ${at}` : "";
}

/** The same of what a snapshot tells of it; "" for one that has not begun. */
export function standing(attributes: Record<string, unknown>): string {
  const { rr_mediaState: state, rr_mediaCurrentTime: currentTime } = attributes;
  if (state === "played") return playback({ type: Media.Play, currentTime });
  return state === "paused" && typeof currentTime === "number" && currentTime > 0 ? playback({ type: Media.Pause, currentTime }) : "";
}
