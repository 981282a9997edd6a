"""The shipped sample: its recorder masks text by class, and what was typed into such a field is in it in clear."""

from pathlib import Path

from renderer.recording.read import read_recording
from renderer.redact import DEFAULT, redact_recording
from renderer.sources.file import fetch
from tests.unit.redact_fixtures import events_of, everything

SAMPLE = Path(__file__).parents[2] / "examples" / "chat" / "session.jsonl.gz"


def test_the_e_mail_address_that_is_typed_appears_nowhere() -> None:
    given = read_recording(fetch(str(SAMPLE)))
    assert given.privacy.mask_text == (".pii", ".ph-mask")
    before = everything(given)
    assert b"dana.reyes@example.com" in before
    assert b'"dana.rey' in before
    done = redact_recording(given, DEFAULT)
    after = everything(done.recording)
    assert not [part for part in (b"dana.", b"reyes", b'"dan"') if part in after.lower()]
    typed = [event["data"]["text"] for event in events_of(done) if event["data"].get("source") == 5]
    assert "•" * 22 in typed
    assert done.report["masked_inputs"] >= 22


def test_what_the_visitor_asks_and_is_answered_stays() -> None:
    given = read_recording(fetch(str(SAMPLE)))
    done = redact_recording(given, DEFAULT)
    assert done.recording.event_count == given.event_count
    unchanged = sum(a is b for a, b in zip(given.windows[0].events, done.recording.windows[0].events, strict=True))
    assert unchanged > 450
    for word in (b"Billing help", b"Northwind Cloud"):
        assert everything(given).count(word) == everything(done.recording).count(word)
    assert done.aliases == {}
