"""Check an audit package without the platform that wrote it.

    python verify.py               checks the unpacked folder this file lies in
    python verify.py package.zip   checks the ZIP itself, every byte of it
    python verify.py FOLDER        checks an unpacked folder elsewhere

Needs Python 3.8 or later and nothing else; it only reads. It checks that every file the
manifest lists is there with its size and SHA-256, that nothing else is there, that
manifest.sha256 and SHA256SUMS agree with the manifest, that the counts are right, and that
the audit trail is what its checkpoint says: every place of its tree is there, and the tree's
root is the one that was signed.

    --checkpoint FILE   a checkpoint of the trail from outside, such as a mail that was kept: the
                        trail must agree with it; may be given several times
    --key KEY           the platform's public key as you noted it: checks the signatures

One line is printed for each fault, then a closing line; the exit status is 0 when all is
in order, else 1. No check inside a package can tell that a whole package was made anew: for
that, give a checkpoint from outside, and compare the manifest's SHA-256 in the closing line with
the one the firm recorded.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import struct
import sys
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tenants.trail_verifier import (
    Checkpoint,
    TrailCopy,
    canonical,
    checkpoints_in,
    parsed,
    print_lines,
    read_text,
    shown,
    unsigned,
)

FORMAT = "tickmark-package/1"
MANIFEST, MANIFEST_SUM, SUMS = "manifest.json", "manifest.sha256", "SHA256SUMS"
VERIFIER = "verify.py"
TRAIL = "60-audit-trail/trail.jsonl"
CHUNK = 1 << 20
LEFT_BY_FILE_MANAGERS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # noted, not a fault
ZIP64_BYTES, ZIP64_FILES = 0xFFFFFFFF, 0xFFFF  # from here on the ZIP's wider fields are used


# --- The ZIP's own bytes: the platform writes them with these functions, this file checks them


def local_header(name: bytes, size: int, crc32: int) -> bytes:
    """What stands before a file's bytes: stored, UTF-8 name, always dated 1980-01-01."""
    large = size >= ZIP64_BYTES
    extra = struct.pack("<2H2Q", 1, 16, size, size) if large else b""
    short = 0xFFFFFFFF if large else size
    fields = (45 if large else 20, 0x800, 0, 0, 0x21, crc32, short, short, len(name), len(extra))
    return struct.pack("<4s5H3I2H", b"PK\x03\x04", *fields) + name + extra


def directory_record(name: bytes, size: int, crc32: int, offset: int) -> bytes:
    """A file's record in the directory at the end; its local header begins at `offset`."""
    large, far = size >= ZIP64_BYTES, offset >= ZIP64_BYTES
    wide = [size, size] * large + [offset] * far
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    short, at = 0xFFFFFFFF if large else size, 0xFFFFFFFF if far else offset
    made = (0x300 + 45, 45 if wide else 20, 0x800, 0, 0, 0x21)  # by Unix rules
    where = (0, 0, 0, 0o100644 << 16, at)  # a plain file that all may read
    fields = (*made, crc32, short, short, len(name), len(extra), *where)
    return struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *fields) + name + extra


def directory_end(count: int, size: int, offset: int) -> bytes:
    """What ends the ZIP: `count` records of `size` bytes together, beginning at `offset`."""
    wide = b""
    if count >= ZIP64_FILES or size >= ZIP64_BYTES or offset >= ZIP64_BYTES:
        fields = (44, 0x300 + 45, 45, 0, 0, count, count, size, offset)
        wide = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", *fields)
        wide += struct.pack("<4sIQI", b"PK\x06\x07", 0, offset + size, 1)
    files = 0xFFFF if count >= ZIP64_FILES else count
    size, offset = (0xFFFFFFFF if n >= ZIP64_BYTES else n for n in (size, offset))
    return wide + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, files, files, size, offset, 0)


# --- What is there


class Found(NamedTuple):
    """A file as found: size in bytes, SHA-256 in hex."""

    size: int
    sha256: str


