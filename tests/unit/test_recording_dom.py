"""The mirror of the recorded document holds what rrweb's player would build."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.recording.dom.mirror import Change, Mirror, Node, NodeType
from renderer.recording.dom.style import merged
from renderer.recording.model import EventType, Source

Json = dict[str, Any]


def el(node_id: int, tag: str = "div", *children: Json, **more: Any) -> Json:
    return {"type": 2, "tagName": tag, "attributes": {}, "childNodes": list(children), "id": node_id} | more


def text(node_id: int, content: str) -> Json:
    return {"type": 3, "textContent": content, "id": node_id}


def mirror(*children: Json, longest: int | None = None) -> Mirror:
    made = Mirror(longest)
    change = made.apply(EventType.FULL_SNAPSHOT, None, {"node": {"type": 0, "id": 1, "childNodes": list(children)}})
    assert change.rebuilt
    return made


def mutate(made: Mirror, **lists: list[Json]) -> Change:
    return made.apply(EventType.INCREMENTAL, Source.MUTATION, lists)


def add(node: Json, parent: int = 1, following: int | None = None) -> Json:
    return {"parentId": parent, "nextId": following, "node": node}


def shape(node: Node) -> Any:
    return (node.id, *[shape(child) for child in node.children])


def tree(made: Mirror) -> Any:
    assert made.root is not None
    return shape(made.root)


def test_a_snapshot_becomes_a_tree_with_tags_attributes_and_texts():
    made = mirror(
        el(2, "BODY", el(3, "P", text(4, "Hello "), el(5, "b", text(6, "world"))), el(7, "style", text(8, "x{}")))
    )
    body = made.get(2)
    assert body is not None
    assert tree(made) == (1, (2, (3, (4,), (5, (6,))), (7, (8,))))
    assert (body.tag, body.type, body.text_content(100)) == ("body", NodeType.ELEMENT, "Hello world")
    assert body.text_content(7) == "Hello w"
    six = made.get(6)
    assert six is not None
    assert [node.id for node in six.ancestors()] == [5, 3, 2, 1]
    assert [node.id for node in body.descendants()] == [3, 4, 5, 6, 7, 8]


def test_adds_go_before_their_next_sibling_in_whatever_order_they_come():
    made = mirror(el(2))
    change = mutate(made, adds=[add(el(5), 2, 6), add(el(4), 3), add(el(3), 2, 5), add(el(6), 2)])
    assert tree(made) == (1, (2, (3, (4,)), (5,), (6,)))
    assert sorted(node.id for node in change.added) == [3, 4, 5, 6]


def test_an_add_whose_next_sibling_never_comes_goes_to_the_end_and_one_without_a_parent_nowhere():
    made = mirror(el(2, "div", el(3)))
    change = mutate(made, adds=[add(el(4), 2, 99), add(el(5), 4), add(el(6), 98), add(el(7), 6)])
    assert tree(made) == (1, (2, (3,), (4, (5,))))
    assert [node.id for node in change.added] == [4, 5]
    assert made.get(6) is None


def test_a_node_that_is_there_already_moves():
    made = mirror(el(2, "div", el(3, "i", text(4, "x"))), el(5))
    old = made.get(3)
    change = mutate(made, adds=[add(el(3, "i"), 5)])
    assert tree(made) == (1, (2,), (5, (3,)))
    assert change.removed == [old]
    assert made.get(4) is None


def test_removed_nodes_are_forgotten_with_all_below_them():
    made = mirror(el(2, "div", el(3, "div", text(4, "x"))), el(5))
    change = mutate(made, removes=[{"parentId": 1, "id": 2}, {"parentId": 2, "id": 3}, {"parentId": 1, "id": 77}])
    assert [node.id for node in change.removed] == [2]
    assert [made.get(number) for number in (2, 3, 4)] == [None, None, None]
    assert [node.id for node in change.removed[0].descendants()] == [3, 4]
    assert len(made) == 2


def test_texts_and_attributes_change_and_null_takes_an_attribute_out():
    made = mirror(el(2, "a", text(3, "old"), attributes={"href": "/a", "class": "x"}))
    change = mutate(
        made,
        texts=[{"id": 3, "value": "new"}],
        attributes=[{"id": 2, "attributes": {"href": None, "title": "t", "hidden": True}}],
    )
    node, inner = made.get(2), made.get(3)
    assert node is not None and inner is not None
    assert node.attributes == {"class": "x", "title": "t", "hidden": True}
    assert inner.text == "new"
    assert change.texts == [inner]
    assert change.attributes == [(node, ["href", "title", "hidden"])]


def test_a_style_changes_one_property_at_a_time():
    made = mirror(el(2, attributes={"style": "color: red; background: url('a;b'); top: 1px"}))
    mutate(
        made,
        attributes=[{"id": 2, "attributes": {"style": {"color": ["blue", "important"], "top": False, "left": "2px"}}}],
    )
    node = made.get(2)
    assert node is not None
    assert node.attribute("style") == "color: blue !important; background: url('a;b'); left: 2px;"


def test_a_style_of_a_megabyte_is_left_as_it_is():
    style = "a:b;" * 250_000
    assert merged(style, {"color": "red"}) is style


def test_shadow_roots_and_frames_are_part_of_the_tree():
    inner = {"type": 0, "id": 10, "childNodes": [el(11, "html", el(12, "p", text(13, "in a frame")))]}
    made = mirror(el(2, "x-card", el(3, "slot", isShadow=True), el(4, "span")), el(5, "iframe"))
    host, slot = made.get(2), made.get(3)
    assert host is not None and slot is not None
    assert host.shadow_host and slot.shadow
    assert [node.id for node in host.elements()] == [4]
    assert [node.id for node in host.elements(shadow=True)] == [3]
    mutate(made, adds=[add(inner, 5)], isAttachIframe=[{}])
    twelve = made.get(12)
    assert twelve is not None
    assert [node.id for node in twelve.ancestors()] == [11, 10, 5, 1]
    again = {"type": 0, "id": 20, "childNodes": []}
    change = mutate(made, adds=[add(again, 5)])
    assert [node.id for node in change.removed] == [10]
    assert tree(made) == (1, (2, (3,), (4,)), (5, (20,)))


def test_the_live_state_of_fields_is_kept_beside_their_attributes():
    made = mirror(el(2, "input", attributes={"value": "before"}))
    change = made.apply(EventType.INCREMENTAL, Source.INPUT, {"id": 2, "text": "now", "isChecked": True})
    node = made.get(2)
    assert node is not None
    assert change.inputs == (node,)
    assert (node.value, node.checked, node.attribute("value")) == ("now", True, "before")


def test_a_full_snapshot_begins_a_new_generation():
    made = mirror(el(2))
    old = made.get(2)
    made.apply(EventType.FULL_SNAPSHOT, None, {"node": {"type": 0, "id": 1, "childNodes": [el(2)]}})
    assert made.generation == 2
    assert made.get(2) is not old


def test_long_texts_are_kept_in_part_if_so_wanted():
    made = mirror(el(2, "p", text(3, "x" * 1000), attributes={"title": "y" * 1000}), longest=10)
    node = made.get(2)
    assert node is not None
    assert (node.text_content(5000), node.attribute("title")) == ("x" * 10, "y" * 10)


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        {"node": 3},
        {"adds": 5, "removes": "x", "texts": {}, "attributes": [1]},
        {"adds": [{"parentId": 1, "nextId": [], "node": {"type": "2", "id": {}}}]},
        {"adds": [{"parentId": {}, "node": {"type": 2}}], "removes": [{"id": []}], "texts": [{"id": 1e400}]},
        {"attributes": [{"id": 2, "attributes": {"style": {"a": 1, "b": [], "c": [2, "important"]}, "x": [1]}}]},
        {"adds": [{"parentId": 2, "nextId": 2, "node": {"type": 2, "id": 2}}]},
        {"adds": [{"parentId": 3, "node": {"type": 2, "id": 2, "childNodes": [{"type": 2, "id": 2}, 4]}}]},
    ],
)
def test_whatever_the_data_are_nothing_is_raised(data):
    made = mirror(el(2, "div", el(3)))
    for event_type in (EventType.FULL_SNAPSHOT, EventType.INCREMENTAL, EventType.META):
        for source in (None, Source.MUTATION, Source.INPUT, Source.SCROLL):
            made.apply(event_type, source, data)


def test_depth_and_odd_orders_take_no_recursion_and_no_quadratic_time():
    deep = el(2)
    node = deep
    for number in range(3, 20_000):
        node["childNodes"] = [el(number)]
        node = node["childNodes"][0]
    begun = time.process_time()
    made = mirror(deep)
    assert sum(1 for _ in made.root.descendants()) == 19_998 if made.root else False
    mutate(made, adds=[add(el(number), number - 1, 900_000 + number) for number in range(30_001, 35_000)])
    mutate(made, adds=[add(el(30_000), 1)] + [add(el(number), number - 1) for number in range(40_000, 30_000, -1)])
    mutate(made, removes=[{"parentId": 1, "id": 2}])
    assert len(made) == 10_002
    assert time.process_time() - begun < 3


NODES = st.recursive(
    st.fixed_dictionaries({"type": st.integers(0, 6), "id": st.integers(-1, 12), "tagName": st.just("div")}),
    lambda inner: st.fixed_dictionaries(
        {
            "type": st.just(2),
            "id": st.integers(1, 12),
            "childNodes": st.lists(inner, max_size=3),
            "isShadow": st.booleans(),
        }
    ),
    max_leaves=6,
)
ADDS = st.builds(
    add,
    NODES,
    st.integers(0, 12),
    st.integers(0, 12) | st.none(),
)
REMOVES = st.builds(lambda node_id: {"id": node_id, "parentId": 1}, st.integers(0, 12))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.lists(ADDS, max_size=5), st.lists(REMOVES, max_size=3)), max_size=6))
def test_the_tree_and_the_map_of_ids_never_part(mutations):
    made = mirror(el(2, "div", el(3)))
    for adds, removes in mutations:
        mutate(made, adds=adds, removes=removes)
        assert made.root is not None
        there = {id(made.root): made.root} | {id(node): node for node in made.root.descendants()}
        for node_id in range(1, 13):
            found = made.get(node_id)
            assert found is None or (found.id == node_id and id(found) in there)
        for node in there.values():
            children = node.children
            assert all(child.parent is node for child in children)
            assert (node.first, node.last) == ((children[0], children[-1]) if children else (None, None))
            assert [child.previous for child in children[1:]] == children[:-1]
