"""What the process of the API needs, and what it does not."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def test_neither_chromium_nor_ffmpeg_nor_celery_is_loaded_to_answer() -> None:
    asked = "import renderer.cli.serve, sys; print([name for name in ('playwright', 'ffmpeg', 'PIL', 'celery') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
