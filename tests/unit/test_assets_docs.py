"""docs/assets.md says what the code does: its limits, its times and its warnings."""

from pathlib import Path

import pytest

from renderer.assets import policy, tally
from renderer.assets.asset import Asset
from renderer.assets.budget import TIMEOUTS_BEFORE_DOWN
from renderer.assets.entries import DAY_S, FAILED_S, GONE_S, OFFLINE_S
from renderer.assets.fetch import Limits
from renderer.assets.library import CACHE_BYTES
from renderer.assets.pictures import MAX_PIXELS
from renderer.notices import Notices

TEXT = " ".join((Path(__file__).parents[2] / "docs" / "assets.md").read_text().split())
LIMITS = Limits()


@pytest.mark.parametrize(
    "sentence",
    [
        f"| looking up a name, connecting | {LIMITS.connect_s:g} s each |",
        f"| silence while reading | {LIMITS.read_s:g} s |",
        f"| one request in all | {LIMITS.total_s:g} s |",
        f"| connections | {LIMITS.connections_per_server} to a server, {LIMITS.connections} in all |",
        f"more than {LIMITS.body_bytes >> 20} MB",
        f"and {LIMITS.budget_bytes >> 20} MB",
        f"more than {MAX_PIXELS // 1_000_000} million pixels",
        f"Above {CACHE_BYTES >> 30} GB",
        f"| 404, 410 | {GONE_S / DAY_S:g} days |",
        f"| {FAILED_S / DAY_S:g} day |",
        f"| {OFFLINE_S / 60:g} minutes |",
        *(f"`{name}`" for name in policy._LOCAL_NAMES),
    ],
)
def test_figures(sentence: str) -> None:
    assert sentence in TEXT


def test_figures_in_words() -> None:
    assert LIMITS.redirects == 5
    assert "at most five" in TEXT
    assert TIMEOUTS_BEFORE_DOWN == 3
    assert "let three requests in a row time out" in TEXT


def test_every_warning_is_listed() -> None:
    counts, notices = tally.Tally(), Notices()
    counts.answered(Asset("http://a.test/", 200, "", b"", "failed", reason="budget"), "a.test", shown=True)
    counts.unwritable()
    counts.report(notices, 30.0)
    codes = [notice.code for notice in notices]
    assert codes == ["missing_assets", "asset_budget_spent", "asset_cache_unwritable"]
    for code in codes:
        assert f"| `{code}` |" in TEXT
