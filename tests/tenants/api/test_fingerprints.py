"""What makes two requests the same request: method, address and body (API-4)."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request

from tenants.api.idempotency import fingerprint_of
from tenants.api.parsing import StrictJsonParser


class Raw(BaseParser):
    """Bytes the view reads by itself."""

    media_type = "application/octet-stream"


def of(path="/api/v1/x/", body=None, kind="application/json", **headers):
    """The fingerprint of a POST; a dict is sent as a form with its files."""
    form = isinstance(body, dict)
    made = (
        RequestFactory().post(path, body)
        if form
        else RequestFactory().generic("POST", path, body or b"", kind, headers=headers)
    )
    parsers = [StrictJsonParser(), MultiPartParser(), Raw()]
    found = fingerprint_of(Request(made, parsers=parsers))
    made.close()
    return found


def file(name="a.csv", content=b"1,2", kind="text/csv"):
    return SimpleUploadedFile(name, content, kind)


def test_json_counts_by_what_it_says():
    same = of(body=b'{"a": 1}')
    assert of(body=b'{ "a":1 }') == same
    assert of(body=b'{"a": 2}') != same
    assert of(body=b"") != same
    assert of(path="/api/v1/y/", body=b'{"a": 1}') != same
    assert of(path="/api/v1/x/?dry_run=1", body=b'{"a": 1}') != same


def test_a_file_of_a_form_counts_by_name_kind_and_size():
    same = of(body={"title": "Q1", "file": file()})
    assert of(body={"file": file(content=b"3,4"), "title": "Q1"}) == same
    for other in (file("b.csv"), file(content=b"1,2,3"), file(kind="text/plain")):
        assert of(body={"title": "Q1", "file": other}) != same
    assert of(body={"title": "Q2", "file": file()}) != same


def test_raw_bytes_count_by_length_and_upload_headers():
    kind = "application/octet-stream"
    same = of(body=b"abc", kind=kind, **{"Upload-Metadata": "filename YQ=="})
    assert of(body=b"xyz", kind=kind, **{"Upload-Metadata": "filename YQ=="}) == same
    assert of(body=b"abcd", kind=kind, **{"Upload-Metadata": "filename YQ=="}) != same
    assert of(body=b"abc", kind=kind, **{"Upload-Metadata": "filename Yg=="}) != same
