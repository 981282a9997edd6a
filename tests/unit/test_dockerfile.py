"""The Dockerfile, read: what it copies is there, what the image needs is copied, and nobody runs it as root."""

import fnmatch
import re
import shlex
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass
class Stage:
    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [words for each, words in self.steps if each == instruction]


def read_stages() -> list[Stage]:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    stages: list[Stage] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        instruction, _, words = line.partition(" ")
        if instruction == "FROM":
            base, _, name = words.partition(" AS ")
            stages.append(Stage(base, name))
        else:
            stages[-1].steps.append((instruction, words))
    return stages


STAGES = read_stages()
IMAGE = STAGES[-1]


def copied() -> list[str]:
    """Every source of a COPY from the build context."""
    found = []
    for stage in STAGES:
        for words in stage.all("COPY"):
            *sources, _ = shlex.split(words)
            if not sources[0].startswith("--from="):
                found += sources
    return found


def ignored(path: str) -> bool:
    patterns = (ROOT / ".dockerignore").read_text().split()
    parts = path.rstrip("/").split("/")
    beginnings = ["/".join(parts[: count + 1]) for count in range(len(parts))]
    return any(
        fnmatch.fnmatch(beginning, pattern) or fnmatch.fnmatch("/" + beginning, pattern.replace("**/", "*/"))
        for beginning in beginnings
        for pattern in patterns
    )


def test_every_base_says_which_version_of_which_debian() -> None:
    bases = {stage.base for stage in STAGES}
    assert bases
    assert all(re.fullmatch(r"[a-z]+:\d[\d.]*-(slim-)?[a-z]+(-slim)?", base) for base in bases), bases
    assert IMAGE.base == next(stage.base for stage in STAGES if stage.name == "wheel")


@pytest.mark.parametrize("source", copied())
def test_what_is_copied_is_there_and_reaches_the_builder(source: str) -> None:
    assert (ROOT / source).exists()
    assert not ignored(source)


@pytest.mark.parametrize(
    "path",
    [
        ".git/HEAD",
        ".venv/bin/python",
        "player_assets/node_modules/x",
        "renderer/__pycache__/x.pyc",
        ".env",
        "renderer.env",
    ],
)
def test_what_is_private_or_made_here_does_not(path: str) -> None:
    assert ignored(path)


def test_what_the_wheel_is_built_from_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {"pyproject.toml", "renderer/", project["readme"], *project.get("license-files", [])}
    assert needed <= set(copied())
    assert {"requirements.lock", "worker.py", "scripts/setup"} <= set(copied())


def test_nothing_is_fetched_but_by_the_locks_and_the_setup() -> None:
    steps = [words for stage in STAGES for words in stage.all("RUN")]
    assert not any(stage.all("ADD") for stage in STAGES)
    assert not [words for words in steps if re.search(r"\b(curl|wget|apt-get|apt)\b(?!/)", words.replace("/apt/", "/"))]
    for words in steps:
        if "pip install" in words:
            assert "--require-hashes -r requirements" in words or "--no-deps dist/" in words


def test_it_ends_as_an_ordinary_user_with_something_that_collects_processes() -> None:
    [user] = IMAGE.all("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)  # a number: Kubernetes' runAsNonRoot reads no names
    after = IMAGE.steps[IMAGE.steps.index(("USER", user)) :]
    assert not {"RUN", "COPY"} & {instruction for instruction, _ in after}
    assert IMAGE.all("ENTRYPOINT") == ['["tini", "--", "renderer"]']


def test_chromium_is_pinned_in_one_place() -> None:
    [pin] = IMAGE.all("ARG")
    assert re.fullmatch(r"CHROMIUM_VERSION=\d+(\.\d+){3}-\d+~deb\d+u\d+", pin)
    assert sum('scripts/setup runtime "$CHROMIUM_VERSION"' in words for words in IMAGE.all("RUN")) == 1
    version = pin.partition("=")[2]
    elsewhere = [
        path for path in ("compose.yaml", "scripts/setup", "docs/deploy.md") if version in (ROOT / path).read_text()
    ]
    assert elsewhere == []
