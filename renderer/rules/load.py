"""Reading rules: the built-in ones, or a YAML or JSON file, with errors that name line and key."""

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from renderer.errors import RequestError
from renderer.rules.language.check import read_rule
from renderer.rules.language.document import MAX_BYTES, Document, DocumentError, read_document
from renderer.rules.language.mistakes import first_mistake, key_of
from renderer.rules.language.model import RuleFile
from renderer.rules.language.patterns import Patterns
from renderer.rules.language.wrong import RuleError, meant
from renderer.rules.model import Rule, RuleSet

BUILT_IN: Final = "built-in"
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


def load_rules(reference: str = BUILT_IN) -> RuleSet:
    """ "built-in", or the path of a file. Raises RequestError: rules_not_found, bad_rules."""
    if reference == BUILT_IN:
        return built_in()
    path = Path(reference)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no path"
        raise RequestError(
            "rules_not_found",
            f'the file of rules {path.name} cannot be read ({why}); give "{BUILT_IN}" or the path of a YAML file',
        ) from None
    if len(data) > MAX_BYTES:
        raise RequestError(
            "bad_rules", f"{path.name} is larger than {MAX_BYTES // 1024} KiB; rules are shorter than that"
        )
    try:
        text = data.decode("utf-8-sig")
    except ValueError:
        raise RequestError("bad_rules", f"{path.name} is no UTF-8 text; save it as UTF-8") from None
    return parse_rules(text, path.name)


def named_rules(name: str, folder: Path | None) -> Path | None:
    """The file of the rules `name` in `folder`: `night` is night.yaml there. None when there is none of that name."""
    if folder is None or not _NAME.fullmatch(name):
        return None
    path = folder / f"{name}.yaml"
    return path if path.is_file() else None


@cache
def built_in() -> RuleSet:
    """Those that come with the program (docs/rules.md)."""
    return parse_rules(files("renderer.rules").joinpath("built_in.yaml").read_text(encoding="utf-8"), BUILT_IN)


def parse_rules(text: str, source: str) -> RuleSet:
    """Raises RequestError `bad_rules`: source, line, key, what is wrong, and what to write."""
    try:
        document = read_document(text)
    except DocumentError as error:
        raise RequestError("bad_rules", f"{source}, line {error.line}: {error.why}") from None
    try:
        rules = _rules(_told(document))
    except RuleError as error:
        place = document.written(error.place)
        key = f", {key_of(place)}" if place else ""
        at = f"{source}, line {document.lines.get(place, 1)}{key}"
        raise RequestError("bad_rules", f"{at}: {error.why}") from None
    return RuleSet(source, sha256(text.encode()).hexdigest(), rules)


def _told(document: Document) -> RuleFile:
    if not isinstance(document.value, dict):
        raise RuleError((), "is no file of rules; it begins with rules:")
    try:
        return RuleFile.model_validate(document.value)
    except ValidationError as error:
        raise first_mistake(error) from None


def _rules(told: RuleFile) -> tuple[Rule, ...]:
    patterns = Patterns(told.patterns)
    rules = [read_rule(each, patterns, ("rules", number)) for number, each in enumerate(told.rules)]
    names = [rule.name for rule in rules]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise RuleError(("rules", number, "name"), f"there is a rule {name!r} already; give this one another name")
    included = [rule for rule in _included(told) if rule.name not in names]
    if not rules and not included:
        raise RuleError((), "has no rules; write them under rules:, or include: built-in")
    return (*rules, *included)


def _included(told: RuleFile) -> list[Rule]:
    """A rule of the file goes before a built-in one of the same name."""
    if not told.include:
        return []
    known = {rule.name: rule for rule in built_in().rules}
    found: dict[str, Rule] = {}
    for number, name in enumerate(told.include):
        if name == BUILT_IN:
            found |= known
        elif name in known:
            found[name] = known[name]
        else:
            raise RuleError(("include", number), f"there is no built-in rule {name!r}{meant(name, [BUILT_IN, *known])}")
    return list(found.values())
