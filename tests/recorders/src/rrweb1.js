import { record } from "rrweb1";

window.recorded = [];
window.startRecorder = () => record({ emit: (event) => window.recorded.push(event), recordCanvas: true, collectFonts: true, userTriggeredOnInput: true });
