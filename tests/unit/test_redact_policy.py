"""Policies as files: what they say, and one line for whoever wrote a wrong one."""

from pathlib import Path
from typing import get_args

import pytest

from renderer.errors import RequestError
from renderer.redact import DEFAULT, OFF, load_policy
from renderer.redact.policy.model import NONE, InputKind, Patterns, Policy


def write(folder: Path, content: str) -> str:
    path = folder / "mine.toml"
    path.write_text(content, encoding="utf-8")
    return str(path)


BAD = {
    "a key that there is not": ("[selectors]\nmasks = ['.a']", "selectors.masks", "did you mean mask?"),
    "a table that there is not": ("[selector]\nmask = ['.a']", "selector", "did you mean selectors?"),
    "a key like no other": ("[urls]\nzzz = 1", "urls.zzz", "known here: query, fragment, allow"),
    "no selector": ("[selectors]\nmask = ['.ok', '..bad']", "selectors.mask[1]", "is not a selector"),
    "a selector of a state": ("[selectors]\nblock = ['.a:hover']", "selectors.block[0]", "leave out states"),
    "an unknown pseudo-class": ("[selectors]\nshow = ['a:foo']", "selectors.show[0]", "is not a selector"),
    "no expression": ("[[text.custom]]\nname = 'x'\nregex = '(a'", "text.custom[0].regex", "missing )"),
    "look-around": ("[[text.custom]]\nname = 'x'\nregex = '(?=a)b'", "text.custom[0].regex", "no look-around"),
    "a back-reference": ("[[text.custom]]\nname = 'x'\nregex = '(a)\\1'", "text.custom[0].regex", "no back-references"),
    "an expression of nothing": ("[[text.custom]]\nname = 'x'\nregex = 'a*'", "text.custom[0].regex", "matches the empty text"),
    "a name twice": (
        "[[text.custom]]\nname = 'x'\nregex = 'a'\n[[text.custom]]\nname = 'x'\nregex = 'b'", "text.custom[0].name", "is taken",
    ),
    "a built-in name": ("[[text.custom]]\nname = 'email'\nregex = 'a'", "text.custom[0].name", "is taken"),
    "a name with blanks": ("[[text.custom]]\nname = 'My Name'\nregex = 'a'", "text.custom[0].name", "small letters"),
    "no regex": ("[[text.custom]]\nname = 'x'", "text.custom[0].regex", "it is missing"),
    "a value that there is not": ("console = 'scrap'", "console", 'write "scrub" or "drop"'),
    "an input type that there is not": ("[inputs]\ntypes = ['passwort']", "inputs.types[0]", '"passwort" is not one of its values'),
    "a text for a list": ("[selectors]\nmask = '.a'", "selectors.mask", "write a list"),
    "a text for a switch": ("[text.patterns]\nemail = 'yes'", "text.patterns.email", "write true or false"),
    "a number for a text": ("[urls]\nallow = [1]", "urls.allow[0]", "write a text in quotes"),
    "a text for a table": ("urls = 'mask'", "urls", "write a table"),
    "hash without salt": ("person = 'hash'", "salt", "add salt ="),
    "a short salt": ("person = 'hash'\nsalt = 'abc'", "salt", "16 or more"),
    "another policy": ("extends = 'mine'", "extends", '"default" or "none"'),
    "off inside": ("off = true", "off", "--redact off"),
    "no TOML": ("[selectors\nmask = 1", "is not TOML", "line 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_policy_is_one_line_with_file_key_and_mend(case: str, tmp_path: Path) -> None:
    content, key, mend = BAD[case]
    with pytest.raises(RequestError) as raised:
        load_policy(write(tmp_path, content))
    message = raised.value.message
    assert raised.value.code == "bad_policy"
    assert raised.value.exit_code == 2
    assert "\n" not in message
    assert len(message) < 300
    assert "mine.toml" in message
    assert key in message
    assert mend in message


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * (1 << 20) + b"\n\n"])
def test_what_is_no_policy_file_at_all(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=r"mine\.toml"):
        load_policy(str(path))
    with pytest.raises(RequestError) as raised:
        load_policy(str(tmp_path / "none.toml"))
    assert raised.value.code == "policy_not_found"
    with pytest.raises(RequestError, match="cannot be read"):
        load_policy(str(tmp_path))


def test_names_of_policies() -> None:
    assert load_policy("default") is DEFAULT
    assert load_policy("off") is OFF
    assert OFF.is_off
    assert not DEFAULT.is_off


def test_a_file_starts_from_the_default(tmp_path: Path) -> None:
    policy = load_policy(write(tmp_path, "[selectors]\nmask = ['.mine']\n[text.patterns]\nphone = false\n"))
    assert policy.name == "mine.toml"
    assert policy.selectors.mask == (".mine", *DEFAULT.selectors.mask)
    assert policy.selectors.block == DEFAULT.selectors.block
    assert (policy.text.patterns.phone, policy.text.patterns.email) == (False, True)
    assert policy.urls.query == "mask"


def test_a_file_that_starts_from_nothing_says_all_there_is(tmp_path: Path) -> None:
    policy = load_policy(write(tmp_path, "extends = 'none'\n[selectors]\nmask = ['.mine']\n"))
    assert policy.model_copy(update={"name": "none"}) == NONE.model_copy(
        update={"selectors": NONE.selectors.model_copy(update={"mask": (".mine",)})}
    )


def test_the_digest_is_of_what_is_said_not_of_how(tmp_path: Path) -> None:
    one = load_policy(write(tmp_path, "console = 'drop'\n[urls]\nquery = 'drop'\n"))
    other = load_policy(write(tmp_path, "# the same\nconsole='drop'\nurls = {query = 'drop'}\n"))
    assert one.digest == other.digest
    assert len({one.digest, DEFAULT.digest, OFF.digest, NONE.digest}) == 4
    assert len(one.digest) == 64


def test_every_key_of_a_policy_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "redaction.md").read_text("utf-8")
    rows = {line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| `")}
    keys = {"`extends`"}
    for name, field in Policy.model_fields.items():
        inner = getattr(field.annotation, "model_fields", None)
        keys |= {f"`{name}.{key}`" for key in inner} if inner else {f"`{name}`"}
    assert keys - {"`name`", "`off`"} <= rows
    kinds = [*get_args(InputKind), *Patterns.model_fields]
    assert not [kind for kind in kinds if f"`{kind}`" not in page]


def test_the_policy_in_the_documentation_can_be_used(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "redaction.md").read_text("utf-8")
    policy = load_policy(write(tmp_path, page.partition("```toml\n")[2].partition("```")[0]))
    assert policy.text.custom[0].name == "customer_number"
    assert ".customer-name" in policy.selectors.mask
