"""A comment on Linear: Markdown without HTML. Its folds stand between lines of `+++`; a video is written as an image."""

from collections.abc import Sequence

from renderer.deliver.note.dialects import markdown
from renderer.deliver.note.document import Block, Text


def _folded(title: str, body: str) -> str:
    return f"+++ {markdown.line((Text(title),))}\n\n{body}\n\n+++"


LINEAR = markdown.Flavour(fold=_folded, video=markdown.image, file=markdown.link)


def write(blocks: Sequence[Block]) -> str:
    return markdown.write(blocks, LINEAR)
