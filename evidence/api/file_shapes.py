"""What a file shows: its version as it was uploaded, and the link that gives it meaning."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from evidence.api.request_shapes import Person
from evidence.models import EvidenceLink, FileVersion
from tenants.api.bodies import Shown

_VERSION = (
    "id", "version", "file", "number", "name", "size_bytes", "sha256", "content_type",
    "kind_label", "notices", "scan_outcome", "scan_reason", "method", "source_system",
    "captured_on", "covers_from", "covers_to", "expires_on", "uploaded_by", "uploaded_at",
    "erased_at", "erased_reason",
)  # fmt: skip


class FileVersionSerializer(Shown):
    """Bytes as they were uploaded, which never change; the dates they speak for can."""

    file = serializers.UUIDField(source="file_id", read_only=True)
    uploaded_by = Person(read_only=True)

    class Meta:
        model = FileVersion
        fields = _VERSION


class UseSerializer(serializers.Serializer[Any]):
    """A request in the caller's sight that a file answers."""

    link = serializers.UUIDField(source="pk", read_only=True)
    evidence_request = serializers.UUIDField(source="evidence_request_id", read_only=True)
    ref = serializers.CharField(source="evidence_request.ref", read_only=True)
    file_version = serializers.UUIDField(source="file_version_id", read_only=True)


class FileVersionDetail(FileVersionSerializer):
    """A version with the requests it answers, and others that hold the same bytes."""

    answers = serializers.SerializerMethodField(help_text="Requests it answers.")
    duplicate_of = serializers.SerializerMethodField(
        help_text="Where another file with the same SHA-256 answers a request."
    )

    class Meta:
        model = FileVersion
        fields = (*_VERSION, "answers", "duplicate_of")

    @extend_schema_field(UseSerializer(many=True))
    def get_answers(self, row: FileVersion) -> Any:
        """Its own links that the caller sees."""
        return self._uses(row, file_version=row)

    @extend_schema_field(UseSerializer(many=True))
    def get_duplicate_of(self, row: FileVersion) -> Any:
        """Links of other versions with the same bytes that the caller sees."""
        same = {"file_version__sha256": row.sha256, "file_version__erased_at": None}
        return [use for use in self._uses(row, **same) if use["file_version"] != str(row.pk)]

    def _uses(self, row: FileVersion, **which: Any) -> Any:
        links = EvidenceLink.objects.visible_to(self.context["request"].user).filter(**which)
        found = links.select_related("evidence_request").order_by("evidence_request__ref", "id")
        return UseSerializer(found, many=True).data


class LinkSerializer(Shown):
    """A file on a request. `version` and the ETag are those of the file version."""

    version = serializers.IntegerField(source="file_version.version", read_only=True)
    engagement = serializers.UUIDField(source="engagement_id", read_only=True)
    evidence_request = serializers.UUIDField(source="evidence_request_id", read_only=True)
    file_version = FileVersionSerializer(read_only=True)
    added_by = Person(read_only=True)

    class Meta:
        model = EvidenceLink
        fields = (
            "id", "version", "engagement", "evidence_request", "file_version", "added_by",
            "added_at", "handed_over_at",
        )  # fmt: skip


def of_link(linked: EvidenceLink) -> dict[str, Any]:
    """What `LinkSerializer` shows, written by hand: for uploads, where its making would count."""
    version, people = linked.file_version, {"uploaded_by", "file"}
    shown = {name: getattr(version, name) for name in _VERSION if name not in people}
    return {
        "id": linked.pk, "version": version.version, "engagement": linked.engagement_id,
        "evidence_request": linked.evidence_request_id,
        "file_version": {
            **shown, "file": version.file_id, "uploaded_by": _person(version.uploaded_by)
        },
        "added_by": _person(linked.added_by), "added_at": linked.added_at,
        "handed_over_at": linked.handed_over_at,
    }  # fmt: skip


def _person(person: Any) -> dict[str, Any]:
    return {"id": person.pk, "name": person.name}
