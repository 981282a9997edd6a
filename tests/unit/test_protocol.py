"""Host and page speak one protocol: the TypeScript side is generated from the Python side, and the two may not drift."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import ValidationError

from renderer.plan.overlays import OVERLAYS
from renderer.player.protocol import MESSAGES, Pointer, Setup, Stepped
from scripts.protocol_types import generate, typescript

GENERATED = Path(__file__).parents[2] / "player_assets" / "src" / "protocol.gen.ts"


def test_the_generated_file_is_up_to_date() -> None:
    assert GENERATED.read_text("utf-8") == generate(), "run `make protocol`"


def test_every_message_is_generated() -> None:
    text = GENERATED.read_text("utf-8")
    for message in MESSAGES:
        assert f"export interface {message.__name__} {{" in text
        for name in message.model_fields:
            assert f"  {name}: " in text


def test_the_page_knows_every_overlay_that_can_be_asked_for() -> None:
    overlays = Setup.model_json_schema()["properties"]["overlays"]["items"]["enum"]
    assert set(overlays) == OVERLAYS


@pytest.mark.parametrize(
    ("annotation", "text"),
    [(int, "number"), (bool, "boolean"), (str, "string"), (int | None, "number | null"), (list[int], "number[]"),
     (list[int | None], "(number | null)[]"), (Pointer | None, "Pointer | null"), (Literal["a", "b"] | None, '"a" | "b" | null')],
)  # fmt: skip
def test_types_are_translated(annotation: object, text: str) -> None:
    assert typescript(annotation) == text


def test_an_unknown_type_is_an_error_and_not_any() -> None:
    with pytest.raises(TypeError):
        typescript(dict[str, int])


def test_an_answer_of_another_shape_is_refused() -> None:
    with pytest.raises(ValidationError):
        Stepped.model_validate(
            {"done": True, "session_ms": 1, "next_ms": None, "loading": False, "fonts": 0, "more": 1}
        )
    with pytest.raises(ValidationError):
        Stepped.model_validate({"done": True, "session_ms": 1})
