"""What an installation is made of: packages with versions, licences and hashes (SUP-1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from typing import Any

from django.conf import settings

from grc.embedded import lock

VENDORED = re.compile(r"^\| `([\w./-]+)` \| ([@\w./-]+) \| ([\d.]+) \| ([\w.-]+) \|", re.MULTILINE)
"""A line of the table in grc/static/vendor/README.md: file, package, version, licence."""


def bill_of_materials() -> dict[str, Any]:
    """A CycloneDX 1.6 document: the same for the same installation."""
    parts = sorted((*_packages(), *_vendored()), key=lambda part: str(part["bom-ref"]))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": "tickmark", "bom-ref": "tickmark"}
        },
        "components": parts,
    }


def _packages() -> Iterator[dict[str, Any]]:
    """Every installed package, with the hashes of the files it may have come from."""
    known = lock.known()
    found = {lock.plain(each.metadata["Name"]): each for each in distributions()}
    for name, each in found.items():
        reference = f"pkg:pypi/{name}@{each.version}"
        part: dict[str, Any] = {
            "type": "library", "name": name, "version": each.version, "purl": reference,
            "bom-ref": reference, "licenses": _licences(each),
        }  # fmt: skip
        if hashes := known.get(f"{name}=={each.version}"):
            properties = [{"name": "tickmark:sha256", "value": one} for one in sorted(hashes)]
            part["properties"] = properties
        yield part


def _licences(each: Distribution) -> list[dict[str, Any]]:
    named = [name for name in ("License-Expression", "License") if name in each.metadata]
    line = each.metadata[named[0]].strip().partition("\n")[0][:120] if named else ""
    return [{"license": {"name": line}}] if line else []


def _vendored() -> Iterator[dict[str, Any]]:
    """The browser's files we ship, each folder or file with its hash."""
    root = settings.BASE_DIR / "grc" / "static" / "vendor"
    for place, package, version, licence in VENDORED.findall((root / "README.md").read_text()):
        reference = f"pkg:npm/{package.replace('@', '%40')}@{version}#{place}"
        path = root / place
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        digest = hashlib.sha256(b"".join(file.read_bytes() for file in files if file.is_file()))
        yield {
            "type": "library", "name": package, "version": version, "purl": reference,
            "bom-ref": reference, "licenses": [{"license": {"name": licence}}],
            "hashes": [{"alg": "SHA-256", "content": digest.hexdigest()}],
        }  # fmt: skip
