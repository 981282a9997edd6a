"""What a policy hides is in nothing that leaves: no file, no line on the terminal, no picture."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.canaries import planted, survivors
from tests.e2e.program import Program
from tests.unit.recordings import START_MS, dump, full, meta, mutation

POLICY = """\
[[text.custom]]
name = "canary"
regex = "ZQX-[0-9]+-END"
"""


def _canary(place: str) -> str:
    return f"ZQX-{sum(ord(sign) * (7 + number) for number, sign in enumerate(place))}-END"


def test_no_secret_leaves_in_any_file(renderer: Program) -> None:
    what = planted(_canary)
    (renderer.folder / "session.jsonl").write_bytes(what.recording)
    (renderer.folder / "policy.toml").write_text(POLICY)
    events = [
        {
            "event": event.name,
            "timestamp": datetime.fromtimestamp(event.at_unix_ms / 1000, UTC).isoformat(),
            "properties": {**event.properties, "$lib": "web" if event.origin == "browser" else "posthog-python"},
            "distinct_id": event.distinct_id,
            "person": event.person,
        }
        for event in what.events.events
    ]
    (renderer.folder / "events.json").write_text(json.dumps(events))
    typed = ("--events", "events.json", "--redact", "policy.toml", "--size", "640x360", "--assets", "offline")

    shown = renderer("inspect", "session.jsonl", *typed[:4], "--json")
    result = renderer("clip", "session.jsonl", "-o", "bug.mp4", "-o", "bug.webm", "-o", "bug.gif", *typed)
    assert (shown.code, result.code) == (0, 0), (shown.err, result.err)
    assert survivors(what.secrets, (shown.out + shown.err + result.out + result.err).encode()) == []
    made = [path for path in renderer.folder.iterdir() if path.name.startswith("bug.")]
    assert len(made) == 7
    for path in made:
        assert survivors(what.secrets, path.read_bytes()) == [], path.name
    chapters = subprocess.run(
        ["ffprobe", "-v", "error", "-show_chapters", "-show_format", "-of", "json", str(renderer.folder / "bug.mp4")],
        capture_output=True,
        check=True,
    )
    assert json.loads(chapters.stdout)["chapters"]
    assert survivors(what.secrets, chapters.stdout) == []

    manifest = json.loads((renderer.folder / "bug.json").read_text())
    assert manifest["redaction"]["policy"] == "policy.toml"
    assert manifest["redaction"]["counts"]["canary"] > 50
    assert "policy.toml" in (renderer.folder / "bug.md").read_text()


def _letter(address: str) -> list[dict[str, Any]]:
    """A page with an address in large letters, one in a field, and a message that is not to be hidden."""
    style = {"style": "font: 44px Liberation Sans, sans-serif; margin: 30px; color: #000; background: #fff"}
    field = {"style": "font: 44px Liberation Sans; width: 1100px; margin: 30px", "type": "text", "value": ""}

    def words(own: int, said: str) -> dict[str, Any]:
        text = {"type": 3, "id": own + 1, "textContent": said}
        return {"type": 2, "id": own, "tagName": "p", "attributes": style, "childNodes": [text]}

    body = [
        words(40, f"Write to {address}"),
        words(50, "Your order is on its way"),
        {"type": 2, "id": 60, "tagName": "input", "attributes": field, "childNodes": []},
    ]
    typed = [
        {"type": 3, "timestamp": START_MS + 300 + 20 * length, "data": data}
        for length in range(1, len(address) + 1)
        for data in [{"source": 5, "id": 60, "text": address[:length], "isChecked": False}]
    ]
    return [meta(0, 1280, 720), full(0, body), *typed, mutation(1500, texts=[{"id": 51, "value": "It arrived"}])]


def _read(video: Path, at_s: float) -> str:
    """The words in a frame, as Tesseract reads them."""
    picture = video.with_suffix(f".{at_s}.png")
    # A frame is shown until the next one comes: seeking would give that next one.
    asked = ["-i", str(video), "-vf", f"fps=25,select=eq(n\\,{round(at_s * 25)})", "-frames:v", "1", str(picture)]
    subprocess.run(["ffmpeg", "-v", "error", *asked], check=True)
    done = subprocess.run(["tesseract", str(picture), "-", "--psm", "11"], capture_output=True, check=True, text=True)
    return " ".join(done.stdout.split())


def test_an_address_is_read_in_a_frame_only_when_redaction_is_off(renderer: Program) -> None:
    address = "jane.doe@example.com"
    (renderer.folder / "session.json").write_text(dump(_letter(address)))
    bare = ("--overlays", "none", "--assets", "offline", "--idle", "keep")
    assert renderer("clip", "session.json", "-o", "open.mp4", "--redact", "off", *bare).code == 0
    assert renderer("clip", "session.json", "-o", "safe.mp4", *bare).code == 0

    for at_s, said in ((0.1, "Your order is on its way"), (1.3, "Your order is on its way")):
        seen = _read(renderer.folder / "open.mp4", at_s)
        assert said in seen
        assert address in seen
        seen = _read(renderer.folder / "safe.mp4", at_s)
        assert said in seen
        assert not any(part in seen.lower() for part in ("jane", "doe@", "example"))
    # Half-way through the typing: no pattern is complete yet, and the first letters are hidden all the same.
    assert "jane.doe" in _read(renderer.folder / "open.mp4", 0.5).replace(f"Write to {address}", "")
    assert "jane" not in _read(renderer.folder / "safe.mp4", 0.5).lower()

    summary = (renderer.folder / "open.md").read_text()
    assert "edaction" in summary.split("###", 1)[0]
    assert "off" in summary.split("###", 1)[0]
    assert json.loads((renderer.folder / "open.json").read_text())["redaction"]["policy"] == "off"
