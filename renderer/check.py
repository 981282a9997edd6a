"""One thing that has to be there for a render: what `renderer doctor` lists."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """`detail`: what was found, on one line. `mend`: what to do when it is not `ok`.

    Without something that is `needed` no clip can be made; without the rest clips are slower or look different.
    """

    name: str
    ok: bool
    detail: str
    mend: str = ""
    needed: bool = True
