"""What is sent to do each act of the matrix: addresses, bodies and forms fit to succeed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from audits.models import Control
from tenants.access_matrix import Line, Standing
from tests.access.bodies import body_class, body_of
from tests.access.playing import Play, why_of
from tests.access.probing import FORM, Multipart
from tests.access.routes import WORDS, Route
from tests.access.scenes import acts
from tests.evidence.import_helpers import csv_list, good_row
from tests.identity.certificates import certificate
from tests.parts import added

Fields = Callable[[Play, Standing], dict[str, Any]]
LOOKED_AT = re.compile(
    r"\.(list|view|see|tokens$|notices|profile|download|export|read_the|view|see_who)"
)
"""Acts whose page is asked for; the others' forms are sent."""
LIST = (Path(__file__).parents[2] / "grc/sample/sample-control-set.csv").read_bytes()
RAW = {
    "control.import": ("text/csv", LIST),
    "narrative.bring_in": ("text/markdown", b"## ZZ-01 A control\n\nIt is told otherwise now."),
}
"""Line whose body is no JSON → its media type and bytes."""


@dataclass
class Sent:
    """What goes to an address; `reads` for a page that is only looked at."""

    values: dict[str, Any]
    body: Any = None
    query: str = ""
    reads: bool = False


def sent_of(play: Play, line: Line, route: Route, method: str, word: str, who: Standing) -> Sent:
    """What `who` sends to do the act of `line` at `route`."""
    labels = LABELS.get(line.key, {})
    values = {name: play.record(labels.get(name, label), who) for name, label in route.ids}
    for name in route.words:
        usual = {"kind": "csv", "identifier": why_of(play)}
        values[name] = word or usual.get(name) or WORDS.get(name, ("",))[0]
    told = {**FIELDS.get(line.resource.key, _nothing)(play, who),
            **FIELDS.get(line.key, _nothing)(play, who)}  # fmt: skip
    if method == "PAGE":
        if "requests_bulk" in route.name:
            told |= {"move": word, "selected": str(play.ids["evidence.EvidenceRequest"])}
        return Sent(values, told, reads=bool(LOOKED_AT.search(line.key)))
    of_engagement = "export" in route.name and "organization" not in route.name
    query = f"?engagement={play.world.engagement.pk}" if of_engagement else ""
    return Sent(values, _body(play, line, route, method, word, who, told), query)


def _body(
    play: Play, line: Line, route: Route, method: str, word: str, who: Standing,
    told: dict[str, Any],
) -> Any:  # fmt: skip
    kind = body_class(route, dict(route.actions)[method])
    if line.key in RAW:
        return Multipart(*RAW[line.key])
    if kind is None:
        return None
    drawn = body_of(kind, lambda label: [play.record(label, who)])
    if not isinstance(drawn, dict):
        return drawn
    names = kind().fields
    body = {**drawn, **{name: told[name] for name in names if name in told}}
    if method == "PATCH":
        body = {name: value for name, value in body.items() if name in told}
    if word:
        body = {name: value for name, value in told.items() if name in ("note", "reason")}
        takes = {"accept": (), "send": (), "begin_review": (), "submit": (), "recall": (),
                 "give_back": ("note", "reason")}.get(word, ("note",))  # fmt: skip
        body = {name: told.get(name, FORM["note"]) for name in takes}
        body |= {"move": word, "ids": [str(play.ids["evidence.EvidenceRequest"])]}
    return body


def _nothing(play: Play, who: Standing) -> dict[str, Any]:
    return {}


def _person(play: Play, who: Standing) -> dict[str, Any]:
    return {"person": str(play.own[who.key]["tenants.User"]), "role": _role(who)}


def _role(who: Standing) -> str:
    return "contributor" if who.is_client else "staff"


def _opening(play: Play, who: Standing) -> dict[str, Any]:
    return {
        "person": str(play.own[who.key]["placed"]), "reason": "Stands in",
        "permission": "propose_due_date" if who.is_client else "map_controls",
    }  # fmt: skip


def _terms(play: Play, who: Standing) -> dict[str, Any]:
    return {
        "client_admin_email": "new@people.example", "independent": True,
        "title": "Another title", "report_type": "SOC2", "exam_type": "T2",
        "categories": ["security", "availability", "confidentiality"], "version": "1",
        "period_start": "2025-10-01", "period_end": "2026-09-30", "kind": "examination",
        "until": "2031-01-31", "told_client": "By letter.", "report_date": "2026-11-20",
        "client": str(play.own[who.key]["own client"]), "client_time_zone": "America/New_York",
    }  # fmt: skip


def _control(play: Play, who: Standing) -> dict[str, Any]:
    with acts(play.world.client, play.world.client_organization):
        ref = Control.objects.get(pk=play.ids["audits.Control"]).ref
    return {
        "ref": ref, "title": "A title", "narrative": "It is told otherwise now.",
        "owner_role": "Head of IT", "frequency": "annual", "nature": "manual",
        "type": "preventive", "text": "It is told otherwise now.", "to": why_of(play),
        "rationale": "It meets it.", "on": "2026-10-01", "evidence": [],
        "file": SimpleUploadedFile("list.csv", LIST, "text/csv"),
    }  # fmt: skip


def _new_control(play: Play, who: Standing) -> dict[str, Any]:
    return {"ref": "ZZ-99", "systems": [], "criteria": [], "objectives": []}


def _list_of_controls(play: Play, who: Standing) -> dict[str, Any]:
    return {"text": LIST.decode()}


