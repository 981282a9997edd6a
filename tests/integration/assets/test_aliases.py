"""What the page knows by another name is asked for by its own, and nobody is told that."""

from renderer.notices import Notices
from tests.integration.assets.common import CDN, Open
from tests.integration.assets.site import Site, picture


def test_an_alias_is_answered_with_what_stands_at_the_original(library: Open, site: Site) -> None:
    site.has("/jane@example.com/a.png", picture(), "image/png")
    alias, original = f"{CDN}/****@*******.***/a.png?redacted=1", f"{CDN}/jane@example.com/a.png"
    one = library(aliases={alias: original})
    for _ in range(2):
        asset = one.submit(f"{alias}#top").result(5)
        assert (asset.status, asset.body, asset.url) == (200, picture(), f"{alias}#top")
    assert one.lookup(alias) is not None
    assert site.count() == {"/jane@example.com/a.png": 1}


def test_warnings_name_the_alias_alone(library: Open) -> None:
    notices = Notices()
    alias = "https://redacted.invalid/*?redacted=1"
    with library(aliases={alias: "http://unknown.example.test/jane@example.com.png"}, notices=notices) as one:
        assert not one.submit(alias).result(5).ok
    told = " ".join(notice.message for notice in notices)
    assert "redacted.invalid" in told
    assert "unknown.example.test" not in told
