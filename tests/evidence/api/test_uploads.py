"""Uploads through programs: every form, lies, limits and retries."""

from __future__ import annotations

import base64
import hashlib
from io import BytesIO
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.evidence import requests as at
from tests.evidence.requests import MIB, PLAIN, files_of, stored
from tests.programs import program_of


def digest_of(content):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def form(**fields):
    """A multipart body with a file and `fields`, and its Content-Type."""
    parts = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    head = (
        '--edge\r\nContent-Disposition: form-data; name="file"; filename="a <b>.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    return f"{parts}{head}".encode() + at.CSV + b"\r\n--edge--\r\n", {
        "Content_Type": "multipart/form-data; boundary=edge"
    }


def test_raw_bytes_arrive_whole_with_their_dates(world, programs):
    row, owner = at.sent(world), programs["owner"]
    words = "name=users.csv&covers_from=2025-10-01&covers_to=2026-09-30&source_system=Okta"
    made = owner.post(files_of(row, words), at.CSV, Content_Type="text/csv",
                      Content_Digest=digest_of(at.CSV))  # fmt: skip
    assert made.status_code == 201, made.json()
    version = made.json()["file_version"]
    assert (version["name"], version["number"], version["size_bytes"]) == (
        "users.csv", 1, len(at.CSV)
    )  # fmt: skip
    assert version["sha256"] == hashlib.sha256(at.CSV).hexdigest()
    assert (version["covers_to"], version["source_system"]) == ("2026-09-30", "Okta")
    read = owner.get(made["Location"])
    assert (read.json(), read["ETag"]) == (made.json(), made["ETag"])
    assert owner.get(f"evidence-requests/{row.pk}/").json()["status"] == "in_progress"


def test_a_form_carries_a_file_and_what_is_said_of_it(world, programs):
    row, owner = at.sent(world), programs["owner"]
    body, kind = form(covers_from="2025-10-01", captured_on="2026-01-01")
    made = owner.post(f"evidence-requests/{row.pk}/files/", body, **kind)
    assert made.status_code == 201, made.json()
    assert made.json()["file_version"]["name"] == "a <b>.csv"
    assert made.json()["file_version"]["captured_on"] == "2026-01-01"
    for wrong in ({"covers_from": "soon"}, {"nonsense": "x"}, {"sha256": "abc"}):
        body, kind = form(**wrong)
        refused = owner.post(f"evidence-requests/{row.pk}/files/", body, **kind)
        assert (refused.status_code, refused.json()["field"]) == (400, next(iter(wrong)))
    body, kind = form(sha256="0" * 64)
    assert owner.post(f"evidence-requests/{row.pk}/files/", body, **kind).status_code == 400
    body, kind = form()
    assert owner.post(files_of(row), body, **kind).status_code == 400  # words in the address too
    assert len(stored()) == 1


def test_a_new_version_names_what_it_replaces(world, programs):
    row, owner = at.sent(world), programs["owner"]
    first = owner.post(files_of(row), b"one", **PLAIN).json()["file_version"]
    second = owner.post(files_of(row, f"name=x&replaces={first['id']}"), b"two", **PLAIN)
    assert second.json()["file_version"]["number"] == 2
    assert second.json()["file_version"]["file"] == first["file"]
    absent = owner.post(files_of(row, f"name=x&replaces={uuid4()}"), b"three", **PLAIN)
    assert (absent.status_code, absent.json()["field"]) == (400, "replaces")


@pytest.mark.parametrize(
    ("query", "headers", "status", "code"),
    [
        ("name=x", {"Content_Digest": digest_of(b"other")}, 400, "hash_mismatch"),
        ("name=x", {"Content_Digest": "sha-256=:short:"}, 400, "content_digest_malformed"),
        ("name=x", {"Content_Digest": "nonsense"}, 400, "content_digest_malformed"),
        (f"name=x&sha256={'0' * 64}", {}, 400, "hash_mismatch"),
        ("", {}, 400, "required"),
        ("name=x&covers_from=2026-01-02&covers_to=2026-01-01", {}, 400, "coverage_backwards"),
        ("name=x&nonsense=1", {}, 400, "unknown_parameter"),
        ("name=x", {"Idempotency_Key": ""}, 400, "idempotency_key_required"),
    ],
)
def test_a_lie_or_a_slip_keeps_nothing_upl_5(world, programs, query, headers, status, code):
    row = at.sent(world)
    refused = programs["owner"].post(files_of(row, query), b"the bytes", **PLAIN, **headers)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert stored() == []
    assert programs["owner"].get(f"evidence-requests/{row.pk}/").json()["status"] == "open"


