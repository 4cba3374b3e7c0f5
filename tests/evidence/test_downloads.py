"""Downloads: headers of an attachment, one range at a time, nothing of the database (UPL-12)."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.test import RequestFactory

from evidence import downloads
from evidence.choices import Downloadable
from evidence.errors import EvidenceDamaged, EvidenceMissing
from evidence.rules.byte_ranges import RangeRefused, Span, asked_span
from evidence.storage import evidence_store, object_key

BYTES = bytes(range(256)) * 12_000  # three pieces
SHA256 = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def key() -> str:
    found = object_key(uuid4(), uuid4())
    evidence_store().receive(BytesIO(BYTES), key=found, limit_bytes=len(BYTES))
    return found


def ask(key: str, method: str = "get", **headers: str) -> Any:
    request = getattr(RequestFactory(), method)("/", headers=headers)
    given = downloads.Given(
        Downloadable.FILE, uuid4(), key, "Zugänge <a>.html", len(BYTES), SHA256, "text/html",
        lambda user, told: None,
    )  # fmt: skip
    return downloads.stream(request, given, nullcontext)


def test_a_download_is_an_attachment_that_no_browser_runs(key: str) -> None:
    response = ask(key)
    assert b"".join(response.streaming_content) == BYTES
    assert response.status_code == 200
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''Zug%C3%A4nge" in response["Content-Disposition"]
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["ETag"] == f'"{SHA256}"'
    assert response["Content-Length"] == str(len(BYTES))


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=3000000-", 3_000_000, None), ("bytes=-7", -7, None),
     ("bytes=5-99999999", 5, None)],
)  # fmt: skip
def test_one_range_is_served(key: str, asked: str, start: int, end: int | None) -> None:
    response = ask(key, Range=asked)
    wanted = BYTES[start:end]
    assert response.status_code == 206
    assert b"".join(response.streaming_content) == wanted
    assert response["Content-Length"] == str(len(wanted))
    first = start % len(BYTES)
    assert response["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{len(BYTES)}"


@pytest.mark.parametrize(
    "asked",
    [f"bytes={len(BYTES)}-", "bytes=-0", "bytes=0-1,5-6", "bytes=" + ",".join(["0-"] * 1000)],
)
def test_a_range_outside_or_a_set_of_ranges_is_refused(key: str, asked: str) -> None:
    response = ask(key, Range=asked)
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(BYTES)}"
    assert response.content == b""


@pytest.mark.parametrize("asked", ["lines=1-2", "bytes=9-3", "bytes=-", "bytes=a-b", "bytes"])
def test_a_range_that_cannot_be_read_gives_the_whole_file(key: str, asked: str) -> None:
    response = ask(key, Range=asked)
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == BYTES


def test_a_range_of_another_version_gives_the_whole_file(key: str) -> None:
    other = ask(key, **{"Range": "bytes=0-9", "If-Range": '"another"'})
    same = ask(key, **{"Range": "bytes=0-9", "If-Range": f'"{SHA256}"'})
    assert (other.status_code, same.status_code) == (200, 206)
    other.close()
    same.close()


def test_a_copy_that_is_still_good_is_not_sent_again(key: str) -> None:
    response = ask(key, **{"If-None-Match": f'W/"x", "{SHA256}"'})
    assert (response.status_code, response.content) == (304, b"")


def test_head_tells_the_size_and_sends_nothing(key: str) -> None:
    response = ask(key, "head")
    assert (response["Content-Length"], response.content) == (str(len(BYTES)), b"")


def test_lost_or_shortened_bytes_are_refused_before_the_first_byte(key: str) -> None:
    path = evidence_store().root / key  # type: ignore[attr-defined]
    path.write_bytes(BYTES[:-1])
    with pytest.raises(EvidenceDamaged, match="not whole"):
        ask(key)
    path.unlink()
    with pytest.raises(EvidenceMissing):
        ask(key)


def test_an_empty_file_has_no_range() -> None:
    assert asked_span("", 0) is None
    assert asked_span("bytes=-5", 3) == Span(0, 3)
    with pytest.raises(RangeRefused):
        asked_span("bytes=0-", 0)
