"""Lists: a page, and the cursor of the next one."""

from typing import Annotated, Generic, TypeVar

from pydantic import Field

from renderer.api.models.base import Told

Item = TypeVar("Item")


class Page(Told, Generic[Item]):
    """Newest first."""

    data: tuple[Item, ...]
    has_more: bool
    next_cursor: Annotated[str | None, Field(description="`?cursor=` of the next page; also in the header Link.")]
