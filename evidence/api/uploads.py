"""Uploads: the bytes of a file stream past Django into the store, with no transaction held.

The kept answer of an Idempotency-Key is written with the rows of the file, in their one short
transaction: both or neither (API-4). A retry hashes the body again instead of storing it, so
that other bytes under the same key are refused. Two uploads with one key at once may both send;
the second to finish keeps nothing and gets the answer of the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from evidence.actions import files
from evidence.api.file_shapes import LinkSerializer, of_link
from evidence.digests import CHUNK_BYTES, Readable, StreamHash
from evidence.models import EvidenceLink, EvidenceRequest, FileVersion
from evidence.rules.content_digest import FIELD, declared_sha256
from evidence.rules.coverage_dates import Coverage
from evidence.storage.base import too_large
from tenants.api import idempotency
from tenants.api.base import BaseViewSet, takes
from tenants.api.bodies import Body
from tenants.api.errors import LengthMissing
from tenants.api.parsing import to_json
from tenants.api.requests import Request
from tenants.errors import Invalid, NotVisible
from tenants.models import Engagement, IdempotentAnswer
from tenants.permissions import P
from tenants.refusals import ABSENT

MULTIPART = "multipart/form-data"
UNDECLARED = ("", "application/x-www-form-urlencoded")
"""A sender that names no type, or leaves the one its HTTP library puts there."""
WRAPPING_BYTES = 1 << 20
"""What a multipart body may hold beside the file."""
WORDS = {
    "name": "Name of the file; needed with a raw body. In a form, the part `file` has it.",
    "covers_from": "First day the file speaks for.",
    "covers_to": "Last day the file speaks for.",
    "captured_on": "The day it was captured, for a picture or an export.",
    "expires_on": "Until when it holds.",
    "source_system": "Where it came from.",
    "replaces": "Id of the file version it replaces: the bytes become its next version.",
    "sha256": "SHA-256 in hex; others are refused. A raw body may send Content-Digest instead.",
}


class FileWords(Body):
    """What a sender says of a file."""

    covers_from = serializers.DateField(required=False)
    covers_to = serializers.DateField(required=False)
    captured_on = serializers.DateField(required=False)
    expires_on = serializers.DateField(required=False)
    source_system = serializers.CharField(required=False, allow_blank=True, max_length=120)
    replaces = serializers.UUIDField(required=False)
    sha256 = serializers.RegexField("^[0-9a-fA-F]{64}$", required=False)


class RawWords(FileWords):
    """The same in the address of a raw body, with the file's name."""

    name = serializers.CharField(max_length=1_000, trim_whitespace=False)


@extend_schema_field(OpenApiTypes.BINARY)
class FilePart(serializers.FileField):
    """A part of a form that is a file."""


class FormWords(FileWords):
    """The same in a form, with the file as one part."""

    file = FilePart(allow_empty_file=True, max_length=1_000)


BODIES = {MULTIPART: FormWords, "application/octet-stream": OpenApiTypes.BINARY}
"""For the schema: a form, or bytes of any type."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it is being sent. `size_bytes` and `sha256` are what the sender declares."""

    stream: Readable
    name: str
    content_type: str
    size_bytes: int | None
    sha256: str | None
    words: Mapping[str, Any]


