"""What is wrong with a store, whichever kind it is."""

from renderer.errors import StoreError


def not_found(name: str) -> StoreError:
    return StoreError("file_not_found", f"there is no {name} in the store; it was deleted, or never stored")


def damaged(name: str) -> StoreError:
    """What is read is not what was put."""
    return StoreError(
        "store_damaged",
        f"the store did not keep {name} as it was given: what is read back is something else; check its disk or server",
        retryable=True,
    )


def still_there(prefix: str) -> StoreError:
    """The store said that it was deleted."""
    return StoreError(
        "store_damaged", f"{prefix} was deleted and is still in the store; check its disk or server", retryable=True
    )
