"""The page as Chromium gets it: self-contained, with a policy that forbids all else."""

import json
import re
from pathlib import Path

from renderer.player import bundle

LOCK = Path(__file__).parents[2] / "player_assets" / "package-lock.json"


def test_every_page_has_a_fresh_nonce_and_only_its_own_script() -> None:
    one, other = bundle.page(), bundle.page()
    policies = [dict(page.headers)["Content-Security-Policy"] for page in (one, other)]
    nonces = [re.search(r"script-src 'nonce-([\w-]{16,})'", policy) for policy in policies]
    assert nonces[0]
    assert nonces[1]
    assert nonces[0][1] != nonces[1][1]
    text = one.body.decode()
    assert text.count(f'nonce="{nonces[0][1]}"') == text.count("<script") == 1
    assert text.count("</script>") == 1
    assert "%NONCE%" not in text


def test_the_policy_allows_no_other_script_frame_or_connection() -> None:
    policy = dict(bundle.page().headers)["Content-Security-Policy"]
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
    assert rules["default-src"] == ["'none'"]
    for name in ("connect-src", "object-src", "media-src", "worker-src", "form-action"):
        assert rules[name] == ["'none'"]
    for name in ("frame-src", "child-src", "manifest-src", "prefetch-src"):
        assert name not in rules, "default-src answers for it"
    assert "'unsafe-inline'" not in rules["script-src"]
    assert "'unsafe-eval'" not in rules["script-src"]
    assert "'strict-dynamic'" not in rules["script-src"]


def test_the_page_names_nothing_to_load() -> None:
    text = bundle.page().body.decode()
    head = text[: text.index("<script")]
    assert not re.search(r"\b(src|href)=", head)
    assert "url(" not in head
    assert "@import" not in head


def test_the_version_of_rrweb_is_the_locked_one() -> None:
    locked = json.loads(LOCK.read_text("utf-8"))["packages"]["node_modules/@rrweb/replay"]["version"]
    assert bundle.rrweb_version() == locked
