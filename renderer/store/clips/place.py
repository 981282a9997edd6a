"""Where RENDERER_STORE_URL points to."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from renderer.clouds.address import CLOUDS, CONTAINER, is_container, is_key
from renderer.errors import SetupError
from renderer.store.clips.names import MAX_LENGTH

# One letter before the colon is a Windows drive.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
# Names are put below it, and keys have 1024 bytes.
_MAX_PREFIX = 1024 - MAX_LENGTH - 1


@dataclass(frozen=True, slots=True)
class CloudPlace:
    """`prefix`: what is put before every name, without slashes around it; None when names begin in the bucket itself."""

    scheme: str
    bucket: str
    prefix: str | None

    @property
    def container(self) -> str:
        return f"{CONTAINER[self.scheme]} {self.bucket}"


def parse_store_url(url: str) -> Path | CloudPlace:
    """Of a path, `file:///FOLDER`, `s3://BUCKET[/PREFIX]`, `gs:` or `az:`. Raises SetupError `bad_store_url`, which quotes nothing."""
    match = _SCHEME.match(url)
    if match is None:
        if not url.strip() or "\0" in url:
            raise _bad("it is empty")
        return Path(url).expanduser().absolute()
    scheme, rest = match[1].lower(), url[match.end() :]
    if scheme == "file":
        return _folder(url)
    if scheme not in CLOUDS:
        raise _bad("nothing can be kept there")
    bucket, _, prefix = rest.removeprefix("//").partition("/")
    prefix = prefix.rstrip("/")
    if not rest.startswith("//") or not is_container(bucket):
        raise _bad(f"it names no {CONTAINER[scheme]}; credentials belong into the environment")
    if prefix and (not is_key(prefix) or len(prefix.encode()) > _MAX_PREFIX):
        raise _bad("its prefix holds //, /./, /../ or control characters, or is too long")
    return CloudPlace(scheme, bucket, prefix or None)


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    path = unquote(parts.path)
    if (
        parts.netloc not in {"", "localhost"}
        or not path.startswith("/")
        or "\0" in path
        or parts.query
        or parts.fragment
    ):
        raise _bad("it is no absolute path of this machine")
    return Path(path)


def _bad(why: str) -> SetupError:
    return SetupError(
        "bad_store_url",
        f"RENDERER_STORE_URL is no place for files: {why}; write a path, file:///FOLDER or s3://BUCKET/PREFIX (gs://, az://)",
    )
