// Making elements. Text is always a text node; what was recorded never becomes markup.

const SHAPES = {
  play: ["0 0 16 16", "M4 2 13 8 4 14Z"],
  warning: ["0 0 16 16", "M8 1 15.6 14.5H.4ZM7.1 6v4.2h1.8V6Zm0 5.3v1.7h1.8v-1.7Z"],
  error: ["0 0 16 16", "M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM5.3 4 8 6.7 10.7 4 12 5.3 9.3 8l2.7 2.7L10.7 12 8 9.3 5.3 12 4 10.7 6.7 8 4 5.3Z"],
  flag: ["0 0 16 16", "M3 1h1.8v1H14l-2.4 3.7L14 9.5H4.8V15H3Z"],
  clock: ["0 0 16 16", "M8 .8a7.2 7.2 0 1 0 0 14.4A7.2 7.2 0 0 0 8 .8Zm0 1.8a5.4 5.4 0 1 1 0 10.8A5.4 5.4 0 0 1 8 2.6ZM7.1 4.4v4.2l3.2 2 .9-1.5-2.3-1.4V4.4Z"],
  check: ["0 0 16 16", "M6.2 13 1.6 8.3 3 6.9l3.2 3.2L13 3.2l1.4 1.4Z"],
  search: ["0 0 16 16", "M6.7 1.2a5.5 5.5 0 0 1 4.4 8.8l3.7 3.7-1.3 1.3-3.7-3.7A5.5 5.5 0 1 1 6.7 1.2Zm0 1.8a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.4Z"],
  sliders: ["0 0 16 16", "M1 3.6h7.2a2.2 2.2 0 0 1 4.2 0H15v1.6h-2.6a2.2 2.2 0 0 1-4.2 0H1ZM1 10.8h2.6a2.2 2.2 0 0 1 4.2 0H15v1.6H7.8a2.2 2.2 0 0 1-4.2 0H1Z"],
  close: ["0 0 16 16", "M3.4 2 8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8 2 3.4Z"],
  up: ["0 0 16 16", "M8 4.4 14 10.4 12.6 11.8 8 7.2 3.4 11.8 2 10.4Z"],
  down: ["0 0 16 16", "M8 11.6 2 5.6 3.4 4.2 8 8.8 12.6 4.2 14 5.6Z"],
  out: ["0 0 16 16", "M9 1.5h5.5V7h-1.7V4.4L7.6 9.6 6.4 8.4l5.2-5.2H9ZM2 3h4.5v1.7H3.7v7.6h7.6V9.5H13V14H2Z"],
  film: ["0 0 16 16", "M1 2.5h14v11H1Zm1.7 1.7v7.6h10.6V4.2ZM6.3 5.6 10.5 8l-4.2 2.4Z"],
};

// `told`: the text was recorded, so its direction is its own.
function el(tag, settings = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "click") element.addEventListener("click", value);
    else if (name === "told") element.dir = "auto";
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const [box, shape] = SHAPES[name];
  svg.setAttribute("viewBox", box);
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("fill-rule", "evenodd");
  path.setAttribute("d", shape);
  svg.append(path);
  return svg;
}

// A long address breaks after a slash rather than within a word; a short one goes to the next line whole.
function breakable(text) {
  if (!/\S{30}/.test(text)) return text;
  return text.split(/(?<=\w\/)(?!\/)/).flatMap((part, place) => (place ? [el("wbr"), part] : [part]));
}

function badge(severity) {
  const shapes = { critical: "error", high: "error", medium: "warning", low: "flag" };
  return el("span", { class: "badge", "data-severity": severity }, icon(shapes[severity]), titled(severity));
}

const titled = (word) => word.charAt(0).toUpperCase() + word.slice(1);
const counted = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

// As the clock in the picture shows it: 0:05, 1:02:03; of what is shorter than 10 s, tenths.
function timecode(ms, tenths = false) {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const head = hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  return tenths ? `${head}.${Math.floor((Math.max(0, ms) % 1000) / 100)}` : head;
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// In English whatever the browser speaks, as the page is, and with the month in letters: 05/06 is two days.
const DATE = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

function when(text, format = DATE) {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : el("time", { datetime: text, title: text }, format.format(at));
}

// A file of this folder. Each segment is encoded, so a name with `#`, `?` or `%` is a name, and none leads out of the folder.
function fileUrl(file) {
  const parts = file?.path?.split("/") ?? [];
  if (!parts.length || parts.some((part) => part === "" || part === "." || part === "..")) return null;
  return `./${parts.map(encodeURIComponent).join("/")}`;
}

// `javascript:` and its like are no addresses of a replay.
function webUrl(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}
