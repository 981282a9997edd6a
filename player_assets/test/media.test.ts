// @vitest-environment node
import { describe, expect, test } from "vitest";
import { playback, standing } from "../src/media";

describe("what was done with a video", () => {
  test.each([
    [{ type: 0, currentTime: 65 }, "playing from 1:05"],
    [{ type: 0 }, "playing"],
    [{ type: 1, currentTime: 5.9 }, "paused at 0:05"],
    [{ type: 2, currentTime: 3600 }, "moved to 1:00:00"],
    [{ type: 2 }, ""],
    [{ type: 3, currentTime: 5 }, ""],
    [{ type: 0, currentTime: Number.NaN }, "playing"],
    [{ type: 1, currentTime: -1 }, "paused"],
    [{ type: 1, currentTime: "<b>" }, "paused"],
  ])("%o is %s", (data, words) => expect(playback(data)).toBe(words));

  test.each([
    [{ rr_mediaState: "played", rr_mediaCurrentTime: 12 }, "playing from 0:12"],
    [{ rr_mediaState: "paused", rr_mediaCurrentTime: 12 }, "paused at 0:12"],
    [{ rr_mediaState: "paused", rr_mediaCurrentTime: 0 }, ""],
    [{}, ""],
  ])("a snapshot's %o is %s", (attributes, words) => expect(standing(attributes)).toBe(words));
});
