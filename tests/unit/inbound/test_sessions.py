"""Which session a ticket names: fields, links, texts; and that no text takes long."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renderer.inbound.receive import finder_of
from renderer.inbound.sessions import Found, find_session
from renderer.settings import Settings

ID = "0190aa2b-65f7-7603-87a4-92d7ef6dc542"
OTHER = "0190aa2b-0000-7603-87a4-92d7ef6dc542"
EU = "https://eu.posthog.com"
NAMES = ("posthog_session_id", "session_id", "replay")
OWN = "https://ph.example.com/posthog"


def found(*texts: str, fields: tuple[tuple[str, str], ...] = ()) -> Found | None:
    return find_session(texts, fields, NAMES, (OWN, EU, "https://us.posthog.com", "https://app.posthog.com"))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("posthog_session_id", ID, Found(ID)),
        ("PostHog Session-ID", f"  {ID}\n", Found(ID)),
        ("session_id", f"{ID}?t=90", Found(ID, 90_000)),
        ("Replay", f"{EU}/project/2/replay/{ID}?t=12.5", Found(ID, 12_500)),
        ("replay", f"see {OWN}/replay/{ID}", Found(ID)),
        ("session_id", "none", None),
        ("session_id", "not available, sorry", None),
        ("session_id", "", None),
        ("session_id", "a1", None),
        ("session_id", "../../etc/passwd0", None),
        ("replay", f"https://evil.example/replay/{ID}", None),
        ("other", ID, None),
        ("session_id", "x1" * 2000, None),
    ],
)
def test_fields(name: str, value: str, expected: Found | None) -> None:
    assert found(fields=((name, value),)) == expected


def test_the_first_name_that_says_something_counts() -> None:
    fields = (("replay", f"{EU}/replay/{OTHER}"), ("session_id", "?"), ("posthog_session_id", ""))
    assert found(fields=fields) == Found(OTHER)
    assert found(fields=(*fields, ("session id", ID))) == Found(ID)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"look: {EU}/project/2/replay/{ID}?t=90.", Found(ID, 90_000)),
        (f"{EU}/replay/{ID}", Found(ID)),
        (f"https://us.posthog.com/project/2/replay/{ID}", Found(ID)),
        (f"https://app.posthog.com/project/phc_token/replay/{ID}?t=3", Found(ID, 3000)),
        (f"HTTPS://EU.PostHog.com:443/replay/{ID}", Found(ID)),
        (f"{OWN}/project/1/replay/{ID}?t=1", Found(ID, 1000)),
        (f"{EU}/project/2/replay/home?sessionRecordingId={ID}&t=4", Found(ID, 4000)),
        (f"{EU}/replay/{ID}?t=soon", Found(ID)),
        (f'<p><a href="{EU}/replay/{ID}?x=1&amp;t=7">replay</a></p>', Found(ID, 7000)),
        (f"{EU}/replay/{ID}&nbsp;(at the end)", Found(ID)),
        (f"[the replay]({EU}/replay/{ID}?t=2), see it", Found(ID, 2000)),
        (f"[replay|{EU}/replay/{ID}?t=2|smart-link]", Found(ID, 2000)),
        (f"<{EU}/replay/{ID}>", Found(ID)),
        (f"*{EU}/replay/{ID}?t=2*", Found(ID, 2000)),
        (f"{EU}/replay/home and {EU}/insights/1 and {EU}/replay/{ID}", Found(ID)),
        (f"https://evil.example/replay/{ID}", None),
        (f"https://eu.posthog.com.evil.example/replay/{ID}", None),
        (f"https://eu.posthog.com@evil.example/replay/{ID}", None),
        (f"https://eu.posthog.com:8443/replay/{ID}", None),
        (f"http://eu.posthog.com/replay/{ID}", None),
        (f"https://notposthog.com/replay/{ID}", None),
        (f"{EU}/replay/../../etc", None),
        (f"{EU}/[replay/{ID}", None),
        (f"session id: {ID}", Found(ID)),
        (f"Session ID: {ID.upper()}.", Found(ID)),
        (f"PostHog session {ID}", Found(ID)),
        (f'"$session_id": "{ID}"', Found(ID)),
        (f"<b>Session id:</b>&nbsp;<code>{ID}</code>", Found(ID)),
        (f"**Session replay** | `{ID}`", Found(ID)),
        (f"session id: {ID}7", None),
        (f"order {ID}", None),
        ("session id: unknown", None),
        ("", None),
    ],
)
def test_texts(text: str, expected: Found | None) -> None:
    assert found(text) == expected


def test_a_field_goes_before_a_link_and_a_link_before_what_a_text_says() -> None:
    link, said = f"{EU}/replay/{OTHER}?t=5", f"session id: {ID}"
    assert found(said, link) == Found(OTHER, 5000)
    assert found(link, fields=(("session_id", ID),)) == Found(ID)


def test_a_field_without_a_time_takes_it_from_a_link_to_the_same_session() -> None:
    texts = (f"{EU}/replay/{OTHER}?t=5", f"{EU}/replay/{ID}", f"{EU}/replay/{ID}?t=9")
    assert found(*texts, fields=(("session_id", ID),)) == Found(ID, 9000)
    assert found(*texts, fields=(("session_id", f"{ID}?t=1"),)) == Found(ID, 1000)


def test_the_host_and_the_names_are_those_of_the_settings() -> None:
    finder = finder_of(Settings(posthog_host="https://ph.example.com:8000/", inbound_fields="customfield_10042"))
    assert finder.find([f"https://ph.example.com:8000/project/1/replay/{ID}?t=2"]) == Found(ID, 2000)
    assert finder.find([f"https://ph.example.com/project/1/replay/{ID}"]) is None
    assert finder.find([f"{EU}/replay/{ID}"]) == Found(ID)
    assert finder.find([], [("customfield_10042", ID)]) == Found(ID)
    assert finder.find([], [("session_id", ID)]) is None
    for bad in ("", "https://", "ftp://x", "https://a@b", "https://[x"):
        assert finder_of(Settings(posthog_host=bad)).find([f"{EU}/replay/{ID}"]) == Found(ID)


# What patterns of this kind stumble over: much that begins like a match and does not end like one.
PIECES = st.sampled_from(
    [
        *(
            "http",
            "https://",
            f"{EU}/",
            f"{EU}/replay/",
            "?t=",
            "&amp;",
            "&#",
            ";",
            "<",
            ">",
            "<a href=",
            '"',
            "session",
            "session id:",
        ),
        *(
            " ",
            "\n",
            "\t",
            ID,
            ID[:-1],
            "-",
            "0",
            "a",
            "é",
            "\0",
            "\ud800",
            "[",
            "]",
            "{",
            "(",
            "%2e",
            "..",
            "//",
            "posthog.com",
            ":",
        ),
    ]
)


@given(
    pieces=st.lists(PIECES | st.text(max_size=8), max_size=60),
    times=st.integers(1, 50),
    as_field=st.booleans(),
)
def test_whatever_a_text_says_the_answer_is_a_session_or_none(pieces: list[str], times: int, as_field: bool) -> None:
    text = "".join(pieces) * times
    answer = found(text, fields=(("session_id", text),) if as_field else ())
    if answer is not None:
        assert answer.session_id.isascii()
        assert set(answer.session_id) <= set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_")
        assert len(answer.session_id) <= 200
        assert answer.session_id.lower() in text.lower()


MIB = 1024 * 1024


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        "&#",
        "session",
        "session id",
        "session id: ",
        "session" + " " * 19,
        f"session {ID[:-1]}",
        "http",
        "https://",
        f"{EU}/",
        f"{EU}/replay/",
        f"{EU}/replay/[",
        f"{EU}/" + "a" * 1900,
        f"{EU}/?" + "&amp;" * 300,
        f"{EU}/replay/{ID}?" + "t=x&" * 400 + " ",
        f"{EU}/&#" + "9" * 1800 + ";",
        "0" * 8 + "-",
        "a",
        "-",
        " ",
        "\n",
    ],
    ids=repr,
)
def test_a_large_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    def took_s(size: int) -> float:
        text = piece * (size // len(piece))
        began = time.process_time()
        found(text, fields=(("session_id", text),))
        return time.process_time() - began

    # 1 MiB in seconds of this slow machine at worst: what goes back over its text takes hours for as much.
    assert took_s(MIB) < 2.0


def test_very_many_fields_and_texts() -> None:
    many: Any = tuple((f"field{number}", f"value {number}") for number in range(50_000))
    began = time.process_time()
    assert found(*(text for _, text in many), fields=many) is None
    assert time.process_time() - began < 3.0
