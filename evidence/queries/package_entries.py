"""The frozen list of a package as the writer takes it."""

from __future__ import annotations

import json
from functools import partial

from evidence.archive import About, Entry, Source
from evidence.models import Package, PackageEntry
from evidence.rules.package_documents import ABOUT
from evidence.storage import EvidenceStore


def entries_of(package: Package, store: EvidenceStore) -> list[Entry]:
    """Every frozen line, in any order: two queries, whatever the number of files.

    Documents come with their bytes, evidence with where its bytes lie.
    """
    documents = PackageEntry.objects.filter(package=package, content__isnull=False)
    made = [
        Entry.inline(path, bytes(content))
        for path, content in documents.values_list("path", "content")
    ]
    evidence = PackageEntry.objects.filter(package=package, file_version__isnull=False)
    rows = evidence.values_list(
        "path", "size_bytes", "sha256", "file_version__crc32", "file_version__storage_key",
        "source_type", "source_id", "source_version",
    )  # fmt: skip
    given = [
        Entry(
            path, size, sha256, crc32, partial(store.open, key), Source(kind, str(pk), str(number))
        )
        for path, size, sha256, crc32, key, kind, pk, number in rows
    ]
    return [*made, *given]


def about_of(package: Package) -> tuple[str, About]:
    """The package's folder, and what its manifest says: frozen with the list, in its ABOUT file."""
    entry = PackageEntry.objects.get(package=package, path=ABOUT)
    frozen = json.loads(bytes(entry.content or b""))
    about = About(
        engagement=frozen["engagement"],
        tool_version=frozen["tool_version"],
        records=frozen["records"],
        trail=frozen["trail"],
    )
    return frozen["folder"], about


def withdrawn_path(package: Package) -> str:
    """The path of a frozen file whose bytes the client has taken back since; empty for none."""
    gone = PackageEntry.objects.filter(package=package, file_version__erased_at__isnull=False)
    return gone.order_by("position").values_list("path", flat=True).first() or ""
