"""Every refusal is a problem document with a stable code and the request's id (API-11)."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError
from psycopg import errors as postgres

from tenants.models import Engagement
from tenants.refusals import as_refusal
from tests.programs import Program

MEMBERS = {"type", "title", "status", "code", "detail", "request_id"}


def test_each_kind_of_refusal_is_a_problem_with_the_request_s_id(lead, world):
    held = f"engagements/{world.engagement.pk}/"
    big = b'"' + b"x" * (6 * 2**20) + b'"'
    for answer, status, code in (
        (lead.post("clients/", b"{"), 400, "malformed"),
        (Program().get("me/"), 401, "not_authenticated"),
        (Program("tmk_nonsense").get("me/"), 401, "token_refused"),
        (lead.post(held + "withdraw/", {"note": "x", "told_client": "x"}), 403, "not_allowed"),
        (lead.get("nothing/"), 404, "not_found"),
        (lead.send("PUT", held), 405, "method_not_allowed"),
        (lead.get(held, Accept="image/png"), 406, "not_acceptable"),
        (lead.post(held + "resume/"), 409, "move_refused"),
        (lead.patch(held, {"title": "x"}, If_Match='"8"'), 412, "stale_version"),
        (lead.post("clients/", big), 413, "too_large"),
        (
            lead.post("clients/", b"x", **{"Content-Type": "text/csv"}),
            415,
            "unsupported_media_type",
        ),
        (lead.patch(held, {"title": "x"}), 428, "version_required"),
    ):
        document = answer.json()
        assert (answer.status_code, document["code"]) == (status, code)
        assert answer["Content-Type"] == "application/problem+json"
        assert document.keys() >= MEMBERS
        assert document["status"] == status
        assert document["request_id"] == answer["X-Request-Id"]
        assert not re.search(r"Traceback|SELECT|\.py|tenants_", answer.content.decode())


def test_a_fault_of_ours_tells_nothing_but_its_request(lead, monkeypatch):
    def broken(self, user):
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(type(Engagement.objects.all()), "visible_to", broken)
    answer = lead.get("engagements/")
    assert (answer.status_code, answer.json()["code"]) == (500, "fault")
    assert answer.json()["request_id"] == answer["X-Request-Id"]
    assert "swordfish" not in answer.content.decode()


def test_all_bad_fields_are_named_at_once(lead):
    document = lead.post("clients/", {"name": "x" * 200}).json()
    assert document["field"] == "name"
    assert {each["field"] for each in document["errors"]} == {"name", "time_zone"}


@pytest.mark.parametrize(
    ("error", "cause", "status"),
    [
        (PermissionDenied(), None, 403),
        (RequestDataTooBig(), None, 413),
        (SuspiciousOperation("x"), None, 400),
        (DataError(), postgres.NumericValueOutOfRange(), 400),
        (DataError(), postgres.InvalidTextRepresentation(), None),
        (IntegrityError(), postgres.UniqueViolation(), 409),
        (IntegrityError(), postgres.ForeignKeyViolation(), 409),
        (OperationalError(), postgres.DeadlockDetected(), 503),
        (OperationalError(), None, None),
        (ZeroDivisionError(), None, None),
    ],
)
def test_an_exception_is_a_refusal_only_where_the_caller_can_do_something(error, cause, status):
    error.__cause__ = cause
    found = as_refusal(error)
    assert (found.status if found else None) == status
