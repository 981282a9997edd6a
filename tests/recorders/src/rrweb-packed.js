import { record } from "rrweb";
import { pack } from "@rrweb/packer";

window.recorded = [];
window.startRecorder = () =>
  record({
    emit: (event) => window.recorded.push(event),
    packFn: pack,
    recordCanvas: true,
    sampling: { canvas: 10 },
    dataURLOptions: { type: "image/webp", quality: 0.9 },
  });
