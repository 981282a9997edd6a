"""A made-up session of any length: every two minutes somebody asks a chat something, reads the answer, and is away.

About 15% of it is active (gaps of less than 5 s): the pointer moves in bursts, keys are typed at 48 words a minute, an answer comes
after two seconds and streams in word by word, is read and scrolled. Nothing moves in the rest, animations included. The same
length gives the same bytes.
"""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

START_MS = 1_760_000_000_000
ROUND_MS = 120_000
WIDTH_PX, HEIGHT_PX = 1280, 720
LOG, BOX, SEND = 20, 30, 31
SEND_AT = (1180, 675)
BOX_AT = (500, 675)
POINTER_BATCH = 10

ANSWER = (
    "your order left the warehouse this morning and the carrier expects to deliver it on Thursday before noon if you "
    "would rather collect it yourself say so and we keep it at the counter until Saturday evening at no cost"
)
WORDS = ANSWER.split()
CSS = """
body { margin: 0; font: 16px/1.5 "Liberation Sans", sans-serif; background: #f4f5f7; color: #1f2430 }
header { height: 56px; line-height: 56px; padding: 0 24px; background: linear-gradient(90deg, #3b4cca, #7a3bca); color: #fff }
nav { position: absolute; top: 56px; bottom: 0; width: 220px; background: #fff; border-right: 1px solid #dde }
nav p { margin: 8px 16px; padding: 6px 10px; border-radius: 8px; background: #eef0f6 }
#log { position: absolute; top: 56px; bottom: 90px; left: 220px; right: 0; overflow-y: scroll; padding: 16px 32px }
.said { max-width: 70%; padding: 10px 16px; margin: 8px 0; border-radius: 14px; background: #fff; box-shadow: 0 1px 4px #0002 }
.mine { margin-left: auto; background: #dfe6ff }
footer { position: absolute; bottom: 0; left: 220px; right: 0; height: 90px; background: #fff; border-top: 1px solid #dde }
input { position: absolute; left: 32px; top: 24px; width: 800px; height: 42px; font: inherit }
button { position: absolute; right: 32px; top: 24px; width: 120px; height: 46px; font: inherit; border-radius: 10px }
"""


def write_session(path: Path, length_ms: int) -> None:
    """The session as gzip-compressed JSON lines."""
    lines = "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in events(length_ms))
    path.write_bytes(gzip.compress(lines.encode(), 6, mtime=0))


def events(length_ms: int) -> Iterator[Json]:
    yield {
        "type": 4,
        "data": {"href": "https://chat.example/", "width": WIDTH_PX, "height": HEIGHT_PX},
        "timestamp": START_MS,
    }
    yield {"type": 2, "data": {"node": _document(), "initialOffset": {"left": 0, "top": 0}}, "timestamp": START_MS + 20}
    user = _User()
    for round_ms in range(0, length_ms, ROUND_MS):
        for event in user.ask(round_ms + 3000):
            if event["timestamp"] - START_MS < length_ms:
                yield event
    # A session is as long as its last event says.
    yield {"type": 5, "data": {"tag": "end", "payload": {}}, "timestamp": START_MS + length_ms}


