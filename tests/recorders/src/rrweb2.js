// The framed page of another origin runs it too: it sends what it sees to its parent.
import { record } from "rrweb";

window.recorded = [];
window.startRecorder = () =>
  record({
    emit: (event) => window.recorded.push(event),
    recordCrossOriginIframes: true,
    recordCanvas: true,
    sampling: { canvas: 10 },
    dataURLOptions: { type: "image/webp", quality: 0.9 },
    collectFonts: true,
    inlineImages: true,
  });
