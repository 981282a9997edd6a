"""Where a clip is to go, and how."""

from typing import Any

import msgspec


class Going(msgspec.Struct, frozen=True):
    """`to`: a destination in its right spelling, `webhook:ID` or `zendesk:48213`. `is_public`: the customer may read the note. `accepts`: risks
    that the caller knows of, see `renderer.deliver.parcel.Risk`.
    """

    to: str
    is_public: bool = False
    accepts: tuple[str, ...] = ()

    def options(self) -> dict[str, Any]:
        """As a delivery's row has them; nothing for what is as it mostly is."""
        public = {"public": True} if self.is_public else {}
        return public | ({"accepts": list(self.accepts)} if self.accepts else {})
