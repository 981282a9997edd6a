// The chosen clip: its film, what happened in it, where it came from.

const FILES = { mp4: "Video (MP4)", webm: "Video (WebM)", gif: "GIF", poster: "Poster", captions: "Captions", summary: "Summary", manifest: "Manifest" };
const TENTHS_BELOW_MS = 10000;
const SEEK_MS = 5000;

const pane = document.getElementById("clip");
let video = null;

function drawClip() {
  release();
  const { clip } = state;
  document.body.classList.toggle("opened", clip !== null);
  pane.hidden = clip === null;
  document.title = clip ? `${clip.title} · Triage` : "Triage";
  if (!clip) return pane.replaceChildren();
  const title = el("h2", { id: "clip-title", tabindex: "-1", told: true }, breakable(clip.title));
  const film = filmOf(clip);
  pane.replaceChildren(
    bar(clip),
    el("div", { class: video || clip.steps.length ? "clip-body" : "clip-body alone" },
      el("div", { class: "film" }, film, video && lane(clip),
        video && el("p", { class: "stuck small", role: "status", hidden: true }, "The film cannot jump: this server sends files only whole. Open index.html from the disk, or serve the folder with HTTP ranges.")),
      el("div", { class: "naming" },
        el("p", { class: "marks" }, badge(clip.severity), clip.rules.map((rule) => el("span", { class: "rule", told: true }, rule)),
          [...clip.labels].map(([key, value]) => el("span", { class: "label", told: true, title: `${key}: ${value}` }, el("span", { class: "key" }, `${key} `), value))),
        title),
      ...[steps(clip)].filter(Boolean),
      el("div", { class: "about" }, links(clip), moments(clip), facts(clip))));
  pane.scrollTop = 0;
  follow(clip);
}

// A film that is no longer shown must not go on loading or sounding.
function release() {
  if (!video) return;
  video.pause();
  video.removeAttribute("src");
  video.load();
  video = null;
}

function bar(clip) {
  const place = shown.indexOf(clip);
  const step = (by, name, shape, key) =>
    el("button", { type: "button", class: "square", "data-step": by, "aria-label": name, title: `${name} (${key})`, disabled: !neighbour(by), click: () => move(by) }, icon(shape));
  const toggle = el("button", { type: "button", class: "button seen-toggle", "aria-pressed": String(seen.has(clip)), title: "Seen or not (m)", click: () => setSeen(clip, !seen.has(clip)) }, icon("check"), "Seen");
  return el("div", { class: "clip-bar" },
    el("button", { type: "button", class: "square", "aria-label": "Close", title: "Close (Esc)", click: () => closeClip() }, icon("close")),
    step(-1, "Previous clip", "up", "k"), step(1, "Next clip", "down", "j"),
    el("span", { class: "place" }, place < 0 ? "Not in this list" : `${(place + 1).toLocaleString("en")} of ${shown.length.toLocaleString("en")}`),
    toggle);
}

function filmOf(clip) {
  const source = fileUrl(clip.files.get("mp4") ?? clip.files.get("webm"));
  const poster = fileUrl(clip.files.get("poster"));
  const shape = (element) => {
    element.style.aspectRatio = `${Number(clip.width_px) || 16} / ${Number(clip.height_px) || 9}`;
    return element;
  };
  if (clip.status === "failed") {
    return el("div", { class: "no-film", "data-status": "failed" }, icon("error"), el("p", { class: "strong" }, "This clip could not be made"),
      clip.error && el("p", { told: true }, clip.error.message), clip.error && el("p", {}, el("code", { told: true }, clip.error.code)));
  }
  if (clip.status === "waiting") {
    return el("div", { class: "no-film" }, icon("clock"), el("p", { class: "strong" }, "This clip has not been made yet"),
      el("p", {}, index.finished ? "The batch ended before its turn came." : "The batch is still at work."),
      !index.finished && reloadButton());
  }
  if (source) {
    video = shape(el("video", { controls: true, playsinline: true, preload: "none", poster, src: source, "aria-label": `Film: ${clip.title}` }));
    captions(clip, video);
    return video;
  }
  const still = fileUrl(clip.files.get("gif")) ?? poster;
  if (still) return shape(el("img", { src: still, alt: clip.title }));
  return el("div", { class: "no-film" }, icon("film"), el("p", { class: "strong" }, "There is no film of this clip in the folder"));
}

