"""File names as people give them, made fit to store as text, to send and to pack."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from evidence.package_names import REFUSED, folders_of, is_device, name_fault, name_key

NAME_BYTES = 255  # UPL-4
EXTENSION_BYTES = 20  # a longer "extension" is part of the name
UNNAMED = "unnamed"
FOLDER_BYTES, FILE_BYTES, PATH_BYTES = 60, 120, 200  # so that Windows unpacks below 260 characters
SHORTEST_FILE_BYTES = 40  # what a file's name keeps however deep it lies

_JOINERS = "\u200c\u200d"  # spelling in some scripts, and in emoji, needs them
_ATTR_CHARS = "!#$&+-.^_`|~"  # RFC 8187, beside letters and digits


def clean_name(name: str) -> str:
    """`name` as given (UPL-4), in normal form C, at most 255 bytes of UTF-8, with its extension.

    Controls, line ends, bidi and other invisible marks are left out; path separators become
    `_`. Never empty, `.` or `..`; cleaning twice changes nothing.
    """
    kept = "".join(c for c in name.replace("/", "_").replace("\\", "_") if not _is_hidden(c))
    kept = unicodedata.normalize("NFC", kept).strip()
    if not kept.strip(". "):
        return UNNAMED
    return _shortened(kept, NAME_BYTES).strip()


def content_disposition(name: str) -> str:
    """The header that has a browser save a download as `name` (UPL-14; RFC 6266, RFC 8187).

    Always an attachment; names outside plain ASCII are given twice, readable first.
    """
    name = clean_name(name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'["\\%]', "_", plain).strip(". ") or "download"
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, _ATTR_CHARS)}"


def package_path(*parts: str) -> str:
    """A safe relative path of `parts`, the last being the file (UPL-17).

    Each part is cleaned and cut to its length; characters and names that Windows refuses
    are replaced. Raises ValueError for no parts, or folders too deep for any file name.
    """
    if not parts:
        raise ValueError("a package path needs a part")
    folders = [_safe_part(part, FOLDER_BYTES) for part in parts[:-1]]
    above = "".join(f"{folder}/" for folder in folders)
    room = min(FILE_BYTES, PATH_BYTES - len(above.encode()))
    if room < SHORTEST_FILE_BYTES:
        raise ValueError(f"{above!r} leaves no room for a file name")
    return above + _safe_part(parts[-1], room)


class PackagePaths:
    """Hands out package paths that stay apart on every computer, in the order they are asked.

    Ask in an order that is the same each time: the second of two equal names gets ` (2)`.
    """

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def take(self, *parts: str) -> str:
        """`package_path(*parts)`, with a number where another path would meet it."""
        path = package_path(*parts)
        above, slash, name = path.rpartition("/")
        room = min(FILE_BYTES, PATH_BYTES - len((above + slash).encode()))
        number = 1
        while not self._is_free(path):
            number += 1
            path = above + slash + _numbered(name, number, room)
        key = name_key(path)
        self._files.add(key)
        self._folders.update(folders_of(key))
        return path

    def _is_free(self, path: str) -> bool:
        key = name_key(path)
        above = folders_of(key)
        if not self._files.isdisjoint(above):
            raise ValueError(f"a folder of {path!r} has the name of a file")
        return key not in self._files and key not in self._folders


def _is_hidden(character: str) -> bool:
    """Whether a character is unseen, a control, or no character at all."""
    if character in _JOINERS:
        return False
    category = unicodedata.category(character)
    return category in {"Cc", "Cf", "Cs", "Zl", "Zp"} or ord(character) & 0xFFFE == 0xFFFE


def _split(name: str) -> tuple[str, str]:
    """Stem and extension, its dot included; a name that begins with its only dot has none."""
    stem, dot, extension = name.rpartition(".")
    if not stem.strip(". ") or len(extension.encode()) > EXTENSION_BYTES:
        return name, ""
    return stem, dot + extension


def _shortened(name: str, most_bytes: int, ending: str = "") -> str:
    """`name` with `ending` before its extension, the stem cut at a character to fit."""
    stem, extension = _split(name)
    room = most_bytes - len((ending + extension).encode())
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode(errors="ignore").rstrip(". ")
    return stem + ending + extension


def _safe_part(part: str, most_bytes: int) -> str:
    name = REFUSED.sub("_", clean_name(part))
    name = _shortened(name.strip().rstrip(". "), most_bytes)
    if is_device(name):
        device, dot, rest = name.partition(".")
        name = f"{device.strip()}_{dot}{rest}"
    if name_fault(name):
        name = _shortened(f"_{name}_", most_bytes)
    return name


def _numbered(name: str, number: int, most_bytes: int) -> str:
    return _shortened(name, most_bytes, f" ({number})")