def _mapped(play: Play, who: Standing) -> dict[str, Any]:
    return {"scope_item": str(play.ids["audits.ScopeItem"])}


def _objective(play: Play, who: Standing) -> dict[str, Any]:
    return {
        "ref": "CO-99", "group": "itgc", "domain": "Payroll", "title": "A title", "text": "Words",
        "identifiers": [play.ids["in the catalog"]], "name": "Another name",
    }  # fmt: skip


def _mapping(play: Play, who: Standing) -> dict[str, Any]:
    return {
        "scope_item": str(play.ids["unmapped"]), "rationale": "It meets it.",
        "controls": [str(play.ids["untaken"])],
    }  # fmt: skip


def _request(play: Play, who: Standing) -> dict[str, Any]:
    ids = play.ids
    return {
        "note": "A reason", "reason": "wrong_period", "due_on": "2026-12-08", "text": "Words",
        "title": "Another title", "kind": "document", "priority": "high",
        "assignee": str(play.world.auditor.pk), "sensitivity": "normal", "ref": "ZZ-9",
        "ids": [str(ids["evidence.EvidenceRequest"])], "covers_all_scope": True,
        "owner": str(play.world.owner.pk),
        "engagement": str(play.world.engagement.pk), "email": "missing@people.example",
        "file_version": str(ids["evidence.FileVersion"]),
        "evidence_request": str(ids["evidence.EvidenceRequest"]),
    }  # fmt: skip


def _same_words(play: Play, who: Standing) -> dict[str, Any]:
    return {"title": "Another title", "owner": str(play.world.owner.pk), "due_on": "2026-12-01"}


def _file(play: Play, who: Standing) -> dict[str, Any]:
    return {
        "note": "A reason", "covers_from": "2025-10-01", "covers_to": "2026-09-30",
        "file": SimpleUploadedFile("b.csv", b"name\nAcme\n", "text/csv"),
        "file_version": str(play.ids["evidence.FileVersion"]), "version": "1",
        "evidence_request": str(play.ids["evidence.EvidenceRequest"]),
    }  # fmt: skip


def _list(play: Play, who: Standing) -> dict[str, Any]:
    content = csv_list(good_row(1, request="Policy"))
    return {"file": SimpleUploadedFile("list.csv", content, "text/csv"), "step": "suggested"}


def _sign_on(play: Play, who: Standing) -> dict[str, Any]:
    address = "https://login.people.example"
    return {
        "protocol": "saml", "issuer": address, "sso_url": f"{address}/sso", "client_id": "",
        "certificate": certificate(), "secret": "", "metadata": "",
    }  # fmt: skip


def _wall(play: Play, who: Standing) -> dict[str, Any]:
    said: dict[str, Any] = {"name": "Another wall", "reason": "A reason", "side": 3}
    if who.key == "firm_admin":  # nobody else may name what stands behind a wall
        here, there = str(play.world.client_organization.pk), str(play.ids["behind the wall"])
        said |= {"clients": [here], "other_clients": [there], "here": here, "there": there}
    return said


FIELDS: dict[str, Fields] = {
    "sign_on": lambda play, who: {**_sign_on(play, who), "client_id": "c", "secret": "s"},
    "identity_provider": _sign_on,
    "directory_key": lambda play, who: {"name": "A directory", "days": 90},
    "directory_group": lambda play, who: {"role": _role(who)},
    "engagement": _terms,
    "assignment": _person,
    "opening": _opening,
    "independence": lambda play, who: {
        "word": "confirmed", "assignment": str(play.own[who.key]["tenants.Assignment"]),
    },
    "organization": lambda play, who: {
        "name": "Another name", "time_zone": "America/New_York", "holiday_country": "",
        "second_factor": "everybody",
        "organization": str(play.own[who.key]["tenants.Organization"]),
    },
    "client": lambda play, who: {"name": "A new client", "time_zone": "America/New_York"},
    "introduction": lambda play, who: {
        "email": "asked@people.example", "secret": play.ids["letter"], "answer": "agree",
    },
    "ethics_wall": _wall,
    "oversight": lambda play, who: {"person": str(play.world.partner.pk), "role": "partner"},
    "member": lambda play, who: {"role": _role(who)},
    "invitation": lambda play, who: {"role": _role(who), "email": "new@people.example"},
    "own": lambda play, who: {"name": "Program", "days": 90, "scopes": []},
    "control": _control,
    "control.add": _new_control,
    "control.import": _list_of_controls,
    "engagement_control.unmap": _mapped,
    "objective": _objective,
    "system": lambda play, who: {"name": "Another system"},
    "scope_item": lambda play, who: {
        "reason": "It is not here.", "categories": ["security", "availability", "confidentiality"],
        "looked": "1", "version": "1",
    },
    "engagement_control": _mapping,
    "evidence_request": _request,
    "evidence_request.edit": _same_words,
    "evidence_request.edit_several": _same_words,
    "message": _request,
    "firm_note": _request,
    "file": _file,
    "request_import": _list,
}  # fmt: skip
"""Record or line → what its fields are given."""
FIELDS["ethics_wall.extend"] = lambda play, who: (
    {"there": str(play.world.client_organization.pk)} if who.key == "firm_admin" else {}
)
FIELDS |= added("FIELDS")
LABELS: dict[str, dict[str, str]] = {
    "client.view": {"pk": "client"},
    "organization_trail.view": {"pk": "entry of the organization"},
} | added("LABELS")
"""Line → name in the address → another record than that of the name's model."""
