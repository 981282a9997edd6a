"""What commands have in common: the settings, and how they answer programs."""

from typing import TYPE_CHECKING, Annotated

import typer

from renderer.errors import RequestError

if TYPE_CHECKING:
    from renderer.settings import Settings

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else.")]


def read_settings() -> "Settings":
    """Raises RequestError `bad_setting`."""
    from pydantic import ValidationError

    from renderer.cli.arguments import describe
    from renderer.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        raise RequestError("bad_setting", describe(error, lambda field: f"RENDERER_{field.upper()}")) from None
