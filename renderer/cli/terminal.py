"""Text for people: one line each, and nothing in it that a terminal would obey."""

from collections.abc import Iterable


def printable(text: str) -> str:
    """Recorded text may hold escape sequences and line ends; a terminal must get neither."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def one_line(text: str) -> str:
    return printable(" ".join(text.split()))


def human_bytes(count: int) -> str:
    """1,234,567 bytes are `1.2 MB`; decimal units, as file managers and ticket systems count."""
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 999.5:
            return f"{count} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def table(rows: Iterable[tuple[str, ...]], indent: str = "  ") -> str:
    """Columns side by side, the last one ragged."""
    lines = [tuple(printable(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        (indent + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))).rstrip()
        for line in lines
    )


def json_text(value: object) -> str:
    """For programs, and for people who look at it."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value).decode(), indent=2)
