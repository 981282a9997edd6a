"""compose.yaml: what the specification allows, and what this service promises about it."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from renderer.settings import Settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("api", "worker")


def test_it_is_what_the_specification_allows() -> None:
    schema = json.loads((files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())
    assert [str(error) for error in jsonschema_rs.validator_for(schema).iter_errors(COMPOSE)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert {"mem_limit", "pids_limit", "stop_grace_period", "restart", "healthcheck"} <= service.keys()
    assert not re.search(r":latest$|^[^:]+$", service["image"]) or service["image"] == "renderer"


@pytest.mark.parametrize("name", OURS)
def test_chromium_may_make_its_sandbox(name: str) -> None:
    [profile] = [each for each in SERVICES[name]["security_opt"] if each.startswith("seccomp=")]
    assert (ROOT / profile.removeprefix("seccomp=")).is_file()


def test_database_and_broker_are_reached_from_inside_alone() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["api"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    for name in SERVICES.keys() - set(OURS):
        assert SERVICES[name]["networks"] == ["inside"]
    [port] = SERVICES["api"]["ports"]
    assert port.startswith("${RENDERER_LISTEN:-127.0.0.1:")  # no TLS, so this machine alone


def test_no_secret_stands_in_the_file_and_none_has_a_default() -> None:
    for name in ("POSTGRES_PASSWORD", "RENDERER_SECRET_KEY"):
        used = re.findall(rf"\$\{{{name}([^}}]*)\}}", TEXT)
        assert used
        assert all(re.fullmatch(r":\?set it in \.env, .+", rest) for rest in used)


def test_only_settings_that_are_there_are_set() -> None:
    named = {key for name in OURS for key in SERVICES[name]["environment"] if key.startswith("RENDERER_")}
    assert named <= {f"RENDERER_{name.upper()}" for name in Settings.model_fields}


def test_api_and_workers_share_one_place_for_files() -> None:
    shared = [SERVICES[name]["volumes"] for name in OURS]
    assert shared == [["data:/data"], ["data:/data"]]
    assert set(COMPOSE["volumes"]) == {"data", "database"}


@pytest.mark.parametrize("name", OURS)
def test_it_waits_for_what_it_needs(name: str) -> None:
    assert SERVICES[name]["depends_on"] == {
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
    }


def test_a_worker_has_room_for_what_a_clip_may_take() -> None:
    worker = SERVICES["worker"]
    sizes = {"m": 1024**2, "g": 1024**3}
    room = int(worker["mem_limit"][:-1]) * sizes[worker["mem_limit"][-1]]
    memory = int(worker["shm_size"][:-1]) * sizes[worker["shm_size"][-1]]
    clip = int(worker["environment"]["RENDERER_CLIP_MEMORY_BYTES"]) * int(worker["environment"]["RENDERER_WORKERS"])
    assert clip + memory <= room
    assert memory >= 2 * 1024**3  # where less is free, pictures go to /tmp
