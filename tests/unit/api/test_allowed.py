"""What callers may name: by prefix, and never out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.api.allowed import allowed_prefixes, check_reference, stored_id
from renderer.errors import RequestError

PREFIXES = allowed_prefixes("recording:, posthog:, S3://mine/web/,gs://ours,s3://one/exact.json, ,")


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("posthog:0190f1c2-7c3d", "posthog:0190f1c2-7c3d"),
        ("POSTHOG:abc?t=90", "posthog:abc?t=90"),
        ("posthog:https://us.posthog.com/replay/abc", "posthog:https://us.posthog.com/replay/abc"),
        ("s3://mine/web/a/b.json", "s3://mine/web/a/b.json"),
        ("s3://mine/web/a..b.json", "s3://mine/web/a..b.json"),
        ("gs://ours", "gs://ours"),
        ("gs://ours/a", "gs://ours/a"),
        ("s3://one/exact.json", "s3://one/exact.json"),
    ],
)
def test_what_lies_below_a_prefix_may_be_named(reference: str, told: str) -> None:
    assert check_reference(reference, PREFIXES) == told


@pytest.mark.parametrize(
    "reference",
    [
        "session.json",
        "/etc/passwd",
        "C:\\session.json",
        "C:/session.json",
        "file:/etc/passwd",
        "FILE:///etc/passwd",
        "https://us.posthog.com/replay/abc",
        "s3://mine/webs/a",
        "s3://mine/web",
        "s3://Mine/web/a",
        "s3://mine/web/../secret",
        "s3://mine/web/%2e%2e/secret",
        "s3://mine/web/%252E%252e%252fsecret",
        "s3://mine/web/./a",
        "s3://mine/web/a\\..\\b",
        "s3://mine/web/a b",
        "s3://mine/web/a\x00",
        "s3://mine/web/a\n",
        "s3://mine/web/\u202ea",
        "gs://ours-not",
        "gs://our",
        "s3://one/exact.json.bak",
        "posthog:",
        ":abc",
        "",
        "data:,x",
    ],
)
def test_everything_else_may_not(reference: str) -> None:
    with pytest.raises(RequestError) as caught:
        check_reference(reference, PREFIXES)
    assert caught.value.code in {"bad_reference", "recording_not_allowed"}


def test_files_can_never_be_named_whatever_the_setting_says() -> None:
    for setting in ("file:", "file:///srv/", "/srv/", "s,:,/"):
        with pytest.raises(RequestError):
            check_reference("file:///srv/a.json", allowed_prefixes(setting))


@given(st.text(max_size=60))
def test_whatever_follows_a_prefix_stays_below_it(rest: str) -> None:
    try:
        told = check_reference(f"s3://mine/web/{rest}", PREFIXES)
    except RequestError:
        return
    assert told == f"s3://mine/web/{rest}"
    assert not {"..", "."} & set(told.removeprefix("s3://mine/web/").split("/"))
    assert told.isprintable()


def test_ids_of_uploads_are_looked_at_before_anything_is_asked() -> None:
    assert stored_id("recording:" + "a" * 64) == "a" * 64
    assert stored_id("posthog:x") is None
    for bad in ("recording:x", "recording:" + "A" * 64, "recording:" + "a" * 65, "recording:" + "a" * 63 + "/"):
        with pytest.raises(RequestError) as caught:
            stored_id(bad)
        assert caught.value.code == "recording_not_found"