def test_other_digests_than_sha_256_are_passed_over(world, programs):
    row = at.sent(world)
    digests = f"md5=:{base64.b64encode(b'x' * 16).decode()}:, {digest_of(b'x')}"
    made = programs["owner"].post(files_of(row), b"x", **PLAIN, Content_Digest=digests)
    assert made.status_code == 201


@pytest.mark.parametrize("as_form", [False, True])
def test_more_than_the_limit_is_refused_before_it_is_read_upl_7(world, programs, settings, as_form):
    settings.EVIDENCE_LIMIT_BYTES = 10
    row = at.sent(world)
    body, kind = form(source_system="x" * (2 << 20)) if as_form else (b"x" * 11, PLAIN)
    refused = programs["owner"].post(
        f"evidence-requests/{row.pk}/files/" if as_form else files_of(row), body, **kind
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "file_too_large")
    assert stored() == []


def test_a_body_that_breaks_off_keeps_nothing(world, programs):
    row = at.sent(world)
    refused = programs["owner"].client.generic(
        "POST", f"/api/v1/{files_of(row)}", b"half", "text/plain",
        headers={"Authorization": f"Bearer {programs['owner'].secret}", "Idempotency-Key": "k"},
        **{"CONTENT_LENGTH": "8", "wsgi.input": BytesIO(b"half")},
    )  # fmt: skip
    assert (refused.status_code, refused.json()["code"]) == (400, "size_mismatch")
    assert stored() == []


def test_a_body_without_a_length_is_refused_unless_the_server_knows_its_end(world, programs):
    row = at.sent(world)

    def send(key, **extra):
        return programs["owner"].client.generic(
            "POST", f"/api/v1/{files_of(row)}", b"the bytes", "text/plain",
            headers={"Authorization": f"Bearer {programs['owner'].secret}",
                     "Idempotency-Key": key},
            **{"CONTENT_LENGTH": "", "wsgi.input": BytesIO(b"the bytes"), **extra},
        )  # fmt: skip

    assert send("k1").status_code == 411
    made = send("k2", **{"wsgi.input_terminated": True})
    assert (made.status_code, made.json()["file_version"]["size_bytes"]) == (201, 9)


def test_a_retry_gets_the_same_answer_and_no_second_file_api_4(world, programs):
    row, owner = at.sent(world), programs["owner"]
    first = owner.post(files_of(row), b"the bytes", **PLAIN, Idempotency_Key="k1")
    programs["client"].post(f"evidence-requests/{row.pk}/submit/")  # the world goes on
    again = owner.post(files_of(row), b"the bytes", **PLAIN, Idempotency_Key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert again["Location"] == first["Location"]
    other = owner.post(files_of(row), b"THE BYTES", **PLAIN, Idempotency_Key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(stored()) == 1
    late = owner.post(files_of(row), b"more", **PLAIN)
    assert (late.status_code, late.json()["code"]) == (409, "not_with_client")


def test_a_refused_upload_keeps_no_answer(world, programs):
    row, owner = at.sent(world), programs["owner"]
    lie = {"Content_Digest": digest_of(b"other"), "Idempotency_Key": "k1", **PLAIN}
    assert owner.post(files_of(row), b"the bytes", **lie).status_code == 400
    truth = {**lie, "Content_Digest": digest_of(b"the bytes")}
    assert owner.post(files_of(row), b"the bytes", **truth).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_uploads_with_one_key_at_once_leave_one_file_api_4(world):
    row = at.sent(world)
    owner = program_of(world.owner, world.client_organization)
    barrier, answers = Barrier(8), []

    def send():
        program = type(owner)(owner.secret)
        barrier.wait()
        answers.append(program.post(files_of(row), MIB, **PLAIN, Idempotency_Key="same"))
        connection.close()

    threads = [Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1
    assert len(stored()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_a_form", [False, True])
def test_a_file_of_1_mib_costs_10_queries_at_most(world, in_a_form):
    """4 to find who asks for what, 2 to lock and ask afresh, 2 to write, the trail and key among
    them; the first file of a request moves it as well."""
    row = at.sent(world)
    owner = program_of(world.owner, world.client_organization)
    owner.get("evidence-links/")  # the token's last use is noted once a minute
    body, kind = form() if in_a_form else (MIB, PLAIN)
    place = f"evidence-requests/{row.pk}/files/" if in_a_form else files_of(row)
    for status in ("open", "in_progress"):
        assert owner.get(f"evidence-requests/{row.pk}/").json()["status"] == status
        with CaptureQueriesContext(connection) as queries:
            made = owner.post(place, body, **kind)
        assert made.status_code == 201
        asked = [each["sql"] for each in queries if each["sql"] not in ("BEGIN", "COMMIT")]
        assert len(asked) <= 10, "\n".join(sql[:90] for sql in asked)
