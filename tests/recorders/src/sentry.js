// What it sends arrives at record.py: the DSN names the server that the page came from.
import * as Sentry from "@sentry/browser";

window.startRecorder = () => {
  const replay = Sentry.replayIntegration({
    maskAllText: false,
    maskAllInputs: false,
    blockAllMedia: false,
    // In a worker, from a blob: URL.
    useCompression: new URLSearchParams(location.search).has("compressed"),
    minReplayDuration: 0,
    networkDetailAllowUrls: [/missing/],
  });
  Sentry.init({
    dsn: `http://key@${location.host}/1`,
    integrations: [replay, Sentry.replayCanvasIntegration()],
    replaysSessionSampleRate: 1,
  });
  window.flushRecorder = () => replay.flush();
};
