"""The data folder: one copy of the platform at a time, and the secrets it made for itself."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from grc.embedded.errors import LaunchRefused

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords and keys of one data folder, made once; `mark` only tells it from others."""

    mark: str
    superuser: str
    owner: str
    web: str
    valkey: str
    secret_key: str


def data_folder() -> Path:
    """`DATA_DIR`, by default `var` beside manage.py; made when absent.

    Mode 711: the servers' account passes through to folders of its own, and nobody can list it.
    What lies in it is mode 600 or 700. A folder that stands is left as it is.
    """
    path = (ROOT / (os.environ.get("DATA_DIR") or "var")).resolve()
    try:
        if not path.exists():
            path.mkdir(parents=True)
            path.chmod(0o711)
        _writable(path)
    except OSError as error:
        raise LaunchRefused(
            f"The data folder {path} cannot be used: {error.strerror}. Set DATA_DIR to a folder "
            "this account may write."
        ) from error
    return path


def _writable(path: Path) -> None:
    with (path / "lock").open("a"):
        return


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the data folder. Raises LaunchRefused when another copy holds it; dies with us."""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LaunchRefused(
                f"Tickmark already runs on the data folder {folder}. Stop that copy first, or "
                "give this one a folder and a port of its own: make run DATA_DIR=… PORT=…"
            ) from None
        yield


def is_locked(folder: Path) -> bool:
    """Whether a copy runs on the data folder now."""
    try:
        with locked(folder):
            return False
    except (LaunchRefused, FileNotFoundError):
        return True


def secrets_of(folder: Path) -> Secrets:
    """The folder's secrets, made at the first start and kept in `secrets.json`, mode 600."""
    path = folder / "secrets.json"
    with suppress(FileNotFoundError):
        return Secrets(**json.loads(path.read_text()))
    made = Secrets(secrets.token_hex(8), *(secrets.token_urlsafe(48) for _ in range(5)))
    write_private(path, {name: getattr(made, name) for name in Secrets.__slots__})
    return made


def write_private(path: Path, content: dict[str, str]) -> None:
    """Write JSON that only we may read, whole or not at all."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
