"""Records the sample again: starts the app, lets the visitor loose in headless Chromium, writes what the recorder sent.

Writes session.jsonl.gz (PostHog's blob_v2 lines, `["<window id>", {event}]`) and events.json (the analytics events).
Run it through `make sample`; nothing but the loopback interface is used.
"""

import gzip
import json
import os
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright, ViewportSize, sync_playwright

from serve import Origins
from story import tell

HERE = Path(__file__).parent
SIZE: ViewportSize = {"width": 1280, "height": 720}
# The rest of what posthog-js sends describes the library and the machine; a reader of the session wants none of it.
KEPT = (
    "$session_id", "$window_id", "$current_url", "$pathname", "$host", "$browser", "$browser_version", "$os",
    "$device_type", "$screen_width", "$screen_height", "$viewport_width", "$viewport_height", "$lib", "$lib_version",
    "$event_type", "$el_text", "title", "distinct_id",
)  # fmt: skip


def launch(playwright: Playwright, port: int) -> Browser:
    """Debian's headless shell where it is; otherwise the one that `playwright install --only-shell chromium` brings."""
    path = os.environ.get("RENDERER_CHROMIUM") or shutil.which("chromium-headless-shell")
    hosts = ", ".join(f"MAP {name}.northwind.example 127.0.0.1:{port}" for name in ("chat", "status", "ingest"))
    # posthog-js records no network timing on localhost, hence names; no other name leads anywhere.
    args = [
        f"--host-resolver-rules={hosts}, MAP * ~NOTFOUND",
        "--force-color-profile=srgb",
        "--font-render-hinting=none",
    ]
    return playwright.chromium.launch(executable_path=path, args=args, chromium_sandbox=os.geteuid() != 0)


def record() -> Origins:
    server = Origins()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = launch(playwright, server.server_port)
        agent = f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{browser.version.split('.')[0]}.0.0.0 Safari/537.36"
        context = browser.new_context(viewport=SIZE, user_agent=agent, locale="en-US", timezone_id="UTC")
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto("http://chat.northwind.example/", wait_until="load")
        tell(page)
        # The recorder flushes every 2 s, its request queue every 3 s.
        page.wait_for_timeout(6000)
        # Before the page goes: its $pageleave would lie seconds after the end of the recording.
        server.shutdown()
        browser.close()
    server.server_close()
    if faults:
        raise SystemExit(f"The app failed while it was recorded: {faults[0]}")
    return server


def session_lines(messages: list[dict[str, Any]]) -> list[str]:
    """One line per rrweb event, by time."""
    rows = [
        (event["timestamp"], message["properties"]["$window_id"], event)
        for message in messages
        for event in message["properties"]["$snapshot_data"]
    ]
    rows.sort(key=lambda row: row[0])
    return [json.dumps([window, event], ensure_ascii=False, separators=(",", ":")) for _, window, event in rows]


def moment(event: dict[str, Any]) -> str:
    """ISO 8601; an event carries either its own time or its age in ms when the batch was sent."""
    if "timestamp" in event:
        at = datetime.fromisoformat(event["timestamp"])
    else:
        at = datetime.fromisoformat(event["sent_at"]) - timedelta(milliseconds=event["offset"])
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def analytics(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [
        {
            "uuid": event["uuid"],
            "event": event["event"],
            "timestamp": moment(event),
            "distinct_id": event["properties"]["distinct_id"],
            "properties": {
                name: value
                for name, value in event["properties"].items()
                if name in KEPT or name.startswith("$ai_") or (name[0] != "$" and name != "token")
            },
        }
        for event in events
    ]
    return sorted(rows, key=lambda row: row["timestamp"])


def main() -> None:
    server = record()
    lines = session_lines(server.ingest.snapshots)
    packed = gzip.compress("\n".join(lines).encode() + b"\n", 9, mtime=0)
    (HERE / "session.jsonl.gz").write_bytes(packed)
    events = analytics(server.ingest.events)
    (HERE / "events.json").write_text(json.dumps(events, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    print(f"session.jsonl.gz: {len(lines)} recording events, {len(packed):,} bytes; events.json: {len(events)} events")


if __name__ == "__main__":
    main()