class Contents:
    """Everything found in a package, and the faults met while reading it.

    `outside` are checkpoints of the trail from elsewhere, which it must agree with.
    """

    def __init__(self, outside: Iterable[Checkpoint] = ()) -> None:
        self.files: dict[str, Found] = {}
        self.kept: dict[str, bytes] = {MANIFEST: b"", MANIFEST_SUM: b"", SUMS: b""}
        self.trail = TrailCopy(outside)
        self.faults: list[str] = []
        self.notes: list[str] = []

    def take(self, path: str, chunks: Iterator[bytes], crc32: int | None = None) -> None:
        """Hash one file; keep it when it speaks of the others. `crc32`: what the ZIP promises."""
        if path in self.files:
            self.faults.append(f"{shown(path)}: is there twice")
        size, digest, check, kept = 0, hashlib.sha256(), 0, []
        for chunk in chunks:
            size += len(chunk)
            digest.update(chunk)
            if crc32 is not None:
                check = zlib.crc32(chunk, check)
            if path in self.kept:
                kept.append(chunk)
            if path == TRAIL:
                self.trail.feed(chunk)
        self.files[path] = Found(size, digest.hexdigest())
        if crc32 not in {None, check}:
            self.faults.append(f"{shown(path)}: does not have the CRC-32 that the ZIP promises")
        if path in self.kept:
            self.kept[path] = b"".join(kept)


def read_folder(folder: Path, outside: Iterable[Checkpoint] = ()) -> Contents:
    """All files below `folder`."""
    contents = Contents(outside)

    def unreadable(error: OSError) -> None:
        contents.faults.append(f"{shown(str(error.filename))}: cannot be read: {error.strerror}")

    for here, folders, names in os.walk(str(folder), onerror=unreadable):
        for name in sorted(folders + names):
            at = Path(here, name)
            # Names are UTF-8 whatever the locale; one old file system changes their normal form.
            raw = os.fsencode(at.relative_to(folder).as_posix())
            path = unicodedata.normalize("NFC", raw.decode("utf-8", "backslashreplace"))
            if at.is_symlink() or not (at.is_dir() or at.is_file()):
                contents.faults.append(f"{shown(path)}: is a link or device, not a plain file")
            elif name in LEFT_BY_FILE_MANAGERS:
                contents.notes.append(f"{shown(path)}: left by a file manager, not looked at")
            elif at.is_file():
                try:
                    with at.open("rb") as file:
                        contents.take(path, chunks_of(file))
                except OSError as error:
                    unreadable(error)
    return contents


def read_zip(file: BinaryIO, outside: Iterable[Checkpoint] = ()) -> Contents:
    """All files of a package's ZIP, first byte to last: each byte is a file's or is foreseen."""
    contents, tops = Contents(outside), set()
    directory: list[bytes] = []
    offset = 0
    while True:
        start = file.read(30)
        if start[:4] != b"PK\x03\x04":
            break
        name, size, crc32, header = local_fields(start, file)
        if header != local_header(name, size, crc32):
            contents.faults.append(f"the ZIP's header at byte {offset} is not as it was written")
            return contents
        top, _, path = name.decode("utf-8", "backslashreplace").partition("/")
        tops.add(top)
        if not is_safe(f"{top}/{path}"):
            contents.faults.append(f"{shown(path)}: could be unpacked outside its folder")
        contents.take(path, chunks_of(file, size), crc32)
        directory.append(directory_record(name, size, crc32, offset))
        offset += len(header) + size
    expected = b"".join(directory)
    expected += directory_end(len(directory), len(expected), offset)
    if not directory:
        contents.faults.append("this is not the ZIP of a package")
    elif start + b"".join(chunks_of(file, len(expected))) != expected:
        contents.faults.append(
            f"the ZIP's directory, after byte {offset}, is not as it was written"
        )
    if len(tops) > 1:
        contents.faults.append("the ZIP has more than one folder at its top")
    return contents


