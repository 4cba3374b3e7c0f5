"""Which names inside a package unpack safely, and to files of their own, on every computer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

REFUSED = re.compile(  # what Windows refuses, then controls, half characters and line ends
    r'[<>:"\\|?*\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]'
)
DEVICE = re.compile(  # names Windows keeps for devices, whatever the extension
    "con|prn|aux|nul|clock[$]|conin[$]|conout[$]|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]", re.IGNORECASE
)
PART_BYTES = 255  # what file systems hold in one name


def name_key(path: str) -> str:
    """Two paths with one key are one file somewhere: case and normal form are set aside."""
    for _ in range(2):
        path = unicodedata.normalize("NFKD", path).casefold()
    return unicodedata.normalize("NFKD", path)


def name_fault(path: str) -> str:
    """Why `path` must not be written into a package, or nothing when it may (UPL-17)."""
    if unicodedata.normalize("NFC", path) != path:
        return "is not in Unicode normal form C"
    if REFUSED.search(path):
        return "has a character that some computers refuse in a name"
    for part in path.split("/"):
        if not part.strip(". ") or part[0] == " " or part[-1] in ". ":
            return "has a part that is empty, or begins or ends with a space or dot"
        if len(part.encode()) > PART_BYTES:
            return f"has a part longer than {PART_BYTES} bytes"
        if is_device(part):
            return "has a part that Windows keeps for a device"
    return ""


def is_device(part: str) -> bool:
    """Whether Windows takes this name for a device: `con`, `NUL.txt`, `com1 .log`."""
    return DEVICE.fullmatch(part.split(".", maxsplit=1)[0].strip()) is not None


def refuse_unsafe(paths: Iterable[str]) -> None:
    """Raise ValueError for a path that is unsafe, or that meets another when unpacked.

    Two files meet when their keys are equal, or when one is a folder on the other's way.
    """
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        if fault := name_fault(path):
            raise ValueError(f"package path {path!r} {fault}")
        key = name_key(path)
        above = folders_of(key)
        if key in files or key in folders or not files.isdisjoint(above):
            raise ValueError(f"package path {path!r} would meet another when unpacked")
        files.add(key)
        folders.update(above)


def folders_of(path: str) -> list[str]:
    """The folders on the way to `path`, nearest first: a/b for a/b/c, then a."""
    found = []
    while path := path.rpartition("/")[0]:
        found.append(path)
    return found
