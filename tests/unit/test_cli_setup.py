"""scripts/setup against a system made of stand-ins: what it asks for, and that it is idle when all is there."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "setup"
ALL = (
    "ca-certificates",
    "ffmpeg",
    "font*",
    "libatomic1",
    "redis-server",
    "postgresql",
    "tesseract-ocr",
    "chromium-headless-shell",
)
TOOLS = ("sh", "env", "cat", "cut", "grep", "ls", "printf", "rm", "sed", "tee", "tr", "chmod")
NEWEST, OLDER = "156.0.8078.108-1~deb12u1", "150.0.7871.100-1~deb12u1"


class System:
    """A PATH of stand-ins; each call to apt-get and sudo is written down."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls = folder / "calls"
        self.calls.write_text("")
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)
        self.has("id", "echo 1000")
        self.has("sudo", f'echo "$*" >> {self.calls}')
        self.has("apt-get", "exit 99")  # only as root
        self.archive_has(NEWEST, OLDER)
        self.has("python3", 'case "$1" in -V) echo Python 3.11.2;; esac')
        self.has("node", 'case "$1" in -v) echo v20.1.0;; *) echo 20;; esac')
        self.has("npm")
        self.has("make")
        self.has("git")
        self.installed("all")

    def has(self, name: str, does: str = "") -> None:
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)

    def lacks(self, *names: str) -> None:
        for name in names:
            (self.bin / name).unlink()

    def installed(self, *packages: str) -> None:
        known = "*" if packages == ("all",) else "|".join(packages) or "-"
        asked = f"""case "$2" in *Version*) echo {NEWEST};; *) echo "install ok installed";; esac"""
        self.has("dpkg-query", f'case "$3" in {known}) {asked};; *) exit 1;; esac')

    def archive_has(self, *versions: str) -> None:
        """Of Chromium, the newest first."""
        lines = "; ".join(f'echo "chromium-headless-shell | {version} | an archive"' for version in versions)
        self.has("apt-cache", f'case "$1" in madison) {lines};; *) echo "  Candidate: {versions[0]}";; esac')

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SCRIPT), *argv], env={"PATH": str(self.bin)}, capture_output=True, text=True, timeout=30
        )

    @property
    def installs(self) -> list[list[str]]:
        """The packages of each `apt-get install`."""
        lines = [line for line in self.calls.read_text().splitlines() if " install " in line]
        return [line.split("--no-install-recommends")[1].split() for line in lines]


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_nothing_is_called_when_all_is_there(system: System) -> None:
    done = system.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert system.calls.read_text() == ""


def test_all_that_is_missing_is_installed_once(system: System) -> None:
    system.installed()
    done = system.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert [sorted(names) for names in system.installs] == [
        [
            "ca-certificates",
            "chromium-headless-shell",
            "ffmpeg",
            "fontconfig",
            "fonts-liberation",
            "fonts-noto-cjk",
            "fonts-noto-color-emoji",
            "libatomic1",
            "postgresql",
            "redis-server",
            "tesseract-ocr",
        ]
    ]


def test_only_what_is_missing_is_installed(system: System) -> None:
    system.installed(*(package for package in ALL if package != "ffmpeg"))
    assert system.run().returncode == 0
    assert system.installs == [["ffmpeg"]]


def test_services_are_neither_started_nor_left_enabled(system: System) -> None:
    system.installed()
    system.has("systemctl", "exit 99")  # only as root
    assert system.run().returncode == 0
    calls = system.calls.read_text().splitlines()
    install = next(number for number, call in enumerate(calls) if " install " in call)
    if not Path("/usr/sbin/policy-rc.d").exists():
        assert calls[install - 2 : install] == ["tee /usr/sbin/policy-rc.d", "chmod 755 /usr/sbin/policy-rc.d"]
        assert calls[install + 1] == "rm -f /usr/sbin/policy-rc.d"
    assert calls[-2:] == [
        "systemctl disable --quiet redis-server.service",
        "systemctl disable --quiet postgresql.service",
    ]


@pytest.mark.parametrize("there", [("redis-server", "postgresql"), ("redis-server", "postgresql-common")])
def test_a_service_that_was_there_is_left_as_it_is(there: tuple[str, ...], system: System) -> None:
    system.installed(*there)
    system.has("systemctl", "exit 99")
    assert system.run().returncode == 0
    assert "systemctl" not in system.calls.read_text()


def test_without_systemd_services_are_taken_from_the_run_levels(system: System) -> None:
    system.installed()
    system.has("update-rc.d", "exit 99")
    assert system.run().returncode == 0
    assert system.calls.read_text().splitlines()[-2:] == [
        "update-rc.d redis-server disable",
        "update-rc.d postgresql disable",
    ]


def test_the_guard_goes_when_apt_fails(system: System) -> None:
    system.installed()
    system.has("sudo", f'echo "$*" >> {system.calls}; case "$*" in *" install "*) exit 7;; esac')
    assert system.run().returncode == 7
    if not Path("/usr/sbin/policy-rc.d").exists():
        assert system.calls.read_text().splitlines()[-1] == "rm -f /usr/sbin/policy-rc.d"


def test_ubuntu_without_the_package_is_left_to_playwright(system: System) -> None:
    system.installed()
    system.has("apt-cache", 'echo "  Candidate: (none)"')
    assert system.run().returncode == 0
    assert "chromium-headless-shell" not in system.installs[0]
    assert "ffmpeg" in system.installs[0]


def test_a_container_gets_no_servers_and_needs_no_node(system: System) -> None:
    system.installed()
    system.lacks("node", "npm", "make", "git", "python3")
    assert system.run("runtime").returncode == 0
    assert not {"redis-server", "postgresql"} & set(system.installs[0])
    assert {"chromium-headless-shell", "tini"} <= set(system.installs[0])


