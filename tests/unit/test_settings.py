"""Paths are meant from where the program was started, whatever folder it works in later."""

from pathlib import Path

import pytest

from renderer.settings import Settings


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///renderer.db", "sqlite:///{here}/renderer.db"),
        ("sqlite:///data/renderer.db", "sqlite:///{here}/data/renderer.db"),
        ("sqlite:////var/renderer.db", "sqlite:////var/renderer.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("postgresql://u:p@host/name", "postgresql://u:p@host/name"),
    ],
)
def test_databases(given: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RENDERER_DATABASE_URL", given)
    assert Settings().database == meant.format(here=tmp_path)


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RENDERER_DATA_DIR", "data")
    monkeypatch.setenv("RENDERER_WORK_DIR", "work")
    settings = Settings()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert (settings.data_dir, settings.work_dir, settings.cache_dir) == (tmp_path / "data", tmp_path / "work", None)
    assert settings.database == f"sqlite:///{tmp_path}/data/renderer.db"
    assert settings.asset_cache_dir == tmp_path / "data" / "cache" / "assets"
