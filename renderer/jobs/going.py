"""Where a clip is to go, and how."""

from typing import Any

import msgspec


class Going(msgspec.Struct, frozen=True):
    """`to`: a destination in its right spelling, `webhook:ID` or `zendesk:48213`. `is_public`: the customer may read the note. `accepts`: risks
    that the caller knows of, see `renderer.deliver.parcel.Risk`. `replaces`: an earlier delivery to the same ticket, which is taken away once
    this one is there.
    """

    to: str
    is_public: bool = False
    accepts: tuple[str, ...] = ()
    replaces: str | None = None

    def options(self) -> dict[str, Any]:
        """As a delivery's row has them; nothing for what is as it mostly is."""
        said = {"public": self.is_public, "accepts": list(self.accepts), "replaces": self.replaces}
        return {name: value for name, value in said.items() if value}
