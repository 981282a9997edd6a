"""Prints the OpenAPI document of the API: what `make openapi` writes to docs/openapi.json."""

import json
import tempfile
from pathlib import Path
from typing import Any

from renderer.api.app import create_app
from renderer.api.service import build_service
from renderer.database.engine import Database
from renderer.database.upgrade import upgrade
from renderer.jobs.wake import Bell
from renderer.settings import Settings


def document() -> dict[str, Any]:
    """Of a service with default settings, which is put together for this and thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder))
        database = Database(f"sqlite:///{folder}/renderer.db")
        upgrade(database)
        told = create_app(build_service(settings, database, Bell())).openapi()
        database.close()
    return told


if __name__ == "__main__":
    print(json.dumps(document(), indent=1, ensure_ascii=False))
