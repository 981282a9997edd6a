"""The entry of a worker: `celery -A worker worker`. Settings are environment variables (docs/settings.md)."""

from renderer.jobs.celery_app import build_worker
from renderer.settings import Settings

app = build_worker(Settings())
