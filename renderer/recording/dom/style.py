"""An element's style attribute, changed one property at a time as rrweb records it."""

import re
from collections.abc import Mapping

# A hundred thousand changes to a style of a megabyte would be a hundred gigabytes to parse.
LONGEST = 20_000
_DECLARATIONS = re.compile(r"""(?:[^;"'()]++|"[^"]*+(?:"|$)|'[^']*+(?:'|$)|\([^)]*+(?:\)|$)|\))++""")


def merged(style: str, changes: Mapping[object, object]) -> str:
    """`style` with each property of `changes` set to a text, to `[text, "important"]`, or taken out (`false`).

    Styles of more than LONGEST characters stay as they are.
    """
    if len(style) > LONGEST:
        return style
    properties: dict[str, str] = {}
    for declaration in _DECLARATIONS.findall(style):
        name, colon, value = declaration.partition(":")
        if colon:
            properties[name.strip()] = value.strip()
    for changed, told in changes.items():
        if not isinstance(changed, str):
            continue
        if isinstance(told, list) and told and isinstance(told[0], str):
            properties[changed] = f"{told[0]} !important" if told[1:] == ["important"] else told[0]
        elif isinstance(told, str):
            properties[changed] = told
        else:
            properties.pop(changed, None)
    return " ".join(f"{name}: {value};" for name, value in properties.items())