class UploadViewSet(BaseViewSet):
    """The way in for files of a request."""

    queryset = EvidenceRequest.objects.select_related("engagement").only(*files.ADMITTED_BY)
    serializer_class = LinkSerializer
    parser_classes = (MultiPartParser,)
    in_a_transaction = False
    """The view holds none: each of its steps has its own, and a refusal rolls none back."""

    @classmethod
    def as_view(cls, *args: Any, **kwargs: Any) -> Any:
        """Outside the transaction that a request usually is (ATOMIC_REQUESTS)."""
        return transaction.non_atomic_requests(super().as_view(*args, **kwargs))

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """The key is kept with the rows of the file, not around the whole of the upload."""
        super().initial(request, *args, **kwargs)
        self.post: Any = self.create

    @extend_schema(request=BODIES)
    @takes(None, answers=LinkSerializer, status=201, cost=2, parameters=WORDS,
           permission=str(P.UPLOAD_EVIDENCE))  # fmt: skip
    def create(self, request: Request, evidence_request: UUID) -> HttpResponse:
        """Add a file: post its bytes as they are, or a form with the part `file`."""
        whose = idempotency.whose_key(request)
        row, admitted = self._admitted(whose)
        sent = _of_form(request) if _is_form(request) else _of_raw(request)
        if admitted is None:
            return _again(request, sent, whose)
        fingerprint, answer = "", HttpResponse()

        def keep(linked: EvidenceLink) -> None:
            nonlocal fingerprint, answer
            version = linked.file_version
            fingerprint = _fingerprint(request, sent, version.size_bytes, version.sha256)
            answer = idempotency.keep(whose, fingerprint, self._made(linked))

        try:
            files.upload(row, self._incoming(sent), by=request.user, admitted=admitted, also=keep)
        except IntegrityError:  # another upload with this key was faster
            with transaction.atomic():
                kept = IdempotentAnswer.objects.filter(**whose).first()
            if kept is None:
                raise
            return idempotency.again(kept, fingerprint)
        return answer

    def _admitted(self, whose: dict[str, Any]) -> tuple[EvidenceRequest, Engagement | None]:
        """The request, and its engagement if files may come now; None for a retry (3 queries)."""
        with transaction.atomic():
            rows = self.get_queryset().order_by().filter(pk=self.kwargs["evidence_request"])
            row = next(iter(rows), None)
            if row is None:
                raise NotVisible(ABSENT)
            answered = idempotency.is_kept(whose)
            return row, None if answered else files.admit(row, by=self.request.user)

    def _incoming(self, sent: Sent) -> files.Upload:
        words = sent.words
        return files.Upload(
            sent.stream, sent.name, sent.content_type, declared_sha256=sent.sha256,
            declared_bytes=sent.size_bytes, source_system=words.get("source_system", ""),
            coverage=Coverage(**{name: words[name] for name in files.COVERAGE if name in words}),
            replaces=self._replaced(words.get("replaces")),
        )  # fmt: skip

    def _replaced(self, pk: UUID | None) -> FileVersion | None:
        if pk is None:
            return None
        with transaction.atomic():
            found = FileVersion.objects.visible_to(self.request.user).filter(pk=pk).first()
        if found is None:
            raise Invalid(f"replaces: {ABSENT}", code="not_found", field="replaces")
        return found

    def _made(self, linked: EvidenceLink) -> Response:
        response = Response(of_link(linked), status=201)
        response["ETag"] = f'"{linked.file_version.version}"'
        response["Location"] = f"/api/v1/evidence-links/{linked.pk}/"
        return response


def _is_form(request: Request) -> bool:
    return _kind(request) == MULTIPART


def _kind(request: Request) -> str:
    return (request.content_type or "").partition(";")[0].strip().lower()


def _of_form(request: Request) -> Sent:
    """The file of a form, which Django has put aside. Raises FileTooLarge, Invalid."""
    if request.headers.get(FIELD):
        raise Invalid(
            "Content-Digest speaks of the whole form; send the file's hash in the field sha256.",
            code="content_digest_of_form", field=FIELD,
        )  # fmt: skip
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > settings.EVIDENCE_LIMIT_BYTES + WRAPPING_BYTES:
        raise too_large(settings.EVIDENCE_LIMIT_BYTES)
    if request.query_params:
        raise Invalid("With a form, send these as its fields.", code="unknown_parameter",
                      field=next(iter(request.query_params)))  # fmt: skip
    words = _checked(FormWords(data=request.data))
    file = words.pop("file")
    kind = (file.content_type or "").lower()
    return Sent(file, file.name, kind, None, words.get("sha256"), words)


def _of_raw(request: Request) -> Sent:
    """The body itself. Raises Invalid, LengthMissing."""
    words = _checked(RawWords(data=request.query_params.dict()))
    digest = declared_sha256(request.headers.get(FIELD, "")) or words.get("sha256")
    kind = _kind(request)
    stream, size_bytes = _body(request)
    declared = "" if kind in UNDECLARED else kind
    return Sent(stream, words.pop("name"), declared, size_bytes, digest, words)


def _body(request: Request) -> tuple[Readable, int | None]:
    """The body's bytes, and how many the sender says they are. Raises LengthMissing."""
    plain = request._request
    length = plain.META.get("CONTENT_LENGTH") or ""
    if length.isdigit():
        return plain, int(length)
    if plain.META.get("wsgi.input_terminated"):  # sent in chunks; the server knows the end
        return plain.META["wsgi.input"], None
    raise LengthMissing("Send Content-Length: how many bytes the file has.")


def _checked(words: Body) -> dict[str, Any]:
    words.is_valid(raise_exception=True)
    return dict(words.validated_data)


def _again(request: Request, sent: Sent, whose: dict[str, Any]) -> HttpResponse:
    """The answer kept for the key, once it is known that the same file was sent again."""
    with StreamHash() as running:
        while chunk := sent.stream.read(CHUNK_BYTES):
            running.update(chunk)
            if running.size_bytes > settings.EVIDENCE_LIMIT_BYTES:
                raise too_large(settings.EVIDENCE_LIMIT_BYTES)
        sha256 = running.finish()
    with transaction.atomic():
        kept = IdempotentAnswer.objects.get(**whose)
    return idempotency.again(kept, _fingerprint(request, sent, running.size_bytes, sha256))


def _fingerprint(request: Request, sent: Sent, size_bytes: int, sha256: str) -> str:
    """SHA-256 (hex) over address, words and the bytes that really came."""
    said = [request.get_full_path(), sent.name, sent.content_type, size_bytes, sha256,
            sorted((name, str(value)) for name, value in sent.words.items())]  # fmt: skip
    return hashlib.sha256(to_json(said)).hexdigest()
