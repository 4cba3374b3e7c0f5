"""The package writer and the verifier it ships: UPL-17, UPL-18, EV-04, PK-01 to PK-03."""

from __future__ import annotations

import ast
import hashlib
import json
import random
import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest

from evidence import package_verifier
from evidence.archive import About, Entry, Progress, Source, Written, verifier_source, write_archive
from evidence.blocks import BLOCK_BYTES, BLOCKS
from evidence.errors import EvidenceDamaged, EvidenceMissing
from evidence.storage import FileStore, object_key
from tests.trails import Trail

FOLDER = "Tallowbrook Payroll SOC 2 2026"
WRITTEN = Trail(30)
TRAIL_LINES = b"".join(WRITTEN.copy(proofs=True))
OPENED = TRAIL_LINES.count(b'"entry":')
ABOUT = About(
    engagement={"id": "0192f3a0", "client": "Tallowbrook Payroll", "report": "SOC 2 Type 2"},
    tool_version="0.1.0",
    records={"evidence_requests": 2, "files": 3},
    trail={"entries": OPENED, "places": 30, "root": WRITTEN.levels.root().hex()},
)


def entries() -> list[Entry]:
    return [
        Entry.inline("60-audit-trail/trail.jsonl", TRAIL_LINES),
        Entry.inline("20-requests/requests.csv", b"reference,title\r\nR-001,Access review\r\n"),
        Entry.inline(
            "30-evidence/R-001/1-0a1b2c3d-Pr\u00fcfung.pdf",
            b"%PDF-1.7\n" + bytes(range(256)) * 40,
            Source("evidence.fileversion", "0192f3a1", "1"),
        ),
        Entry.inline("30-evidence/R-002/1-00000000-empty note.txt", b""),
        Entry.inline("30-evidence/R-002/2-11111111-big.bin", b"\x00\x01" * 3_000_000),
    ]


def build(listed: list[Entry] | None = None, about: About = ABOUT) -> tuple[bytes, Written]:
    target = BytesIO()
    written = write_archive(
        target, entries() if listed is None else listed, folder=FOLDER, about=about
    )
    return target.getvalue(), written


@pytest.fixture(scope="module")
def package() -> bytes:
    return build()[0]


@pytest.fixture
def unpacked(package, tmp_path) -> Path:
    (tmp_path / "package.zip").write_bytes(package)
    subprocess.run(["unzip", "-q", "package.zip"], cwd=tmp_path, check=True)
    return tmp_path / FOLDER


