"""A comment on GitHub: GitHub-flavoured Markdown, with folds; a video plays where its URL stands alone on a line."""

from collections.abc import Sequence

from renderer.deliver.note.dialects import markdown
from renderer.deliver.note.dialects.html import title_html
from renderer.deliver.note.document import Block
from renderer.deliver.note.tidy import web_url


def folded(title: str, body: str) -> str:
    """The blank lines let Markdown in."""
    return f"<details>\n<summary>{title_html(title)}</summary>\n\n{body}\n\n</details>"


def _video(address: str, name: str) -> str:
    return web_url(address) or markdown.link(address, name)


GITHUB = markdown.Flavour(fold=folded, video=_video, file=markdown.link)


def write(blocks: Sequence[Block]) -> str:
    return markdown.write(blocks, GITHUB)
