"""No secret is in the page at any picture: not in the replayed documents, their styles and shadow trees, not in the overlays."""

from pathlib import Path
from typing import Any

from renderer.plan.model import ClipPlan
from renderer.player.protocol import Scene
from renderer.player.scene.build import build_scene
from renderer.recording.raw import RawRecording
from renderer.recording.read import read_recording
from renderer.redact import DEFAULT, redact_events, redact_recording
from renderer.redact.policy.model import Custom, Text
from renderer.story.steps import choose_steps
from renderer.timeline.build import build_timeline
from tests.canaries import planted, survivors
from tests.integration.filming import film_recording

POLICY = DEFAULT.model_copy(
    update={"text": Text(patterns=DEFAULT.text.patterns, custom=(Custom(name="canary", regex="ZQX-[0-9]+-END"),))}
)

# Everything that a document holds, whether it shows or not: attributes, texts, comments, what is typed, rules, shadow trees, frames.
EVERYTHING = """(() => {
  const found = [];
  const roots = [document];
  for (const root of roots) {
    for (const sheet of [...(root.styleSheets ?? []), ...(root.adoptedStyleSheets ?? [])]) {
      try { for (const rule of sheet.cssRules) found.push(rule.cssText); } catch { found.push(String(sheet.href)); }
    }
    const walker = (root.ownerDocument ?? root).createTreeWalker(root, NodeFilter.SHOW_ALL);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
      if (node.nodeValue) found.push(node.nodeValue);
      for (const { name, value } of node.attributes ?? []) found.push(name, value);
      if (typeof node.value === "string") found.push(node.value);
      if (node.shadowRoot) roots.push(node.shadowRoot);
      if (node.contentDocument) roots.push(node.contentDocument);
    }
    if (root.title) found.push(root.title, root.URL);
  }
  return found.join("\\n");
})()"""


def test_no_secret_is_in_the_page_at_any_picture(tmp_path: Path) -> None:
    what = planted(lambda place: f"ZQX-{sum(ord(sign) * (7 + at) for at, sign in enumerate(place))}-END")
    path = tmp_path / "session.jsonl"
    path.write_bytes(what.recording)
    recording = read_recording(RawRecording("session", path, path.stat().st_size))
    safe = redact_recording(recording, POLICY).recording
    timeline = build_timeline(safe, redact_events(what.events, POLICY)[0])

    def scene(plan: ClipPlan) -> Scene:
        return build_scene(plan, timeline, choose_steps(timeline, plan))

    options: dict[str, Any] = {"scene": scene, "peek": EVERYTHING, "overlays": "auto", "size": "640x360"}
    (tmp_path / "open").mkdir()
    control = film_recording(recording, tmp_path / "open", **options)
    assert len(survivors(what.secrets, "\n".join(control.peeks.values()).encode())) > 25, (
        "they must be there to be found"
    )

    film = film_recording(safe, tmp_path / "safe", **options)
    assert len(film.peeks) >= len(film.frames) > 3
    assert survivors(what.secrets, film.problem.encode()) == []
    for session_ms, seen in film.peeks.items():
        assert survivors(what.secrets, seen.encode()) == [], f"at {session_ms} ms"
