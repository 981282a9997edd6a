"""References as they are pasted from a browser."""

import re


def pasted(reference: str, *beginnings: str) -> str:
    """What names the ticket in its page's address, without what follows it; any other reference as it is."""
    for beginning in beginnings:
        if reference.startswith(beginning):
            return re.split(r"[/?#]", reference.removeprefix(beginning), maxsplit=1)[0]
    return reference
