"""The locks: what runs, what builds, what tests; the same versions everywhere, by hash, from nowhere in particular."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((ROOT / lock).read_text()))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9-]", requirement)[0] for requirement in requirements}


def test_each_lock_holds_what_the_project_asks_for() -> None:
    asked = names(PROJECT["project"]["dependencies"])
    dev = names(PROJECT["project"]["optional-dependencies"]["dev"])
    build = names(PROJECT["build-system"]["requires"])
    assert asked <= pins("requirements.lock").keys()
    assert build <= pins("requirements-build.lock").keys()
    assert asked | dev | build <= pins("requirements-dev.lock").keys()


def test_nothing_that_only_tests_need_is_in_the_image() -> None:
    dev = names(PROJECT["project"]["optional-dependencies"]["dev"])
    assert not dev & pins("requirements.lock").keys()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-build.lock"])
def test_what_is_tested_is_what_runs(lock: str) -> None:
    assert pins(lock).items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_held_by_hash_and_no_host_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(PIN.findall(text))
    assert all("--hash=sha256:" in block for block in blocks)
