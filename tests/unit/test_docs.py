"""The documentation is complete: every setting with its default, every option of every command."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from renderer import request
from renderer.access.scopes import SCOPES
from renderer.cli import app
from renderer.plan.overlays import OVERLAYS
from renderer.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"

# Defaults that depend on the machine are documented in words.
IN_WORDS = {"data_dir", "ffmpeg_threads"}


def _rows(page: str) -> dict[str, tuple[str, str]]:
    """First column -> (second, third) of the tables of a page, where it stands first; `\\|` is a bar inside a cell."""
    rows: dict[str, tuple[str, str]] = {}
    for line in (DOCS / page).read_text("utf-8").splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 3:
            rows.setdefault(cells[0], (cells[1], cells[2]))
    return rows


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    default, meaning = _rows("settings.md")[f"`RENDERER_{name.upper()}`"]
    assert len(meaning) > 20
    value = Settings.model_fields[name].default
    if value is None or name in IN_WORDS:
        assert default
    else:
        assert default == f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_no_setting_is_documented_that_is_not_there() -> None:
    documented = {row for row in _rows("settings.md") if row.startswith("`RENDERER_")}
    assert documented == {f"`RENDERER_{name.upper()}`" for name in Settings.model_fields}


def _commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Also those of groups in groups: `keys create`; and groups that are a command themselves: `destinations`."""
    for name, spec in group.commands.items():
        if hasattr(spec, "commands"):
            if spec.invoke_without_command:
                yield f"{before}{name}", spec
            yield from _commands(spec, f"{name} ")
        else:
            yield f"{before}{name}", spec


def _options() -> list[tuple[str, str, str | None]]:
    return [
        (command, option, parameter.metavar)
        for command, spec in _commands(typer.main.get_command(app))
        for parameter in spec.params
        for option in parameter.opts
        if option.startswith("-")
    ]


def test_every_command_is_documented_and_no_other() -> None:
    text = (DOCS / "command-line.md").read_text("utf-8")
    documented = re.findall(r"^## renderer (.+)$", text, re.MULTILINE)
    assert sorted(documented) == sorted(command for command, _ in _commands(typer.main.get_command(app)))


@pytest.mark.parametrize(("command", "option", "metavar"), _options())
def test_every_option_is_documented(command: str, option: str, metavar: str | None) -> None:
    text = (DOCS / "command-line.md").read_text("utf-8")
    section = re.search(rf"^## renderer {command}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    assert re.search(rf"`{re.escape(option)}[` ]", section[1])
    if metavar and option != "-o" and option != "--output":
        assert f"`{option} {metavar}`" in section[1].replace("\\|", "|")


def test_defaults_of_a_clip_are_documented() -> None:
    rows = {
        re.sub(r"[` ].*", "", name.strip("`")): default.strip("`")
        for name, (default, _) in _rows("command-line.md").items()
    }
    plain = request.ClipRequest(recording="r")
    assert rows["--size"] == f"{plain.size.width_px}x{plain.size.height_px}"
    for option in ("fps", "idle", "activity", "overlays", "assets"):
        assert rows[f"--{option}"] == str(getattr(plain, option))
    assert float(rows["--speed"]) == plain.speed


def test_choices_shown_by_the_command_line_are_those_of_a_request() -> None:
    shown = {option: metavar for command, option, metavar in _options() if command == "clip"}
    assert shown["--idle"] == "|".join(get_args(request.IdlePolicy))
    assert shown["--activity"] == "|".join(get_args(request.Activity))


def test_every_overlay_and_format_is_documented() -> None:
    rows = _rows("command-line.md")
    assert all(f"`{name}`" in rows["`--overlays auto|none|NAME,…`"][1] for name in OVERLAYS)
    assert all(f"`.{name}`" in rows["`--output`, `-o` `FILE`"][1] for name in get_args(request.OutputFormat))


def test_every_scope_is_documented() -> None:
    page = (DOCS / "access.md").read_text("utf-8")
    assert all(f"\n| `{scope}` | " in page for scope in SCOPES)
    scopes = _rows("command-line.md")["`--scopes SCOPE,…`"][1]
    assert all(f"`{scope}`" in scopes for scope in SCOPES)


def _pages() -> list[Path]:
    root = DOCS.parent
    return sorted(
        [*root.glob("*.md"), *DOCS.rglob("*.md"), root / "tests" / "README.md", *root.glob("examples/*/*.md")]
    )


@pytest.mark.parametrize("page", _pages(), ids=lambda page: page.relative_to(DOCS.parent).as_posix())
def test_links_inside_the_repository_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    found, open_ends = set(), [DOCS.parent / "README.md"]
    while open_ends:
        page = open_ends.pop()
        if page in found or page.suffix != ".md":
            continue
        found.add(page)
        targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        open_ends += [(page.parent / target).resolve() for target in targets if "://" not in target]
    assert sorted(set(DOCS.rglob("*.md")) - found) == []
