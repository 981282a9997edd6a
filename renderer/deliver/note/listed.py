"""A table as lines, for where there are no tables."""

from renderer.deliver.note.document import Inline, Strong, Table, Text, words


def table_lines(table: Table) -> list[tuple[Inline, ...]]:
    """A line for each row: what is known, each with its column's name but the first, which says it by itself. Where the
    first column has no name, its cells are the names.
    """
    return [_line(table.header, row) for row in table.rows]


def _line(header: tuple[tuple[Inline, ...], ...], row: tuple[tuple[Inline, ...], ...]) -> tuple[Inline, ...]:
    if row and not words(header[0]):
        named: list[tuple[Inline, ...]] = (
            [(Strong((*row[0], Text(":"))), Text(" "), *row[1])] if len(row) > 1 else [row[0]]
        )
        rest = list(zip(header, row, strict=True))[2:]
    else:
        named, rest = [row[0]] if row and words(row[0]) else [], list(zip(header, row, strict=True))[1:]
    named += [(Text(f"{words(head)}: "), *cell) if words(head) else cell for head, cell in rest if words(cell)]
    line: list[Inline] = []
    for part in named:
        line += [Text(" · "), *part] if line else part
    return tuple(line)
