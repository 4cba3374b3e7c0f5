"""Writes the hashes of every locked package, for the systems and Pythons we install on (SUP-1).

`requirements.lock` names each package once; `requirements.hashes` (what runs) and
`requirements-dev.hashes` (what tests and checks need beside it) are made from it by asking the
index, through pip, which files it has. Hashes of versions that stand there already are kept.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements.lock"
RUNS, TESTS = ROOT / "requirements.hashes", ROOT / "requirements-dev.hashes"
PYTHONS = ("3.11", "3.12", "3.13")
GLIBC = ("2_34", "2_28", "2_17", "2_12", "2_5")
SYSTEMS = {
    "Linux on x86-64": [f"manylinux_{each}_x86_64" for each in GLIBC]
    + ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"],
    "Linux on ARM": [f"manylinux_{each}_aarch64" for each in GLIBC] + ["manylinux2014_aarch64"],
    "macOS on ARM": [f"macosx_{each}_0_arm64" for each in (14, 13, 12, 11)],
}
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", re.MULTILINE)
_ENTRY = re.compile(
    r"^([A-Za-z0-9._-]+==[^\s\\]+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)", re.MULTILINE
)
HEADER = "# Made by `make lock` from requirements.lock; do not edit. {}\n"

Hashes = dict[str, set[str]]


def plain(name: str) -> str:
    """A package's name as an index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    """Package → "name==version", as locked."""
    text = LOCK.read_text(encoding="utf-8")
    return {plain(name): f"{plain(name)}=={version}" for name, version in _PIN.findall(text)}


def known() -> Hashes:
    """The hashes that stand in the files now, by pin."""
    found: Hashes = {}
    for path in (RUNS, TESTS):
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        for pin, hashes in _ENTRY.findall(text):
            found[pin] = set(re.findall(r"sha256:([0-9a-f]{64})", hashes))
    return found


def ask(wanted: list[str]) -> Hashes:
    """The hashes of the files pip would choose, on each Python and system, and of sources."""
    found: Hashes = {pin: set() for pin in wanted}
    for python in PYTHONS:
        for system, platforms in SYSTEMS.items():
            print(f"Asking for {len(wanted)} packages: Python {python}, {system} …", flush=True)
            choice = ["--only-binary=:all:", "--python-version", python, "--target", "nowhere"]
            choice += [word for each in platforms for word in ("--platform", each)]
            for pin, digest in _each(wanted, choice):
                found[pin].add(digest)
    for pin, digest in _each([pin for pin in wanted if not found[pin]], ["--no-binary=:none:"]):
        found[pin].add(digest)
    return found


def _each(wanted: list[str], choice: list[str]) -> Iterator[tuple[str, str]]:
    """Ask for all at once; where that fails, because one has no such file, for each alone."""
    try:
        yield from _report(wanted, choice)
    except subprocess.CalledProcessError:
        for pin in wanted if len(wanted) > 1 else []:
            yield from _each([pin], choice)


def _report(wanted: list[str], choice: list[str]) -> Iterator[tuple[str, str]]:
    if not wanted:
        return
    with tempfile.TemporaryDirectory() as folder:
        asked, report = Path(folder, "asked.txt"), Path(folder, "report.json")
        asked.write_text("\n".join(wanted), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps",
                   "--ignore-installed", "--disable-pip-version-check", "--report", str(report),
                   "-r", str(asked), *choice]  # fmt: skip
        subprocess.run(command, check=True, cwd=folder, capture_output=True)
        for each in json.loads(report.read_text())["install"]:
            name, version = each["metadata"]["name"], each["metadata"]["version"]
            digest = each["download_info"]["archive_info"]["hashes"]["sha256"]
            yield f"{plain(name)}=={version}", digest


def needed(files: Path) -> set[str]:
    """The packages a requirements file names, and all that these need, on any system."""
    waiting = [plain(name) for name, _ in _PIN.findall(files.read_text(encoding="utf-8"))]
    extras = re.findall(
        r"^([A-Za-z0-9._-]+)\[([^\]]+)\]==", files.read_text(encoding="utf-8"), re.MULTILINE
    )
    waiting += [plain(name) for name, _ in extras]
    locked, found = pins(), set()
    while waiting:
        name = waiting.pop()
        if name in found or name not in locked:
            continue
        found.add(name)
        try:
            below = requires(name) or []
        except PackageNotFoundError:
            below = []
        waiting += [plain(re.split(r"[^A-Za-z0-9._-]", each)[0]) for each in below]
    return found


def written(hashes: Hashes, names: set[str]) -> str:
    """The entries of these packages, by name."""
    chosen = sorted(pin for name, pin in pins().items() if name in names)
    return "".join(
        f"{pin}" + "".join(f" \\\n    --hash=sha256:{each}" for each in sorted(hashes[pin])) + "\n"
        for pin in chosen
    )


def main() -> None:
    """Bring the files up to date with the lock."""
    have, wanted = known(), list(pins().values())
    hashes = {pin: have[pin] for pin in wanted if have.get(pin)}
    hashes |= ask([pin for pin in wanted if pin not in hashes])
    if lacking := [pin for pin in wanted if not hashes[pin]]:
        raise SystemExit(f"The index has no file of {', '.join(lacking)}.")
    runs = needed(ROOT / "requirements.txt")
    RUNS.write_text(HEADER.format("What runs.") + written(hashes, runs), encoding="utf-8")
    rest = set(pins()) - runs
    head = HEADER.format("What tests and checks need.") + "-r requirements.hashes\n"
    TESTS.write_text(head + written(hashes, rest), encoding="utf-8")


if __name__ == "__main__":
    main()