def local_fields(start: bytes, file: BinaryIO) -> tuple[bytes, int, int, bytes]:
    """Name, size, CRC-32 and all bytes of the header that begins with the 30 bytes `start`."""
    if len(start) < 30:
        return b"", 0, 0, start
    crc32, _, size, name_length, extra_length = struct.unpack("<3I2H", start[14:])
    rest = file.read(name_length + extra_length)
    if size == 0xFFFFFFFF and len(rest) >= name_length + 12:
        size = struct.unpack_from("<Q", rest, name_length + 4)[0]
    return rest[:name_length], size, crc32, start + rest


def chunks_of(file: BinaryIO, size: int | None = None) -> Iterator[bytes]:
    """The next `size` bytes of a file (all that follow when None), 1 MiB at a time."""
    left = size
    while left is None or left > 0:
        chunk = file.read(CHUNK if left is None else min(CHUNK, left))
        if not chunk:
            return
        left = None if left is None else left - len(chunk)
        yield chunk


# --- What should be there


def check(contents: Contents) -> list[str]:
    """The faults of a package, those met while reading it first."""
    if MANIFEST not in contents.files:
        return [*contents.faults, f"{MANIFEST}: is missing, so there is nothing to check against"]
    content = contents.kept[MANIFEST]
    manifest = parsed(content)
    if not is_manifest(manifest) or not is_canonical(manifest, content):
        return [*contents.faults, f"{MANIFEST}: is not a manifest as the platform writes it"]
    listed = {e["path"]: Found(e["size_bytes"], e["sha256"]) for e in manifest["files"]}
    faults = [*contents.faults, *check_files(contents.files, listed), *check_sums(contents, listed)]
    faults += check_counts(manifest)
    if TRAIL in contents.files or manifest.get("trail") is not None:
        faults += check_trail(manifest.get("trail"), contents)
    return faults


def check_files(files: dict[str, Found], listed: dict[str, Found]) -> Iterator[str]:
    """Each listed file is there as listed, and no other is."""
    for path, entry in listed.items():
        if path not in files:
            yield f"{shown(path)}: is missing"
        elif files[path].size != entry.size:
            yield f"{shown(path)}: has {files[path].size} bytes, the manifest says {entry.size}"
        elif files[path].sha256 != entry.sha256:
            yield f"{shown(path)}: was changed, its SHA-256 is not the one in the manifest"
        if not is_safe(path):
            yield f"{shown(path)}: could be unpacked outside its folder"
    for path in sorted(set(files) - set(listed) - {MANIFEST, MANIFEST_SUM, SUMS}):
        yield f"{shown(path)}: is not in the manifest"


def check_sums(contents: Contents, listed: dict[str, Found]) -> Iterator[str]:
    """manifest.sha256 and SHA256SUMS are, byte for byte, what the manifest makes them."""
    sha256 = contents.files[MANIFEST].sha256
    line = sum_line(MANIFEST, sha256)
    if contents.kept[MANIFEST_SUM] != line:
        yield f"{MANIFEST_SUM}: is not the sum of {MANIFEST}"
    sums = {path: entry.sha256 for path, entry in listed.items()}
    sums[MANIFEST], sums[MANIFEST_SUM] = sha256, hashlib.sha256(line).hexdigest()
    if contents.kept[SUMS] != sums_file(sums):
        yield f"{SUMS}: does not agree with {MANIFEST}"


def check_counts(manifest: dict[str, Any]) -> Iterator[str]:
    """The manifest counts what it lists, and lists each file once."""
    if manifest["counts"] != counts_of(manifest["files"]):
        yield f"{MANIFEST}: its counts are not those of the files it lists"
    if len({e["path"] for e in manifest["files"]}) != len(manifest["files"]):
        yield f"{MANIFEST}: lists a file twice"


def check_trail(promised: Any, contents: Contents) -> Iterator[str]:
    """The trail is whole, leads to its checkpoint and is the one the manifest speaks of."""
    trail = contents.trail
    trail.finish()
    yield from (f"{TRAIL}: {fault}" for fault in trail.faults)
    if not trail.own:
        yield f"{TRAIL}: brings no checkpoint"
    if promised != {"entries": trail.opened, "places": trail.size, "root": trail.root.hex()}:
        yield f"{TRAIL}: has {trail.opened} entries and ends otherwise than the manifest says"