// From the steps and not from clip.vtt, which a browser will not load from a disk. Off until asked for: the picture tells them too.
function captions(clip, video) {
  if (!clip.steps.length || typeof VTTCue !== "function") return;
  const track = video.addTextTrack("captions", "Steps", "en");
  const text = (step) => step.text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  clip.steps.forEach((step, number) => {
    const end = clip.steps[number + 1]?.video_ms ?? clip.duration_ms ?? step.video_ms + SEEK_MS;
    if (end > step.video_ms) track.addCue(new VTTCue(step.video_ms / 1000, end / 1000, text(step)));
  });
}

const lengthOf = (clip) => clip.duration_ms || (video?.duration > 0 ? video.duration * 1000 : 0);
const clockOf = (clip) => (ms) => timecode(ms, (clip.duration_ms ?? TENTHS_BELOW_MS) < TENTHS_BELOW_MS);

// The lists beside say the same to those who do not see it or use no mouse.
function lane(clip) {
  const length = lengthOf(clip);
  if (!length) return null;
  const at = (element, ms) => {
    element.style.left = `${Math.min(100, Math.max(0, (ms / length) * 100))}%`;
    return element;
  };
  const ruler = el("div", { class: "ruler" },
    el("span", { class: "played" }),
    clip.steps.map((step) => at(el("span", { class: "tick", "data-level": step.level, title: step.text }), step.video_ms)),
    clip.moments.filter((each) => each.video_ms !== null).map((each) => at(el("span", { class: "mark", "data-severity": each.severity, title: each.title }), each.video_ms)),
    el("span", { class: "playhead" }));
  return el("div", { class: "lane", "aria-hidden": "true", click: (event) => {
    const { left, width } = ruler.getBoundingClientRect();
    seek(Math.min(1, Math.max(0, (event.clientX - left) / width)) * length);
  } }, ruler);
}

function steps(clip) {
  if (!video && !clip.steps.length) return null;
  const clock = clockOf(clip);
  const shapes = { info: "play", warning: "warning", error: "error" };
  return el("section", { class: "steps", "aria-labelledby": "steps-title" },
    el("h3", { id: "steps-title" }, "Steps", el("span", { class: "count" }, String(clip.steps.length))),
    clip.steps.length === 0 ? el("p", { class: "none" }, "Nothing is told of this clip.") : el("ol", { class: "step-list" }, clip.steps.map((step) => {
      const inside = [el("span", { class: "at" }, clock(step.video_ms)), icon(shapes[step.level]),
        el("span", { class: "what", told: true }, step.level !== "info" && el("span", { class: "aside" }, `${titled(step.level)}: `), breakable(step.text))];
      return el("li", { "data-level": step.level }, video ? el("button", { type: "button", class: "step", click: () => seek(step.video_ms) }, inside) : el("div", { class: "step" }, inside));
    })));
}

function moments(clip) {
  const clock = clockOf(clip);
  return el("section", { class: "moments", "aria-labelledby": "moments-title" },
    el("h3", { id: "moments-title" }, "Moments", el("span", { class: "count" }, String(clip.moments.length))),
    el("ol", {}, clip.moments.map((each) => {
      const inside = [el("span", { class: "at" }, !video ? timecode(each.at_ms) : each.video_ms === null ? "–" : clock(each.video_ms)), badge(each.severity),
        el("span", { class: "what" }, el("span", { class: "told", told: true }, each.title), el("span", { class: "small" }, el("span", { told: true }, each.rule),
          ` · ${timecode(each.at_ms)} of the session${video && each.video_ms === null ? ", not in the clip" : ""}`))];
      return el("li", {}, video && each.video_ms !== null ? el("button", { type: "button", class: "moment", click: () => seek(each.video_ms) }, inside) : el("div", { class: "moment" }, inside));
    })));
}

