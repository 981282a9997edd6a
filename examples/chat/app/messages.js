// What stands in the conversation, built piece by piece as it streams in.
const list = document.getElementById("messages"), column = document.getElementById("column");
const THUMB = '<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><path d="M6.5 9 9.6 2.8c1.3 0 2.2.9 2.2 2.2V8h3.9c1 0 1.7.9 1.5 1.9l-1.1 5.6c-.2.9-.9 1.5-1.8 1.5H6.5ZM6.5 9H3.5v8h3" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/></svg>';

/** Follows the newest message, unless the reader has scrolled up. */
function follow(change) {
  const following = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  const result = change();
  if (following) list.scrollTop = list.scrollHeight;
  return result;
}

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** A new bubble of "user" or "model"; returns the bubble. The one who asks always sees the question arrive. */
export function addTurn(role) {
  const bubble = element("div", "bubble");
  const turn = element("div", role === "user" ? "turn user" : "turn model-turn");
  if (role !== "user") turn.append(element("span", "nora", "N"));
  turn.append(bubble);
  column.append(turn);
  list.scrollTop = list.scrollHeight;
  requestAnimationFrame(() => { list.scrollTop = list.scrollHeight; });
  return bubble;
}

/** The model's turn: typing dots until the first part comes, then blocks that grow word by word. */
export class Answer {
  constructor() {
    this.bubble = addTurn("model");
    this.dots = element("div", "dots", element("i"), element("i"), element("i"));
    this.bubble.append(this.dots);
  }

  add(part) {
    follow(() => {
      if (this.dots) {
        this.dots.remove();
        this.dots = null;
        this.bubble.classList.add("streaming");
      }
      if (part.block) this.open(part.block);
      else if (part.row) this.row(part.row);
      else if (part.mark) this.marked(part);
      else this.block.append(part.text);
    });
  }

  marked({ mark, text }) {
    const [tag, className] = mark === "pii" ? ["span", "pii"] : [mark, ""];
    const last = this.block.lastChild;
    if (last?.localName === tag) last.append(text);
    else this.block.append(element(tag, className, text));
  }

  open(kind) {
    this.block = kind === "table" ? element("table", "figures") : element(kind === "code" ? "pre" : "p", kind === "code" ? "command" : "");
    this.bubble.append(this.block);
  }

  row(cells) {
    const tag = this.block.rows.length ? "td" : "th";
    this.block.append(element("tr", "", ...cells.map((cell) => element(tag, "", cell))));
  }

  finish(foot) {
    follow(() => {
      this.bubble.classList.remove("streaming");
      this.bubble.append(foot);
    });
  }

  fail(notice) {
    follow(() => this.bubble.replaceChildren(notice));
  }

  say(text) {
    this.bubble.replaceChildren(element("p", "", text));
  }
}

/** Thumbs up and down; `onRate(satisfied)` is called once. */
export function rating(onRate) {
  const foot = element("div", "rating");
  for (const [kind, label, turn] of [["up", "Good answer", ""], ["down", "Bad answer", "rotate(180deg)"]]) {
    const button = element("button", kind);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.innerHTML = THUMB;
    button.firstChild.style.transform = turn;
    button.addEventListener("click", () => {
      if (foot.querySelector(".chosen")) return;
      button.classList.add("chosen");
      onRate(kind === "up");
    });
    foot.append(button);
  }
  foot.append(element("small", "", "Was this helpful?"));
  return foot;
}

/** Says that the model did not answer, and offers to ask again. */
export function failure(retry) {
  const again = element("button", "", "Try again");
  again.type = "button";
  const notice = element("div", "failed", element("span", "", "Nora is overloaded and could not answer."), again);
  again.addEventListener("click", () => {
    notice.closest(".turn").remove();
    retry();
  });
  return notice;
}