def is_manifest(value: Any) -> bool:
    """Whether the value has the parts of a manifest, each of its kind."""
    return (
        isinstance(value, dict)
        and value.get("format") == FORMAT
        and isinstance(value.get("counts"), dict)
        and isinstance(value.get("files"), list)
        and all(
            isinstance(entry, dict)
            and isinstance(entry.get("path"), str)
            and isinstance(entry.get("size_bytes"), int)
            and isinstance(entry.get("sha256"), str)
            for entry in value["files"]
        )
    )


def counts_of(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Files and bytes of a manifest's entries, and the files of each part (top folder)."""
    parts: dict[str, int] = {}
    for entry in entries:
        part = entry["path"].rpartition("/")[0].partition("/")[0]
        parts[part] = parts.get(part, 0) + 1
    size = sum(entry["size_bytes"] for entry in entries)
    return {"files": len(entries), "bytes": size, "parts": parts}


def sum_line(path: str, sha256: str) -> bytes:
    """A line as `sha256sum` writes it."""
    return f"{sha256}  {path}\n".encode("utf-8", "backslashreplace")


def sums_file(sums: dict[str, str]) -> bytes:
    """SHA256SUMS for paths and their hashes, sorted by path."""
    return b"".join(sum_line(path, sums[path]) for path in sorted(sums))


# --- Text


def is_canonical(value: Any, content: bytes) -> bool:
    """Whether `content` is the canonical JSON of `value`."""
    try:
        return canonical(value) == content
    except (ValueError, RecursionError):
        return False


def is_safe(path: str) -> bool:
    """Whether a path stays below the folder it is unpacked in, on any computer."""
    return not re.search(r"[\x00-\x1f\x7f\\:]", path) and not {"", ".", ".."} & {*path.split("/")}


def main(arguments: list[str]) -> int:
    """Check what the arguments name, print the faults; 0 when there are none."""
    options = argparse.ArgumentParser(prog=VERIFIER, description="Check an audit package.")
    options.add_argument("package", nargs="?", help="the ZIP, or the folder it was unpacked to")
    options.add_argument("--checkpoint", action="append", default=[], metavar="FILE")
    options.add_argument("--key", metavar="KEY")
    given = options.parse_args(arguments)
    target = Path(given.package) if given.package else Path(__file__).resolve().parent
    faults: list[str] = []
    outside: list[Checkpoint] = []
    for name in given.checkpoint:
        found = checkpoints_in(read_text(name, faults))
        faults += [] if found else [f"{shown(name)}: holds no checkpoint"]
        outside += found
    contents = read_package(target, outside)
    faults += check(contents)
    if given.key:
        faults += unsigned(given.key, [*outside, *contents.trail.own])
    print_findings(contents, faults)
    return 1 if faults else 0


def read_package(target: Path, outside: Iterable[Checkpoint] = ()) -> Contents:
    """A package's files, from its ZIP or its folder."""
    try:
        if target.is_dir():
            return read_folder(target, outside)
        with target.open("rb") as file:
            return read_zip(file, outside)
    except OSError as error:
        contents = Contents()
        contents.faults.append(f"{shown(str(target))}: cannot be read: {error.strerror}")
        return contents


def print_findings(contents: Contents, faults: list[str]) -> None:
    """A line for each note and fault, and what was checked."""
    lines = [f"NOTE   {note}" for note in contents.notes] + [f"FAULT  {fault}" for fault in faults]
    size = sum(found.size for found in contents.files.values())
    what = f"{len(contents.files)} files, {size} bytes, {contents.trail.opened} trail entries"
    if MANIFEST in contents.files:
        lines.append(f"Manifest SHA-256: {contents.files[MANIFEST].sha256}")
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    lines += [f"{count} in {what}." if faults else f"In order: {what}."]
    print_lines(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
