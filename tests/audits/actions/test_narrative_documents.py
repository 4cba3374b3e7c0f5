"""Narratives out as Markdown or Word, edited there, and brought in again: all or nothing."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from django.core.exceptions import PermissionDenied

from audits.actions import library_controls, narrative_documents
from audits.models import Control, Narrative
from tenants.errors import Invalid
from tests.audits.helpers import fill_library


@pytest.fixture
def client(world):
    fill_library(world, 3)
    return world.client_organization


@pytest.mark.parametrize("kind", ["md", "docx"])
def test_what_goes_out_and_comes_in_again_changes_nothing(client, as_client, kind):
    content = narrative_documents.export(client, kind, by=as_client)
    name = f"narratives.{kind}"
    changes = narrative_documents.preview(client, content, name, by=as_client)
    assert [(one.ref, one.outcome) for one in changes] == [
        ("ELC-01", "unchanged"), ("ELC-02", "unchanged"), ("ELC-03", "unchanged"),
    ]  # fmt: skip
    narrative_documents.bring_in(client, content, name, by=as_client)
    assert Narrative.objects.count() == 3
    again = narrative_documents.export(client, kind, by=as_client)
    assert again == content


@pytest.mark.parametrize("kind", ["md", "docx"])
def test_a_narrative_edited_outside_becomes_the_next_version(client, as_client, kind):
    control = Control.objects.get(ref="ELC-02")
    since = narrative_documents.export(client, kind, by=as_client)
    edited = _replaced(since, "quarterly meeting", "monthly meeting", kind)
    changes = narrative_documents.bring_in(client, edited, f"x.{kind.upper()}", by=as_client)
    assert [one.outcome for one in changes] == ["unchanged", "update", "unchanged"]
    newest = Narrative.objects.filter(control=control).latest("number")
    assert newest.number == 2
    assert "monthly meeting" in newest.text
    assert newest.written_by == as_client


def _replaced(content, old, new, kind):
    if kind == "md":
        return content.replace(old.encode(), new.encode())
    made = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as before, ZipFile(made, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old.encode(), new.encode()))
    return made.getvalue()


def test_one_refused_heading_refuses_the_document(client, as_client):
    document = b"## ELC-01 Code\n\nTold anew.\n\n## ZZ-9 Nobody\n\nText."
    with pytest.raises(Invalid, match="Line 5, ZZ-9 Nobody"):
        narrative_documents.bring_in(client, document, "n.md", by=as_client)
    assert Narrative.objects.count() == 3
    sound = document[: document.index(b"## ZZ")]
    narrative_documents.bring_in(client, sound, "n.md", by=as_client)
    assert Narrative.objects.count() == 4


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"\xff\xfe", "n.md", "unknown_encoding"),
        (b"Just words.", "n.md", "narratives_missing"),
        (b"## ELC-01 A\n\ntext", "n.pdf", "kind_unknown"),
        (b"no archive", "n.docx", "not_a_document"),
        (b"PK\x05\x06" + b"\0" * 18, "n.docx", "not_a_document"),
        (b"x" * (4 * 2**20 + 1), "n.md", "document_too_large"),
    ],
)
def test_what_is_no_document_of_narratives_is_refused(client, as_client, content, name, code):
    with pytest.raises(Invalid) as refused:
        narrative_documents.preview(client, content, name, by=as_client)
    assert refused.value.code == code


def test_a_retired_control_stays_out(client, as_client, today):
    control = Control.objects.get(ref="ELC-01")
    library_controls.retire(control, on=today, by=as_client)
    content = narrative_documents.export(client, "md", by=as_client)
    assert b"ELC-01" not in content
    (change,) = narrative_documents.preview(client, b"## ELC-01 A\n\nText.", "n.md", by=as_client)
    assert change.outcome == "error"


def test_only_the_clients_people_take_them_out_or_bring_them_in(world, client):
    from tests.conftest import as_

    with as_(world.executive, client), pytest.raises(PermissionDenied):
        narrative_documents.export(client, "md", by=world.executive)
    with as_(world.contributor, client):
        content = narrative_documents.export(client, "md", by=world.contributor)
        with pytest.raises(PermissionDenied):
            narrative_documents.bring_in(client, content, "n.md", by=world.contributor)
    with as_(world.lead, world.firm), pytest.raises(PermissionDenied):
        narrative_documents.export(client, "md", by=world.lead)
