"""What real object stores refuse: one line each, without a secret, for the person who can mend it."""

import os
from pathlib import Path

import pytest

from renderer.bootstrap import build_sources
from renderer.errors import RendererError
from renderer.settings import Settings
from tests.integration.conftest import Clouds
from tests.integration.sources.object_server import BUCKET, ENDPOINT, ObjectServer
from tests.integration.sources.s3_server import STRANGER

SAS = "sv=2022-11-02&ss=b&srt=sco&sp=rl&se=2099-01-01T00:00:00Z&spr=https,http&sig=canary"
ACCESS = {
    "another secret": ("s3", {"AWS_SECRET_ACCESS_KEY": "wrong-secret-canary"}, "secret key does not belong"),
    "an unknown key": ("s3", {"AWS_ACCESS_KEY_ID": "NOBODYKEY"}, "access key is not known"),
    "a stranger": (
        "s3",
        {"AWS_ACCESS_KEY_ID": STRANGER[0], "AWS_SECRET_ACCESS_KEY": STRANGER[1]},
        "need the right to read and list",
    ),
    "a token that is none": (
        "gs",
        {"GOOGLE_SKIP_SIGNATURE": "", "GOOGLE_BEARER_TOKEN": "canary"},
        "need the right to read and list",
    ),
    "another account key": ("az", {"AZURE_STORAGE_ACCOUNT_KEY": "Y2FuYXJ5"}, "need the right to read and list"),
    "a token with a false signature": (
        "az",
        {"AZURE_STORAGE_ACCOUNT_KEY": "", "AZURE_STORAGE_SAS_TOKEN": SAS},
        "need the right to read and list",
    ),
    "nobody": (
        "az",
        {"AZURE_STORAGE_ACCOUNT_KEY": "", "AZURE_SKIP_SIGNATURE": "true"},
        "need the right to read and list",
    ),
}


@pytest.mark.parametrize("name", ACCESS)
def test_who_may_not_read_is_told_why(
    clouds: Clouds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    scheme, change, says = ACCESS[name]
    cloud = clouds(scheme)
    cloud.put("mine.json", b"[]")
    for variable, value in change.items():
        if value:
            monkeypatch.setenv(variable, value)
        else:
            monkeypatch.delenv(variable)
    for key in ("mine.json", "some/prefix/"):
        error = _refused(tmp_path, f"{cloud.container}/{key}")
        assert (error.code, error.exit_code) == ("access_denied", 2)
        assert says in error.message
    assert capfd.readouterr() == ("", "")


ENDPOINTS = {
    "localhost:9000": ("s3 gs az", "bad_endpoint", 2, "is not a web address; write it as https://HOST:PORT"),
    "https://buc ket:9000": ("s3 gs az", "bad_endpoint", 2, "is not a web address"),
    "https://[::1": ("s3 gs az", "bad_endpoint", 2, "is not a web address"),
    "https://canary@host:70000": ("s3 gs az", "bad_endpoint", 2, "is not a web address"),
    "http://store.example": ("gs az", "bad_endpoint", 2, "a token could be read on the way"),
    "http://127.0.0.1:1": ("s3 gs az", "source_unreachable", 1, "does not answer"),
}


@pytest.mark.parametrize(
    ("endpoint", "scheme"), [(endpoint, scheme) for endpoint, row in ENDPOINTS.items() for scheme in row[0].split()]
)
def test_an_endpoint_that_cannot_be_used_is_named(
    clouds: Clouds,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    endpoint: str,
    scheme: str,
) -> None:
    _, code, exit_code, says = ENDPOINTS[endpoint]
    cloud = clouds(scheme)
    monkeypatch.setenv(ENDPOINT[scheme], endpoint)
    for key in ("mine.json", "some/prefix/"):
        error = _refused(tmp_path, f"{cloud.container}/{key}")
        assert (error.code, error.exit_code) == (code, exit_code)
        assert says in error.message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("reference", ["{}/not/there.json", "{}/not/there/", "{}-no/there.json", "{}-no/there/"])
def test_what_is_not_there_is_the_callers_to_mend(cloud: ObjectServer, tmp_path: Path, reference: str) -> None:
    error = _refused(tmp_path, reference.format(cloud.container))
    assert (error.code, error.exit_code) == ("recording_not_found", 2)
    assert ("does not exist" if "-no" in reference else "neither an object nor a prefix") in error.message


@pytest.mark.parametrize(
    "reference",
    [
        f"s3://{BUCKET}",
        f"s3://{BUCKET}///",
        f"s3:{BUCKET}/there.json",
        f"s3://{BUCKET}/a//b",
        f"s3://{BUCKET}/a/../b",
        f"s3://{BUCKET}/a\nb",
        f"s3://{BUCKET}/" + 1025 * "k",
        "s3://AKIDCANARY:secret-canary@bucket/key",
        "s3://buck et/key",
        "gs://../key",
        "az://",
    ],
)
def test_what_is_no_reference_is_told_without_asking_anybody(tmp_path: Path, reference: str) -> None:
    error = _refused(tmp_path, reference)
    assert (error.code, error.exit_code) == ("bad_reference", 2)


@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
def test_without_credentials_the_variables_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    for name in list(os.environ):
        if name.startswith(("AWS_", "GOOGLE_", "AZURE_")):
            monkeypatch.delenv(name)
    # Nothing listens there: a machine that has no identity of its own.
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:1")
    error = _refused(tmp_path, f"{scheme}://bucket/key")
    assert error.code == "no_credentials"
    assert {"s3": "AWS_ACCESS_KEY_ID", "gs": "GOOGLE_", "az": "AZURE_"}[scheme] in error.message


def _refused(folder: Path, reference: str) -> RendererError:
    """What is said holds no secret, and nothing is kept."""
    with pytest.raises(RendererError) as caught:
        build_sources(Settings(data_dir=folder)).fetch(reference)
    said = f"{caught.value.message} {caught.value.__cause__} {caught.value!r}"
    assert "canary" not in said.lower()
    assert "\n" not in caught.value.message
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    return caught.value
