"""Documents and changes that nobody thought of: nothing is let through, nothing breaks."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.redact import DEFAULT, redact_recording
from tests.canaries import element, incremental, mutation, snapshot, text
from tests.unit.redact_fixtures import everything, meta, recording

SECRET = "quentin@corvidae.example"
IDS: st.SearchStrategy[Any] = st.integers(1, 14) | st.just(SECRET)
WORDS = st.sampled_from(
    ["", "Order 7", SECRET, f"to {SECRET}, now", SECRET[:9], SECRET[9:], f"https://x.example/?m={SECRET}", "7.5 %"]
)
NAMES = st.sampled_from(
    [
        "class",
        "title",
        "href",
        "src",
        "value",
        "data-x",
        "style",
        "srcset",
        "srcdoc",
        "type",
        "name",
        "d",
        "_cssText",
        "rr_width",
    ]
)
TAGS = st.sampled_from(
    [
        "div",
        "p",
        "span",
        "a",
        "img",
        "input",
        "textarea",
        "select",
        "option",
        "style",
        "title",
        "iframe",
        "svg",
        "path",
        "x-card",
    ]
)
ATTRIBUTES = st.dictionaries(
    NAMES,
    st.one_of(
        WORDS, st.none(), st.sampled_from(["ph-mask", "ph-no-capture", "password"]), st.integers(), st.booleans()
    ),
    max_size=3,
)
NODES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.builds(text, IDS, WORDS),
    lambda inner: st.builds(
        lambda own, tag, attributes, children, shadow: element(own, tag, attributes, *children, isShadow=shadow), IDS, TAGS, ATTRIBUTES, st.lists(inner, max_size=3), st.booleans()
    ),
    max_leaves=6,
)  # fmt: skip
JUNK = st.recursive(
    st.one_of(WORDS, st.integers(), st.none(), st.booleans()),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
BROKEN = st.fixed_dictionaries(
    {"type": st.integers(-1, 6) | WORDS, "id": IDS},
    optional=dict.fromkeys(
        ("tagName", "attributes", "childNodes", "textContent", "isStyle", "publicId", "rootId", SECRET), JUNK
    ),
)
CHANGES = st.one_of(
    st.builds(
        lambda adds, removes, texts, attributes: mutation(adds=adds, removes=removes, texts=texts, attributes=attributes),
        st.lists(st.fixed_dictionaries({"parentId": IDS, "nextId": st.one_of(st.none(), IDS), "node": NODES | BROKEN | JUNK}), max_size=2),
        st.lists(st.fixed_dictionaries({"parentId": IDS, "id": IDS}), max_size=2),
        st.lists(st.fixed_dictionaries({"id": IDS, "value": WORDS | JUNK}), max_size=2),
        st.lists(st.fixed_dictionaries({"id": IDS, "attributes": ATTRIBUTES | JUNK}), max_size=2),
    ),
    st.builds(lambda own, value: incremental(5, id=own, text=value, isChecked=False), IDS, WORDS),
    st.builds(lambda source, value: incremental(source, id=3, x=value, set=value, adds=value, texts=value, attributes=value, removes=[], commands=value), st.integers(0, 16), JUNK),
    st.builds(lambda tag, value: {"type": 5, "data": {"tag": tag, "payload": value}}, WORDS, JUNK),
    st.builds(lambda plugin, value: {"type": 6, "data": {"plugin": plugin, "payload": value}}, st.sampled_from(["rrweb/console@1", "rrweb/network@1", "x"]), JUNK),
    st.builds(lambda nodes: snapshot(*nodes), st.lists(NODES, max_size=2)),
)  # fmt: skip


@settings(max_examples=50, deadline=None, derandomize=True)
@given(body=st.lists(NODES, max_size=4), changes=st.lists(CHANGES, max_size=6))
def test_no_secret_survives_at_random_places(body: list[dict[str, Any]], changes: list[dict[str, Any]]) -> None:
    given_recording = recording([meta(), snapshot(*body), *changes, incremental(3, id=1, x=0, y=0)])
    done = redact_recording(given_recording, DEFAULT)
    left = everything(done.recording)
    assert SECRET.encode() not in left
    assert b"quentin@cor" not in left
    assert everything(redact_recording(done.recording, DEFAULT).recording) == left
