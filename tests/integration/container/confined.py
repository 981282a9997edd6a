"""A program as the container runs it: nobody's rights, no new ones, and the seccomp profile of the container."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.signals import heard

ROOT: Final = Path(__file__).parents[3]
PROFILE: Final = ROOT / "deploy" / "seccomp.json"
_LOADER: Final = Path(__file__).with_name("seccomp.py")
BIN: Final = Path(sys.executable).parent
# Python and the checkout may be in root's home, which nobody else may enter. To read them is all that it is good for.
_READ: Final = "-all,+dac_read_search"


class Confined:
    """`folder` is its own: where it starts, its home, its data, its temporary files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.log.touch()

    def start(
        self, program: Path, *typed: str | Path, env: Mapping[str, str] | None = None, profile: bool = True
    ) -> "subprocess.Popen[bytes]":
        """What it says goes to `log`. Without `profile`: the same, but for the profile."""
        loader = [sys.executable, _LOADER, PROFILE] if profile else []
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*map(str, [*_as_nobody(), *loader, program, *typed])],
                cwd=self.folder,
                env={
                    "PATH": f"{BIN}:{os.environ['PATH']}",
                    "HOME": str(self.folder),
                    "TMPDIR": str(self.folder),
                    "RENDERER_DATA_DIR": str(self.folder / "data"),
                    "RENDERER_WORK_DIR": str(self.folder / "work"),
                    **(env or {}),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=heard,
            )

    def run(self, program: Path, *typed: str | Path, env: Mapping[str, str] | None = None, profile: bool = True) -> str:
        """To its end, which has to be a good one; what it said."""
        began = self.log.stat().st_size
        code = self.start(program, *typed, env=env, profile=profile).wait(60)
        said = self.log.read_bytes()[began:].decode()
        assert code == 0, said
        return said


@contextmanager
def confinement() -> Iterator[Confined]:
    """Not below pytest's folder, which nobody but its owner may enter: access(2), which ffmpeg asks, knows no capabilities."""
    folder = Path(tempfile.mkdtemp(prefix="confined-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
        yield Confined(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_nobody() -> list[str]:
    """Somebody else but root is nobody enough."""
    if os.geteuid() != 0:
        return ["setpriv", "--no-new-privs"]
    nobody = pwd.getpwnam("nobody")
    return [
        "setpriv",
        f"--reuid={nobody.pw_uid}",
        f"--regid={nobody.pw_gid}",
        "--clear-groups",
        f"--inh-caps={_READ}",
        f"--ambient-caps={_READ}",
        f"--bounding-set={_READ}",
        "--no-new-privs",
    ]
