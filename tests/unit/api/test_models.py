"""The API speaks the same language as the command line."""

from typing import Any

import pytest
from pydantic import ValidationError

from renderer.api import present
from renderer.api.models.asked import ClipCreate, ClipSpec, given_options
from renderer.jobs.model import Submission
from renderer.plan.overlays import OVERLAYS
from renderer.request import ClipRequest

ASKED: dict[str, Any] = {
    "recording": "posthog:s",
    "range": {"from_ms": 5, "to_ms": 10},
    "outputs": [{"format": "gif", "max_bytes": 5}],
    "size": "640x480",
    "fps": 12,
    "speed": 2.5,
    "idle": "fast",
    "activity": "posthog",
    "window": "w1",
    "redaction": "support",
    "overlays": "llm,steps",
    "assets": "offline",
}


def test_every_field_of_a_request_can_be_asked_for_but_files_of_this_machine() -> None:
    assert set(ClipSpec.model_fields) == set(ClipRequest.model_fields) - {"events"}
    assert set(ClipCreate.model_fields) - set(ClipSpec.model_fields) == {"metadata", "deliver"}


def test_what_is_left_out_means_the_same() -> None:
    made = ClipRequest.model_validate(given_options(ClipCreate(recording="posthog:s")))
    assert made == ClipRequest(recording="posthog:s")
    assert "range" not in made.model_fields_set
    spec = ClipSpec(recording="posthog:s")
    size = ClipRequest(recording="r").size
    assert spec.size == f"{size.width_px}x{size.height_px}"
    for name in ("fps", "speed", "idle", "activity", "window", "redaction", "overlays", "assets", "outputs"):
        assert getattr(spec, name) == getattr(ClipRequest(recording="r"), name), name


@pytest.mark.parametrize("asked", [ASKED, {"recording": "r", "moment": {"name": "x"}}, {"recording": "r"}])
def test_a_request_comes_back_as_it_was_asked_for(asked: dict[str, Any]) -> None:
    request = ClipRequest.model_validate(given_options(ClipCreate.model_validate(asked)))
    stored = Submission(tenant="t", key_id="k", request=request).stored_request
    assert ClipRequest.model_validate(stored) == request
    told = present.spec(stored, request.recording)
    assert told == ClipSpec.model_validate(asked)
    assert ClipRequest.model_validate(given_options(told)) == request


def test_every_overlay_is_told_of() -> None:
    description = ClipSpec.model_fields["overlays"].description or ""
    assert all(name in description for name in OVERLAYS)


@pytest.mark.parametrize("size", ["64x64", "4096x4096", "1280x720", "99x100", "100x4095", "4089x4090"])
def test_sizes_in_bounds(size: str) -> None:
    ClipSpec(recording="r", size=size)


@pytest.mark.parametrize("size", ["63x64", "4097x64", "5000x64", "0064x64", "64X64", "64x64\n", " 64x64", "٦٤x64"])
def test_sizes_out_of_bounds(size: str) -> None:
    with pytest.raises(ValidationError):
        ClipSpec(recording="r", size=size)