def test_a_container_gets_the_chromium_that_it_names(system: System) -> None:
    system.installed()
    assert system.run("runtime", OLDER).returncode == 0
    assert f"chromium-headless-shell={OLDER}" in system.installs[0]
    assert "chromium-headless-shell" not in system.installs[0]


def test_without_a_version_it_gets_the_newest(system: System) -> None:
    system.installed()
    assert system.run("runtime", "").returncode == 0
    assert "chromium-headless-shell" in system.installs[0]


def test_the_chromium_that_is_there_is_kept_when_it_is_the_right_one(system: System) -> None:
    assert system.run("runtime", NEWEST).returncode == 0
    assert system.calls.read_text() == ""
    assert system.run("runtime", OLDER).returncode == 0
    assert system.installs == [[f"chromium-headless-shell={OLDER}"]]


def test_a_chromium_that_the_archive_no_longer_has_is_told_in_one_line(system: System) -> None:
    system.installed()
    done = system.run("runtime", "155.0.1.1-1~deb12u1")
    assert done.returncode == 1
    assert done.stderr == (
        "setup: Debian's archive has no chromium-headless-shell 155.0.1.1-1~deb12u1 any more: set CHROMIUM_VERSION in the "
        f"Dockerfile to one that it has ({NEWEST}, {OLDER}), or build with --build-arg CHROMIUM_VERSION= for the newest\n"
    )
    assert system.installs == []


def test_a_python_without_pip_gets_debians_package(system: System) -> None:
    system.has("python3", 'case "$2" in *ensurepip*) exit 1;; esac')
    system.installed(*ALL)
    assert system.run().returncode == 0
    assert system.installs == [["python3-venv"]]


@pytest.mark.parametrize(
    ("name", "does", "message"),
    [
        ("python3", 'case "$1" in -V) echo Python 3.9.1;; *) exit 1;; esac', "python3 is 3.9.1, but 3.11 or newer"),
        ("node", 'case "$1" in -v) echo v18.4.0;; *) echo 18;; esac', "node is v18.4.0, but 20 or newer"),
        ("python3", None, "python3 was not found: install Python 3.11"),
        ("node", None, "node was not found: install Node.js 20"),
        ("npm", None, "npm was not found"),
        ("make", None, "make was not found"),
    ],
)
def test_what_it_cannot_mend_it_says(name: str, does: str | None, message: str, system: System) -> None:
    if does is None:
        system.lacks(name)
    else:
        system.has(name, does)
    done = system.run()
    assert done.returncode == 1
    assert done.stderr.startswith(f"setup: {message}")
    assert done.stderr.count("\n") == 1


def test_without_root_and_sudo_it_says_what_is_needed(system: System) -> None:
    system.installed(*(package for package in ALL if package != "ffmpeg"))
    system.lacks("sudo")
    done = system.run()
    assert done.returncode == 1
    assert done.stderr == (
        "setup: packages have to be installed (ffmpeg), which takes root: run scripts/setup as root, or install sudo\n"
    )


def test_without_apt_it_says_what_to_install(system: System) -> None:
    system.lacks("apt-get")
    done = system.run()
    assert done.returncode == 1
    for word in ("ffmpeg", "Liberation", "Noto CJK", "Noto Color Emoji", "playwright install --only-shell chromium"):
        assert word in done.stderr
    system.has("ffmpeg")
    system.has("ffprobe")
    assert system.run().returncode == 0


def test_a_browser_is_fetched_only_where_there_is_none(system: System, tmp_path: Path) -> None:
    system.has("chromium-headless-shell")
    assert system.run("browser").returncode == 0
    system.lacks("chromium-headless-shell")
    done = subprocess.run(
        [str(SCRIPT), "browser"], cwd=tmp_path, env={"PATH": str(system.bin)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "run make setup" in done.stderr
    venv = tmp_path / ".venv" / "bin"
    venv.mkdir(parents=True)
    playwright = venv / "playwright"
    playwright.write_text(f'#!/bin/sh\necho "playwright $*" >> {system.calls}\n')
    playwright.chmod(0o755)
    done = subprocess.run(
        [str(SCRIPT), "browser"], cwd=tmp_path, env={"PATH": str(system.bin)}, capture_output=True, text=True
    )
    assert done.returncode == 0
    assert system.calls.read_text().splitlines() == [
        "playwright install --list",
        "playwright install --with-deps --only-shell chromium",
    ]


def test_the_script_is_executable() -> None:
    assert os.access(SCRIPT, os.X_OK)


def test_ticket_systems_are_installed_without_databases_of_their_own_and_on_debian_12_alone(system: System) -> None:
    is_debian_12 = "VERSION_CODENAME=bookworm\n" in Path("/etc/os-release").read_text()
    system.installed()
    system.has("sudo", f'echo "$*" >> {system.calls}; case "$*" in *debconf*) cat >> {system.calls};; esac')
    done = system.run("trackers")
    if not is_debian_12:
        assert (done.returncode, system.installs) == (1, [])
        assert "Debian 12" in done.stderr
        return
    assert (done.returncode, done.stderr) == (0, "")
    ((*packages,),) = system.installs
    assert {"redmine", "redmine-sqlite", "request-tracker5", "rt5-db-sqlite"} <= set(packages)
    assert "redmine redmine/instances/default/dbconfig-install boolean false" in system.calls.read_text()
    system.installed("all")
    system.calls.write_text("")
    assert system.run("trackers").returncode == 0
    assert system.calls.read_text() == ""
