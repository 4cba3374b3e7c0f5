"""The evidence store: UPL-2, UPL-3, UPL-5, UPL-6, UPL-19, UPL-20."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import subprocess
import sys
import threading
import zlib
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest

from evidence.errors import EvidenceMissing, FileTooLarge
from evidence.storage import FileStore, checked_key, object_key
from tenants.errors import Invalid, Refused, StorageFull, Unreachable

ORGANIZATION = UUID("0192f3a0-0000-7000-8000-000000000001")
OTHER = UUID("0192f3a0-0000-7000-8000-000000000002")
KEY = object_key(ORGANIZATION, UUID("0192f3a0-0000-7000-8000-0000000000aa"))
CONTENT = b"Quarterly access review\n" * 300_000  # 7 MB: some chunks, and the second thread


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "evidence")


def names(store: FileStore) -> list[str]:
    return sorted(
        p.relative_to(store.root).as_posix() for p in store.root.rglob("*") if p.is_file()
    )


def test_received_bytes_are_stored_whole_with_their_hashes(store):
    received = store.receive(BytesIO(CONTENT), key=KEY, limit_bytes=10**9)
    assert received.size_bytes == len(CONTENT) == store.size(KEY)
    assert received.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert received.crc32 == zlib.crc32(CONTENT)
    assert received.head == CONTENT[:65536]
    with store.open(KEY) as file:
        assert file.read() == CONTENT
    assert names(store) == [KEY]


def test_an_empty_stream_is_stored_as_an_empty_object(store):
    received = store.receive(BytesIO(b""), key=KEY, limit_bytes=1)
    assert (received.size_bytes, received.crc32, received.head) == (0, 0, b"")
    assert received.sha256 == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("limit", "declared_bytes", "declared_hash", "refusal", "code"),
    [
        (7_200_000, 7_200_000, hashlib.sha256(CONTENT).hexdigest(), None, ""),
        (7_200_000, None, hashlib.sha256(CONTENT).hexdigest().upper(), None, ""),
        (7_199_999, None, None, FileTooLarge, "file_too_large"),
        (7_199_999, 7_200_000, None, FileTooLarge, "file_too_large"),
        (10**9, 7_199_999, None, Invalid, "size_mismatch"),
        (10**9, 7_200_001, None, Invalid, "size_mismatch"),
        (10**9, None, "0" * 64, Invalid, "hash_mismatch"),
        (10**9, None, "", Invalid, "hash_mismatch"),
    ],
)
def test_a_lie_about_size_or_hash_keeps_nothing(
    store, limit, declared_bytes, declared_hash, refusal, code
):
    def receive():
        return store.receive(
            BytesIO(CONTENT),
            key=KEY,
            limit_bytes=limit,
            expected_bytes=declared_bytes,
            expected_sha256=declared_hash,
        )

    if refusal is None:
        assert receive().size_bytes == len(CONTENT)
        return
    with pytest.raises(refusal) as caught:
        receive()
    assert caught.value.code == code
    assert names(store) == []


def test_bytes_under_a_key_are_never_replaced(store):
    store.receive(BytesIO(b"first"), key=KEY, limit_bytes=10)
    with pytest.raises(Refused) as caught:
        store.receive(BytesIO(b"second"), key=KEY, limit_bytes=10)
    assert caught.value.code == "already_stored"
    assert (store.root / KEY).read_bytes() == b"first"
    assert names(store) == [KEY]


def test_of_ten_writers_of_one_key_one_publishes(store):
    start, outcomes = threading.Barrier(10), []

    def write(number: int) -> None:
        start.wait()
        try:
            store.receive(BytesIO(b"%d" % number * 1000), key=KEY, limit_bytes=10**6)
            outcomes.append(number)
        except Refused:
            pass

    threads = [threading.Thread(target=write, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 1
    assert (store.root / KEY).read_bytes() == b"%d" % outcomes[0] * 1000
    assert names(store) == [KEY]


def test_a_sender_that_goes_away_leaves_nothing(store):
    class Broken(BytesIO):
        def read(self, size: int = -1, /) -> bytes:
            if self.tell() > 2_000_000:
                raise ConnectionResetError("the browser closed")
            return super().read(size)

    with pytest.raises(ConnectionResetError):
        store.receive(Broken(CONTENT), key=KEY, limit_bytes=10**9)
    assert names(store) == []


def test_a_killed_writer_leaves_a_draft_that_names_its_key_and_can_be_swept(store):
    code = (
        "import os, signal, sys; from pathlib import Path; from evidence.storage import FileStore\n"
        f"with FileStore(Path({str(store.root)!r})).writing({KEY!r}) as draft:\n"
        "    draft.write(b'half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False)
    assert done.returncode == -9
    assert list(store.listing()) == []
    assert list(store.incoming_leftovers(3600)) == []
    (leftover,) = store.incoming_leftovers(0)
    assert (leftover.key, leftover.size_bytes) == (KEY, 4)
    assert store.discard(leftover)
    assert not store.discard(leftover)
    assert names(store) == []


@pytest.mark.parametrize("failing", ["fsync", "fstat", "link", "write", "open", "statvfs"])
def test_an_error_of_the_disk_at_any_call_keeps_nothing_and_is_told(tmp_path, monkeypatch, failing):
    """The first call fails, then the second of a new try, and so on until all are through."""
    original = getattr(os, failing)
    store, calls, fails_at = FileStore(tmp_path / "evidence"), 0, 0

    def call(*args: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == fails_at:
            raise OSError(5, "Input/output error")
        return original(*args, **options)

    while True:
        calls, fails_at = 0, fails_at + 1
        with monkeypatch.context() as patch:
            patch.setattr(os, failing, call)
            try:
                store.receive(BytesIO(CONTENT), key=KEY, limit_bytes=10**9)
                break
            except Unreachable as unreachable:
                refusal = unreachable
        assert (refusal.status, refusal.code) == (503, "unavailable")
        assert names(store) == []
    assert fails_at > 1
    assert names(store) == [KEY]


def write_to_a_full_disk(store: FileStore) -> None:
    with store.writing(KEY) as draft:
        full = os.open("/dev/full", os.O_WRONLY)
        os.dup2(full, draft._descriptor)
        os.close(full)
        draft.write(b"lost")


def test_a_full_disk_is_a_507_and_the_store_recovers_alone(store):
    """/dev/full answers every write with "no space left"; a floor above the disk stops earlier."""
    store.receive(BytesIO(b"ok"), key=object_key(ORGANIZATION, OTHER), limit_bytes=10)
    with pytest.raises(StorageFull) as caught:
        write_to_a_full_disk(store)
    assert (caught.value.status, caught.value.code) == (507, "storage_full")
    crowded = FileStore(store.root, free_floor_bytes=store.free_bytes() + 10**12)
    with pytest.raises(StorageFull):
        crowded.receive(BytesIO(b"lost"), key=KEY, limit_bytes=10)
    with pytest.raises(StorageFull):
        store.receive(BytesIO(b""), key=KEY, limit_bytes=10**18, expected_bytes=10**17)
    assert names(store) == [object_key(ORGANIZATION, OTHER)]
    store.receive(BytesIO(b"kept"), key=KEY, limit_bytes=10)
    assert store.size(KEY) == 4


def test_a_store_without_hard_links_publishes_and_never_replaces(store, monkeypatch):
    def refuse(*args: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    store.receive(BytesIO(b"first"), key=KEY, limit_bytes=10)
    with pytest.raises(Refused):
        store.receive(BytesIO(b"second"), key=KEY, limit_bytes=10)
    assert (store.root / KEY).read_bytes() == b"first"
    assert names(store) == [KEY]


def test_nobody_but_the_owner_may_look_into_the_store(tmp_path):
    tmp_path.chmod(0o755)
    store = FileStore(tmp_path / "evidence")
    before = os.umask(0)
    try:
        store.receive(BytesIO(b"private"), key=KEY, limit_bytes=10)
    finally:
        os.umask(before)
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in [store.root, *store.root.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, 5, CONTENT[:5]),
        (1_048_570, 2_000_000, CONTENT[1_048_570:3_048_570]),
        (7_199_990, 100, CONTENT[-10:]),
        (8_000_000, 1, b""),
        (0, 0, b""),
    ],
)
def test_a_range_is_read_in_small_pieces(store, start, length, expected):
    store.receive(BytesIO(CONTENT), key=KEY, limit_bytes=10**9)
    pieces = list(store.read_range(KEY, start, length))
    assert b"".join(pieces) == expected
    assert all(0 < len(piece) <= 2**20 for piece in pieces)


def test_what_is_not_there_is_said_to_be_missing(store):
    for read in (store.open, store.size, lambda key: list(store.read_range(key, 0, 1))):
        with pytest.raises(EvidenceMissing) as caught:
            read(KEY)
        assert (caught.value.code, caught.value.path) == ("evidence_missing", KEY)


def test_a_deleted_object_is_gone_and_deleting_again_does_nothing(store):
    store.receive(BytesIO(b"x"), key=KEY, limit_bytes=10)
    assert store.delete(KEY)
    assert not store.delete(KEY)
    assert list(store.listing()) == []


def test_a_listing_holds_the_objects_of_an_organization_and_no_stranger(store):
    assert list(store.listing()) == list(store.incoming_leftovers(0)) == []
    mine = [KEY, f"{KEY}-f2"]
    others = [object_key(OTHER, OTHER, "f1")]
    for key in mine + others:
        store.receive(BytesIO(b"12345"), key=key, limit_bytes=10)
    (store.root / "README").write_text("put here by a person")
    (store.root / str(ORGANIZATION) / "notes.txt").write_text("put here by a person")
    assert sorted(item.key for item in store.listing()) == sorted(mine + others)
    assert sorted(item.key for item in store.listing(str(ORGANIZATION))) == mine
    assert {item.key for item in store.listing(f"{KEY}-")} == {f"{KEY}-f2"}
    assert all(item.size_bytes == 5 and item.age_seconds < 60 for item in store.listing())


@pytest.mark.parametrize(
    "key",
    ["", "..", "../x", f"{ORGANIZATION}", f"{ORGANIZATION}/../{OTHER}", f"{KEY}-", f"{KEY}-A/b",
     f"{KEY}\n", f"{KEY}/x", f"/{KEY}", KEY.upper(), "report.pdf", f"{ORGANIZATION}/report.pdf"],
)  # fmt: skip
def test_only_keys_the_server_makes_reach_the_disk(store, key):
    with pytest.raises(ValueError, match="organization uuid"):
        store.receive(BytesIO(b"x"), key=key, limit_bytes=10)
    assert not store.root.exists()
    assert checked_key(KEY) == KEY


def test_a_refusal_names_the_limit(store):
    with pytest.raises(FileTooLarge, match=re.escape("larger than 25.0 MB")):
        store.receive(BytesIO(b""), key=KEY, limit_bytes=25_000_000, expected_bytes=25_000_001)


def test_memory_stays_constant_for_a_large_upload(tmp_path):
    code = f"""
import re
from pathlib import Path
from evidence.storage import FileStore

class Zeros:
    left = 300
    def read(self, size=-1, /):
        self.left -= 1
        return bytes(min(size, 1 << 20)) if self.left >= 0 else b""

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

store, before = FileStore(Path({str(tmp_path)!r}) / "evidence"), peak()
received = store.receive(Zeros(), key={KEY!r}, limit_bytes=1 << 40)
print(received.size_bytes >> 20, (peak() - before) // 1024)
store.delete({KEY!r})
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
    assert growth <= 40
