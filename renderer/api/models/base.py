"""What all models have in common."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

MAX_LABELS: Final = 50
_MAX_LABELS_BYTES: Final = 16_384
_LONGEST_LABEL: Final = 1000
_LARGEST_LABEL: Final = 2**53


class Given(BaseModel):
    """What comes in: a field that we do not know is a mistake of somebody's, and told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """What goes out."""

    model_config = ConfigDict(frozen=True)


def in_words(said: str) -> WrapValidator:
    """What is said when a value will not do, instead of a pattern that nobody reads."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError:
            raise ValueError(said) from None

    return WrapValidator(check)


def storable(text: str) -> bool:
    """PostgreSQL holds no NUL in texts and none in JSON, and nothing encodes half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _label(value: Any) -> Any:
    if isinstance(value, str) and len(value) <= _LONGEST_LABEL and storable(value):
        return value
    if value is None or isinstance(value, bool):
        return value
    # JSON numbers beyond these lose digits in most programs that read them.
    if isinstance(value, int | float) and abs(value) <= _LARGEST_LABEL:
        return value
    raise ValueError(f"it is no text of {_LONGEST_LABEL} characters at most, number, true, false or null")


def _labels(labels: dict[str, Any]) -> dict[str, Any]:
    if not all(storable(name) for name in labels):
        raise ValueError("a name in it cannot be stored")
    if sum(len(str(part).encode()) for pair in labels.items() for part in pair) > _MAX_LABELS_BYTES:
        raise ValueError(f"it is larger than {_MAX_LABELS_BYTES // 1024} KiB")
    return labels


LabelValue = Annotated[
    Any,
    AfterValidator(_label),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": _LONGEST_LABEL},
                {"type": "number", "minimum": -_LARGEST_LABEL, "maximum": _LARGEST_LABEL},
                {"type": "boolean"},
                {"type": "null"},
            ]
        }
    ),
]
Labels = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=100)], LabelValue],
    Field(
        max_length=MAX_LABELS,
        description="Yours: kept, and told again with the clip and in webhooks.",
        examples=[{"ticket": "48213"}],
    ),
    AfterValidator(_labels),
]

Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"}, examples=["2026-11-27T06:29:29.123Z"])]


def instant(unix_ms: int) -> str:
    """RFC 3339, UTC."""
    return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant_or_none(unix_ms: int | None) -> str | None:
    return None if unix_ms is None else instant(unix_ms)
