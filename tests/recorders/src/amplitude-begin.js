// What it sends arrives at record.py, which also answers for its configuration.
export const begin = (replay) => {
  window.startRecorder = () =>
    replay.init("key", {
      deviceId: "device",
      sessionId: Date.now(),
      sampleRate: 1,
      trackServerUrl: `http://${location.host}/track`,
      configServerUrl: `http://${location.host}/config`,
      privacyConfig: { defaultMaskLevel: "light" },
      shouldInlineStylesheet: true,
      captureAdoptedStyleSheets: true,
      useWebWorker: true,
      storeType: "memory",
    }).promise;
  // What it sends when the window is left; it would wait for up to ten seconds.
  window.flushRecorder = () => dispatchEvent(new Event("blur"));
};