def verify(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the shipped verifier as an outsider would: alone, without the platform's code."""
    alone = [sys.executable, "-I", "-W", "error", *map(str, arguments)]
    return subprocess.run(alone, cwd=cwd, capture_output=True, text=True, check=False)


def sha256sum(folder: Path) -> int:
    command = ["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def faults_of_zip(content: bytes) -> list[str]:
    return package_verifier.check(package_verifier.read_zip(BytesIO(content)))


def test_the_same_list_gives_the_same_bytes_in_whatever_order_it_comes(package):
    again, written = build(entries()[::-1])
    assert again == package
    assert written.size_bytes == len(package)
    assert written.sha256 == hashlib.sha256(package).hexdigest()
    assert written.file_count == 9


def test_the_bytes_of_a_header_never_change():
    """A change here makes one list give other bytes in the next version: raise FORMAT with it."""
    content, _ = build([Entry.inline("30-evidence/a.txt", b"a")], About({}, "0"))
    assert content.startswith(
        b"PK\x03\x04\x14\0\0\x08\0\0\0\0!\0C\xbe\xb7\xe8\x01\0\0\0\x01\0\0\0\x30\0\0\0"
        b"Tallowbrook Payroll SOC 2 2026/30-evidence/a.txtaPK\x03\x04"
    )


def test_other_programs_read_the_package(package, tmp_path):
    with zipfile.ZipFile(BytesIO(package)) as archive:
        assert archive.testzip() is None
        listed = {f"{FOLDER}/{entry.path}": entry for entry in entries()}
        assert archive.namelist()[:5] == sorted(listed)
        assert archive.namelist()[5:] == [
            f"{FOLDER}/{name}"
            for name in ("verify.py", "manifest.json", "manifest.sha256", "SHA256SUMS")
        ]
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.external_attr >> 16 == 0o100644
        for name, entry in listed.items():
            assert archive.read(name) == entry.opener().read()
    (tmp_path / "package.zip").write_bytes(package)
    subprocess.run(["unzip", "-tq", "package.zip"], cwd=tmp_path, check=True)


def test_an_unpacked_package_is_in_order_for_sha256sum_and_for_its_own_verifier(unpacked):
    assert sha256sum(unpacked) == 0
    done = verify("verify.py", cwd=unpacked)
    manifest_sha256 = hashlib.sha256((unpacked / "manifest.json").read_bytes()).hexdigest()
    size = sum(path.stat().st_size for path in unpacked.rglob("*") if path.is_file())
    assert done.stdout.splitlines() == [
        f"Manifest SHA-256: {manifest_sha256}",
        f"In order: 9 files, {size} bytes, {OPENED} trail entries.",
    ]
    assert (done.returncode, done.stderr) == (0, "")
    assert verify("verify.py", unpacked.parent / "package.zip", cwd=unpacked).stdout == done.stdout
    assert verify(unpacked / "verify.py", unpacked, cwd=unpacked.parent).stdout == done.stdout


def test_sha256sums_names_every_file_but_itself(unpacked):
    there = {p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*") if p.is_file()}
    lines = (unpacked / "SHA256SUMS").read_text().splitlines()
    assert [line[66:] for line in lines] == sorted(there - {"SHA256SUMS"})


def test_the_manifest_is_canonical_and_says_where_each_file_comes_from(package):
    _, written = build()
    with zipfile.ZipFile(BytesIO(package)) as archive:
        content = archive.read(f"{FOLDER}/manifest.json")
        assert archive.read(f"{FOLDER}/manifest.sha256") == (
            f"{written.manifest_sha256}  manifest.json\n".encode()
        )
    assert hashlib.sha256(content).hexdigest() == written.manifest_sha256
    manifest = json.loads(content)
    again = json.dumps(manifest, sort_keys=True, separators=(",", ":")) + "\n"
    assert again.encode() == content
    assert manifest["engagement"] == ABOUT.engagement
    assert manifest["tool"] == {"name": "Tickmark", "version": "0.1.0"}
    assert manifest["records"] == {"evidence_requests": 2, "files": 3}
    parts = {"20-requests": 1, "30-evidence": 3, "60-audit-trail": 1, "": 1}
    size = sum(entry.size_bytes for entry in entries()) + len(verifier_source())
    assert manifest["counts"] == {"files": 6, "bytes": size, "parts": parts}
    (pdf,) = [file for file in manifest["files"] if file["path"].endswith(".pdf")]
    assert pdf["source"] == {"kind": "evidence.fileversion", "id": "0192f3a1", "version": "1"}


@pytest.mark.parametrize("seed", [random.randrange(2**32)], ids=["any-seed"])
def test_a_flipped_bit_at_any_of_200_places_in_the_zip_is_found(seed):
    package, _ = build(entries()[:4])
    assert faults_of_zip(package) == []
    chosen = random.Random(seed)
    for position in chosen.sample(range(len(package)), 200):
        flipped = bytearray(package)
        flipped[position] ^= 1 << chosen.randrange(8)
        assert faults_of_zip(bytes(flipped)), f"byte {position}"


def test_the_shipped_verifier_finds_a_flipped_bit_in_the_zip(package, tmp_path):
    flipped = bytearray(package)
    flipped[package.index(b"Access review")] ^= 1
    (tmp_path / "package.zip").write_bytes(flipped)
    (tmp_path / "verify.py").write_bytes(verifier_source())
    done = verify("verify.py", "package.zip", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("FAULT  20-requests/requests.csv: ")


def test_every_byte_of_the_framing_counts():
    content, _ = build([Entry.inline("30-evidence/a.txt", b"a")], About({}, "0"))
    manifest = content.index(b'{"counts"')
    verifier = content.index(verifier_source())
    framing = [
        n
        for n in range(len(content))
        if not verifier <= n < verifier + len(verifier_source()) and not manifest < n < manifest + 9
    ]
    for position in framing:
        flipped = bytearray(content)
        flipped[position] ^= 0x10
        assert faults_of_zip(bytes(flipped)), f"byte {position}"


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content[:-1],
        lambda content: content + b"\n",
        lambda content: b"\n" + content,
        lambda content: content[: len(content) // 2],
        lambda content: b"",
        lambda content: b"PK\x03\x04",
        lambda content: b"not a zip at all, but a text of some length",
    ],
)
def test_a_zip_cut_short_or_grown_is_found(package, change):
    assert faults_of_zip(change(package))


def test_a_damaged_byte_of_an_unpacked_file_is_found_by_both(unpacked):
    file = unpacked / "30-evidence/R-002/2-11111111-big.bin"
    content = bytearray(file.read_bytes())
    content[2_345_678] ^= 1
    file.write_bytes(content)
    assert sha256sum(unpacked) == 1
    done = verify("verify.py", cwd=unpacked)
    assert done.returncode == 1
    assert done.stdout.splitlines()[0] == (
        "FAULT  30-evidence/R-002/2-11111111-big.bin: was changed, its SHA-256 is not the one in "
        "the manifest"
    )
    assert done.stdout.splitlines()[-1].startswith("1 fault in 9 files, ")


def rewrite(folder: Path, name: str, old: str, new: str) -> None:
    content = (folder / name).read_text()
    assert old in content
    (folder / name).write_text(content.replace(old, new, 1))


REQUESTS = "20-requests/requests.csv"
TRAIL = "60-audit-trail/trail.jsonl"


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (lambda f: (f / REQUESTS).unlink(), "requests.csv: is missing"),
        (lambda f: (f / "30-evidence/extra.txt").write_text("x"), "extra.txt: is not in the mani"),
        (lambda f: (f / REQUESTS).write_text("short"), "has 5 bytes, the manifest says 38"),
        (lambda f: (f / "SHA256SUMS").unlink(), "SHA256SUMS: does not agree"),
        (lambda f: (f / "manifest.sha256").write_text("0"), "manifest.sha256: is not the sum"),
        (lambda f: (f / "manifest.json").unlink(), "manifest.json: is missing"),
        (lambda f: (f / "manifest.json").write_text("[]"), "manifest.json: is not a manifest"),
        (lambda f: (f / "manifest.json").write_text('{"a":1e999}\n'), "is not a manifest"),
        (lambda f: rewrite(f, "manifest.json", ",", ", "), "manifest.json: is not a manifest"),
        (lambda f: rewrite(f, "manifest.json", '"files":6', '"files":7'), "its counts are not"),
        (lambda f: rewrite(f, "manifest.json", '"places":30', '"places":29'), "ends otherwise"),
        (lambda f: rewrite(f, TRAIL, "R-00029", "R-00028"), "its text is not the one"),
        (lambda f: rewrite(f, TRAIL, '"before":"open"', '"before":"none"'), "are not those of the"),
        (lambda f: (f / TRAIL).write_bytes(TRAIL_LINES[:-9]), "the last line is cut short"),
        (lambda f: (f / "a").symlink_to("verify.py"), "a: is a link"),
        (lambda f: (f / "\x1b[2Jx").write_text("x"), "\\x1b[2Jx: is not in the manifest"),
    ],
)
def test_tampering_is_named(unpacked, tamper, fault):
    tamper(unpacked)
    done = verify("verify.py", cwd=unpacked)
    assert done.returncode == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert any(line.startswith("FAULT  ") and fault in line for line in lines), done.stdout
    assert " fault" in lines[-1]


def test_what_a_file_manager_leaves_is_noted_and_no_fault(unpacked):
    (unpacked / "30-evidence/.DS_Store").write_bytes(b"\x00")
    done = verify("verify.py", cwd=unpacked)
    assert done.returncode == 0
    assert "NOTE   30-evidence/.DS_Store" in done.stdout


def test_the_verifier_reads_names_right_in_any_locale(unpacked):
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "verify.py"]
    (unpacked / "\u00fc.txt").write_text("x")
    done = subprocess.run(
        command, cwd=unpacked, env=plain, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("FAULT  \\xfc.txt: is not in the manifest\nManifest")
    assert (done.returncode, done.stderr) == (1, "")


def test_a_package_that_is_not_there_is_said_so(tmp_path):
    (tmp_path / "verify.py").write_bytes(verifier_source())
    done = verify("verify.py", "nowhere.zip", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "nowhere.zip: cannot be read" in done.stdout


def test_the_verifier_needs_no_newer_python_than_3_8():
    tree = ast.parse(verifier_source(), feature_version=(3, 8))
    imported = {
        a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names
    }
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {
        "__future__", "argparse", "base64", "collections.abc", "hashlib", "json", "os", "pathlib",
        "re", "struct", "sys", "typing", "unicodedata", "zlib",
    }  # fmt: skip


def test_a_checkpoint_from_outside_is_compared_with_the_trail_of_a_package_aud_6(unpacked):
    """An earlier one, as a mail brought it; and one of a trail that was written anew."""
    (unpacked.parent / "mail.txt").write_text(f"Hello,\n{WRITTEN.checkpoint(12)}\nBye")
    (unpacked.parent / "other.txt").write_text(Trail(30, seed=8).checkpoint(12).replace(
        str(Trail(30, seed=8).book), str(WRITTEN.book)))  # fmt: skip
    key = ("--key", WRITTEN.public_key)
    good = verify("verify.py", "--checkpoint", "../mail.txt", *key, cwd=unpacked)
    assert (good.returncode, good.stderr) == (0, ""), good.stdout
    bad = verify("verify.py", "--checkpoint", "../other.txt", *key, cwd=unpacked)
    assert bad.returncode == 1
    assert "the first 12 places are not those of the checkpoint" in bad.stdout
    assert "is not signed with this key" in bad.stdout


@pytest.fixture
def stored(tmp_path) -> tuple[FileStore, Entry]:
    store = FileStore(tmp_path / "evidence")
    key = object_key(UUID(int=1), UUID(int=2))
    received = store.receive(BytesIO(b"evidence " * 900_000), key=key, limit_bytes=10**9)
    facts = (received.size_bytes, received.sha256, received.crc32)
    return store, Entry("30-evidence/a.bin", *facts, lambda: store.open(key))


def publish(store: FileStore, listed: list[Entry]) -> None:
    with store.writing(object_key(UUID(int=1), UUID(int=3), "f1")) as draft:
        write_archive(draft, listed, folder=FOLDER, about=About({}, "0"))


@pytest.mark.parametrize(
    ("damage", "refusal", "said"),
    [
        (lambda path: None, None, ""),
        (lambda path: path.write_bytes(b"Evidence " * 900_000), EvidenceDamaged, "SHA-256"),
        (lambda path: path.write_bytes(b"evidence " * 899_999), EvidenceDamaged, "8100000 bytes"),
        (lambda path: path.write_bytes(b"evidence " * 900_001), EvidenceDamaged, "8100000 bytes"),
        (lambda path: path.unlink(), EvidenceMissing, "are missing"),
    ],
)
def test_damaged_or_missing_evidence_blocks_the_package_and_is_named(stored, damage, refusal, said):
    store, entry = stored
    (held,) = store.listing()
    damage(store.root / held.key)
    if refusal is None:
        publish(store, [entry])
        assert len(list(store.listing())) == 2
        return
    with pytest.raises(refusal, match=said) as caught:
        publish(store, [entry])
    assert caught.value.path == "30-evidence/a.bin"
    assert "30-evidence/a.bin" in caught.value.message
    assert len(list(store.listing(f"{UUID(int=1)}/{UUID(int=3)}"))) == 0
    assert list(store.incoming_leftovers(0)) == []


@pytest.mark.parametrize("size_bytes", [1, 300_000, 5_000_000])
def test_the_damaged_one_among_many_is_named_whatever_its_size(size_bytes):
    """A file's hash is done while later files are written: it is still that file's fault."""
    sound = [Entry.inline(f"30-evidence/{number}.bin", b"s" * 400_000) for number in range(9)]
    damaged = replace(
        Entry.inline("30-evidence/4x.bin", b"a" * size_bytes),
        opener=lambda: BytesIO(b"b" * size_bytes),
    )
    write_archive(BytesIO(), sound, folder=FOLDER, about=About({}, "0"))
    with pytest.raises(EvidenceDamaged) as caught:
        write_archive(BytesIO(), [*sound, damaged], folder=FOLDER, about=About({}, "0"))
    assert caught.value.path == "30-evidence/4x.bin"


def test_files_of_every_size_around_a_block_arrive_whole_and_in_order():
    """Blocks are used again while others are hashed: no byte may be another file's."""
    near = [BLOCK_BYTES * BLOCKS, BLOCK_BYTES, BLOCK_BYTES // 3, 1]
    sizes = [max(0, size + more) for _ in range(4) for size in near for more in (-90, -1, 0, 1)]
    given = {
        f"30-evidence/{number:02}.bin": hashlib.sha256(str(number).encode()).digest()
        * (size // 32 + 1)
        for number, size in enumerate(sizes)
    }
    target = BytesIO()
    written = write_archive(
        target, [Entry.inline(*each) for each in given.items()], folder=FOLDER, about=ABOUT
    )
    assert written.sha256 == hashlib.sha256(target.getvalue()).hexdigest()
    assert written.size_bytes == len(target.getvalue())
    with zipfile.ZipFile(target) as archive:
        assert {name: archive.read(f"{FOLDER}/{name}") for name in given} == given


def test_progress_counts_to_the_end_and_what_it_raises_stops_the_writing(stored):
    store, entry = stored
    told: list[Progress] = []
    write_archive(BytesIO(), [entry], folder=FOLDER, about=About({}, "0"), on_progress=told.append)
    assert [p.files_done for p in told] == [1, 2, 3, 4, 5]
    assert told[-1].bytes_done == told[-1].bytes_count
    assert told[-1].files_done == told[-1].files_count

    def lose_the_lease(progress: Progress) -> None:
        raise TimeoutError("lease lost")

    with pytest.raises(TimeoutError), store.writing(object_key(UUID(int=1), UUID(int=4))) as draft:
        write_archive(
            draft, [entry], folder=FOLDER, about=About({}, "0"), on_progress=lose_the_lease
        )
    assert len(list(store.listing())) == 1


@pytest.mark.parametrize(
    "paths",
    [
        ["../outside.txt"],
        ["/etc/passwd"],
        ["30-evidence/con.txt"],
        ["30-evidence/a.txt", "30-evidence/A.TXT"],
        ["30-evidence/a.txt", "30-evidence/a.txt"],
        ["30-evidence/a", "30-evidence/a/b"],
        ["Manifest.json"],
        ["sha256sums"],
    ],
)
def test_unsafe_or_meeting_names_are_refused_before_a_byte_is_written(paths):
    target = BytesIO()
    listed = [Entry.inline(path, b"x") for path in paths]
    with pytest.raises(ValueError, match="package path"):
        write_archive(target, listed, folder=FOLDER, about=ABOUT)
    assert target.getvalue() == b""


def test_more_files_than_a_plain_zip_can_count():
    empty = Entry.inline("x", b"")
    facts = (0, empty.sha256, 0, empty.opener)
    listed = [Entry(f"30-evidence/{n:05}", *facts) for n in range(65_540)]
    content, _ = build(listed, About({}, "0"))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert len(archive.namelist()) == 65_544
    assert b"PK\x06\x06" in content
    assert faults_of_zip(content) == []


def test_sizes_and_places_beyond_a_plain_zip_use_its_wider_fields(monkeypatch, tmp_path):
    """The limit is lowered to 1,000 bytes, so that a small package takes the road of a large."""
    monkeypatch.setattr(package_verifier, "ZIP64_BYTES", 1000)
    content, _ = build()
    assert faults_of_zip(content) == []
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        big = archive.getinfo(f"{FOLDER}/30-evidence/R-002/2-11111111-big.bin")
        assert (big.file_size, big.extract_version) == (6_000_000, 45)
    (tmp_path / "package.zip").write_bytes(content)
    subprocess.run(["unzip", "-tq", "package.zip"], cwd=tmp_path, check=True)
    flipped = bytearray(content)
    flipped[content.rindex(b"PK\x06\x06") + 30] ^= 1
    assert faults_of_zip(bytes(flipped))


def test_headers_of_files_above_four_gibibytes_hold_their_true_size():
    size = 5 * 2**30
    header = package_verifier.local_header(b"f/a", size, 7)
    assert header[18:26] == b"\xff" * 8
    assert header[-16:] == size.to_bytes(8, "little") * 2
    record = package_verifier.directory_record(b"f/a", size, 7, size)
    assert record[-24:] == size.to_bytes(8, "little") * 3


def test_memory_stays_constant_however_large_the_package(tmp_path):
    code = """
import re
from pathlib import Path
from evidence.archive import About, Entry, write_archive

class Zeros:
    def __init__(self):
        self.left = 100 << 20
    def readinto(self, room, /):
        given = min(len(room), self.left)
        room[:given] = bytes(given)
        self.left -= given
        return given

class Nowhere:
    def write(self, data, /):
        pass

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

sha256 = "20492a4d0d84f8beb1767f6616229f85d44c2827b64bdbfb260ee12fa1109e0e"
listed = [Entry(f"30-evidence/{n}", 100 << 20, sha256, 0, Zeros) for n in range(3)]
before = peak()
written = write_archive(Nowhere(), listed, folder="p", about=About({}, "0"))
print(written.size_bytes >> 20, (peak() - before) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    mebibytes, growth = map(int, done.stdout.split())
    assert mebibytes == 300
    assert growth <= 16
