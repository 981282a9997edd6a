"""A note on GitLab: its Markdown has folds, and plays a video that is written as an image."""

from collections.abc import Sequence

from renderer.deliver.note.dialects import markdown
from renderer.deliver.note.dialects.github import folded
from renderer.deliver.note.document import Block

GITLAB = markdown.Flavour(fold=folded, video=markdown.image, file=markdown.link)


def write(blocks: Sequence[Block]) -> str:
    """References (#12, !12, @user, ~label, %milestone) and quick actions in recorded text are code, which GitLab leaves alone."""
    return markdown.write(blocks, GITLAB)