class _User:
    def __init__(self) -> None:
        self._random = random.Random(20)
        self._at_ms = 0
        self._node = 1000
        self._turns = 0
        self._place = (640, 360)

    def ask(self, at_ms: int) -> Iterator[Json]:
        """One question and its answer, about 18 s in all; the pauses in between are a person's and a model's."""
        choose = self._random
        self._at_ms = at_ms
        self._turns += 1
        yield from self._go(BOX_AT, 700)
        yield from self._click(BOX)
        self._at_ms += 1500
        typed = ""
        for letter in " ".join(choose.choices(WORDS, k=4))[:18]:
            typed += letter
            self._at_ms += choose.randrange(180, 320)
            yield self._incremental(5, {"text": typed, "isChecked": False, "id": BOX})
        self._at_ms += 600
        yield from self._go(SEND_AT, 500)
        yield from self._click(SEND)
        yield self._incremental(5, {"text": "", "isChecked": False, "id": BOX})
        yield self._say("said mine", typed)
        self._at_ms += 1800
        answer = self._say("said", "")
        yield answer
        text_id = answer["data"]["adds"][1]["node"]["id"]
        said: list[str] = []
        for word in choose.choices(WORDS, k=40):
            said.append(word)
            self._at_ms += choose.randrange(30, 90)
            yield self._mutation(texts=[{"id": text_id, "value": " ".join(said)}])
            if len(said) % 10 == 1:
                yield self._scroll(100_000)  # as chats do: the end stays in view
        self._at_ms += 3000
        for back in (60, 140, 220):
            self._at_ms += 150
            yield self._scroll(max(0, self._turns * 100 - back))
        self._at_ms += 2500
        yield from self._go((choose.randrange(300, 1200), choose.randrange(100, 500)), 600)

    def _go(self, to: tuple[int, int], during_ms: int) -> Iterator[Json]:
        """Positions every 50 ms, sent in batches of 500 ms, as rrweb does."""
        (x, y), steps = self._place, during_ms // 50
        path = [(x + (to[0] - x) * n // steps, y + (to[1] - y) * n // steps) for n in range(1, steps + 1)]
        for first in range(0, steps, POINTER_BATCH):
            batch = path[first : first + POINTER_BATCH]
            self._at_ms += 50 * len(batch)
            positions = [
                {"x": x, "y": y, "id": LOG, "timeOffset": -50 * (len(batch) - 1 - number)}
                for number, (x, y) in enumerate(batch)
            ]
            yield self._incremental(1, {"positions": positions})
        self._place = to

    def _scroll(self, to_px: int) -> Json:
        return self._incremental(3, {"id": LOG, "x": 0, "y": to_px})

    def _click(self, node: int) -> Iterator[Json]:
        for kind in (1, 0, 2):  # down, up, click
            self._at_ms += 30
            yield self._incremental(2, {"type": kind, "id": node, "x": self._place[0], "y": self._place[1]})

    def _say(self, names: str, text: str) -> Json:
        self._node += 2
        box = _element(self._node, "div", {"class": names})
        return self._mutation(
            adds=[
                {"parentId": LOG, "nextId": None, "node": box},
                {"parentId": self._node, "nextId": None, "node": _text(self._node + 1, text)},
            ]
        )

    def _mutation(self, **lists: list[Json]) -> Json:
        return self._incremental(0, {"texts": [], "attributes": [], "removes": [], "adds": []} | lists)

    def _incremental(self, source: int, data: Json) -> Json:
        return {"type": 3, "data": {"source": source} | data, "timestamp": START_MS + self._at_ms}


def _document() -> Json:
    nav = _element(
        12, "nav", {}, *(_element(50 + 2 * n, "p", {}, _text(51 + 2 * n, f"Order {n}")) for n in range(1, 9))
    )
    foot = _element(
        14,
        "footer",
        {},
        _element(BOX, "input", {"type": "text", "value": ""}),
        _element(SEND, "button", {}, _text(32, "Send")),
    )
    body = _element(
        5,
        "body",
        {},
        _element(10, "header", {}, _text(11, "Northwind help")),
        nav,
        _element(LOG, "div", {"id": "log"}),
        foot,
    )
    head = _element(3, "head", {}, _element(4, "style", {"_cssText": CSS}))
    doctype = {"type": 1, "name": "html", "publicId": "", "systemId": "", "id": 6}
    return {"type": 0, "childNodes": [doctype, _element(2, "html", {"lang": "en"}, head, body)], "id": 1}


def _element(node: int, tag: str, attributes: Json, *children: Json) -> Json:
    return {"type": 2, "tagName": tag, "attributes": attributes, "childNodes": list(children), "id": node}


def _text(node: int, text: str) -> Json:
    return {"type": 3, "textContent": text, "id": node}
