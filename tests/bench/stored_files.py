"""Evidence at scale: files in the store with their rows, written by the owner beside all walls."""

from __future__ import annotations

import hashlib
import zlib
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from tests.bench.place import noise

_FILE = "INSERT INTO evidence_evidencefile (id, client_id, created_by_id)"
_VERSION = """INSERT INTO evidence_fileversion (id, client_id, file_id, number, name, size_bytes,
  sha256, crc32, content_type, kind_label, notices, storage_key, scan_outcome, scan_reason, method,
  source_system, erased_reason, version, uploaded_by_id)"""
_LINK = """INSERT INTO evidence_evidencelink (id, version, client_id, engagement_id,
  evidence_request_id, file_version_id, added_by_id, handed_over_at)"""
_REQUESTS = """SELECT r.id, e.client_id, r.owner_id FROM evidence_evidencerequest r
  JOIN tenants_engagement e ON e.id = r.engagement_id WHERE e.id = %s AND r.opened_at IS NOT NULL"""


def add_files(
    owner: psycopg.Connection[Any], folder: Path, engagement: UUID, *, count: int, size_bytes: int
) -> list[Path]:
    """Hand over `count` files of `size_bytes`, evenly over the engagement's sent requests."""
    requests = owner.execute(_REQUESTS, [engagement]).fetchall()
    content = bytearray(noise(size_bytes))
    paths, files, versions, links = [], [], [], []
    for number, (request, client, person) in zip(range(count), cycle(requests), strict=False):
        content[:8] = number.to_bytes(8)  # no two files are alike
        file, version = uuid4(), uuid4()
        path = folder / str(client) / str(version)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(content)
        paths.append(path)
        files.append((file, client, person))
        versions.append((
            version, client, file, 1, f"export-{number}.bin", size_bytes,
            hashlib.sha256(content).hexdigest(), zlib.crc32(content), "application/octet-stream",
            "File", [], f"{client}/{version}", "not_scanned", "", "upload", "", "", 1, person,
        ))  # fmt: skip
        links.append((uuid4(), 1, client, engagement, request, version, person, "2026-01-01"))
    with owner.transaction(), owner.cursor() as cursor:
        for statement, rows in ((_FILE, files), (_VERSION, versions), (_LINK, links)):
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"{statement} VALUES ({marks})", rows)
    owner.execute("ANALYZE")
    return paths
