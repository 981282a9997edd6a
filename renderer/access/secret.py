"""The service's one secret: what API keys are hashed under, and links, webhooks and the audit log are signed with."""

import hmac
import os
import secrets
import stat
import tempfile
from pathlib import Path
from typing import Final, Self

from renderer.errors import SetupError
from renderer.settings import Settings

FILE: Final = "secret.key"
SHORTEST: Final = 32
"""Characters: what is made here has 64, 256 bits in hexadecimal."""
_LARGEST_BYTES: Final = 4096
_SALT: Final = b"renderer service secret 1"
_HASH: Final = "sha256"
_HASH_BYTES: Final = 32


class ServiceSecret:
    """Each purpose has a key of its own (HKDF, RFC 5869), so that what is signed for one is never good for another."""

    __slots__ = ("_key",)

    def __init__(self, text: str) -> None:
        """Raises SetupError `bad_secret_key` when it is shorter than 32 characters; line ends around it do not count."""
        text = text.strip()
        if len(text) < SHORTEST:
            raise SetupError(
                "bad_secret_key",
                f"the service's secret has fewer than {SHORTEST} characters: set RENDERER_SECRET_KEY to what `openssl rand -hex 32` prints",
            )
        self._key = hmac.digest(_SALT, text.encode("utf-8", "surrogateescape"), _HASH)

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """RENDERER_SECRET_KEY, or `secret.key` in the data folder, which is made when it is not there: once, however many processes
        start at the same time. Raises SetupError: bad_secret_key, open_secret_key, secret_unwritable.
        """
        if settings.secret_key is not None:
            return cls(settings.secret_key.get_secret_value())
        path = settings.data_dir / FILE
        try:
            if not path.exists():
                _make(path)
            return cls(_read(path))
        except OSError as error:
            raise SetupError(
                "secret_unwritable",
                f"the service's secret cannot be kept in {path}: {os.strerror(error.errno or 0)}; set RENDERER_SECRET_KEY or RENDERER_DATA_DIR",
            ) from error

    def derive(self, purpose: str, n_bytes: int) -> bytes:
        """Always the same for the same purpose; at most 8160 bytes."""
        if not 0 < n_bytes <= 255 * _HASH_BYTES:
            raise ValueError("HKDF-SHA256 gives 1 to 8160 bytes")
        block, made = b"", b""
        for count in range(1, -(-n_bytes // _HASH_BYTES) + 1):
            block = hmac.digest(self._key, block + purpose.encode() + bytes([count]), _HASH)
            made += block
        return made[:n_bytes]

    def digest(self, purpose: str, data: str | bytes) -> str:
        """HMAC-SHA256 under the purpose's own key, 64 hexadecimal digits."""
        return hmac.digest(
            self.derive(purpose, _HASH_BYTES), data.encode() if isinstance(data, str) else data, _HASH
        ).hex()

    def __repr__(self) -> str:
        return "ServiceSecret(…)"


def _read(path: Path) -> str:
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise SetupError(
                "open_secret_key", f"others on this machine can read {path}: chmod 600 it, or set RENDERER_SECRET_KEY"
            )
        data = file.read(_LARGEST_BYTES)
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise SetupError(
            "bad_secret_key", f"{path} is damaged: put it back from a backup; without it API keys and links are void"
        ) from None


def _make(path: Path) -> None:
    """Written whole beside it, then linked: of several processes one gives the name, and nobody reads half a file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{secrets.token_hex(_HASH_BYTES)}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(beside)
        except FileExistsError:
            return
        _sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