function links(clip) {
  const replay = webUrl(clip.replay_url);
  const order = Object.keys(FILES);
  const files = [...clip.files].filter(([, file]) => fileUrl(file)).sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
  if (!replay && !files.length) return null;
  return el("p", { class: "links" },
    replay && el("a", { class: "button primary", href: replay.href, target: "_blank", rel: "noopener noreferrer", title: replay.href }, icon("out"), `Replay on ${replay.host}`),
    files.map(([kind, file]) => el("a", { class: "button", href: fileUrl(file), target: "_blank", rel: "noopener", title: file.path },
      Object.hasOwn(FILES, kind) ? FILES[kind] : kind, el("span", { class: "small" }, size(file.bytes)))));
}

function facts(clip) {
  const { browser, os, device, person } = clip.environment;
  const told = (text, kind = "span") => text && el(kind, { told: true }, text);
  const rows = [
    ["Session", told(clip.session, "code")],
    ["Recording", clip.recording_id !== clip.session && told(clip.recording_id, "code")],
    ["Started", when(clip.started_at)],
    ["Shown", `${timecode(clip.range.from_ms)} – ${timecode(clip.range.to_ms)} of ${timecode(clip.session_ms)}${clip.duration_ms === null ? "" : `, in ${clockOf(clip)(clip.duration_ms)}`}`],
    ["Browser", told(browser)], ["System", told(os)], ["Device", told(device)], ["Person", told(person)],
  ];
  return el("section", { class: "facts", "aria-labelledby": "facts-title" }, el("h3", { id: "facts-title" }, "Where it comes from"),
    el("dl", {}, rows.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value)))));
}

// Goes there, and plays on if it played. `preload="none"` has loaded nothing before the first time.
function seek(ms) {
  const film = video;
  if (!film) return;
  const go = () => {
    film.currentTime = Math.max(0, ms) / 1000;
    const { seekable } = film;
    // Chromium goes nowhere in a film from a server without ranges, such as python -m http.server, also when all of it has come.
    if (ms > 0 && !(seekable.length && seekable.end(seekable.length - 1) > 0)) pane.querySelector(".stuck").hidden = false;
  };
  if (film.readyState >= HTMLMediaElement.HAVE_METADATA) return go();
  film.addEventListener("loadedmetadata", go, { once: true });
  if (film.paused && film.preload !== "auto") {
    film.preload = "auto";
    film.load();
  }
}

function seekBy(ms) {
  if (video) seek(video.currentTime * 1000 + ms);
}

function playOrPause() {
  if (!video) return;
  if (video.paused) video.play().catch(() => {}); // The player shows it itself.
  else video.pause();
}

function follow(clip) {
  if (!video) return;
  const film = video;
  const list = pane.querySelector(".step-list");
  const items = [...(list?.children ?? [])];
  const box = pane.querySelector(".lane");
  let last = null;
  const look = () => {
    const now = Math.round(film.currentTime * 1000);
    if (box) {
      const share = `${Math.min(100, (now / lengthOf(clip)) * 100)}%`;
      box.querySelector(".played").style.width = share;
      box.querySelector(".playhead").style.left = share;
    }
    const current = items[clip.steps.findLastIndex((step) => step.video_ms <= now)] ?? null;
    if (current === last) return;
    last?.firstChild.removeAttribute("aria-current");
    current?.firstChild.setAttribute("aria-current", "step");
    last = current;
    // By hand: scrollIntoView would move the page, too.
    if (current && list.scrollHeight > list.clientHeight) list.scrollTop = current.offsetTop - list.clientHeight / 2;
  };
  for (const event of ["timeupdate", "seeking", "seeked"]) film.addEventListener(event, look);
}
