"""The published schema is true, complete and readable without a token (API-10)."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tenants.api.bodies import Shown
from tests.programs import ROOT, program_of

OF_A_CLIENT = ("/api/v1/controls/consistency/",)
"""Lists that no firm reads."""
TWICE_IS_ONCE = (
    "notices/{id}/read/", "evidence-requests/{id}/answer/", "evidence-requests/bulk/",
    "evidence-requests/bulk_edit/", "controls/{id}/check/", "report-advices/recommend/",
)  # fmt: skip
"""POSTs that need no key: doing them again changes nothing, or their records' state guards them."""
DESCRIBED = ("/api/v1/schema/", "/api/v1/docs/")


@pytest.fixture(scope="module")
def document():
    """The schema as it is served."""
    reset_generator_stats()
    made = SchemaGenerator().get_schema(request=None, public=True)
    return json.loads(json.dumps(made, default=str))


def test_it_is_made_without_a_warning(document):
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache
    assert document["openapi"] == "3.1.0"


def routes(patterns, prefix="/"):
    """(address, methods) of every route below /api/."""
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if not isinstance(pattern, URLPattern):
            yield from routes(pattern.url_patterns, address)
        elif address.startswith(ROOT) and hasattr(pattern.callback, "cls"):
            yield re.sub(r"<\w+:\w+>", "{}", address), set(pattern.callback.actions)


def test_every_route_and_method_is_in_it(document):
    paths = {re.sub(r"{\w+}", "{}", path): methods for path, methods in document["paths"].items()}
    for address, methods in routes(get_resolver().url_patterns):
        assert address in paths, address
        assert methods - {"head"} == set(paths[address]) & {
            "get", "post", "patch", "delete", "put",
        }  # fmt: skip


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_operation_has_its_token_refusals_and_headers(document):
    for path, method, operation in operations(document):
        assert operation["security"] == [{"bearer": []}], path
        assert {"400", "401", "429", "default"} <= set(operation["responses"])
        headers = (
            {each["name"]: each for each in operation["parameters"] if each["in"] == "header"}
            if (operation.get("parameters"))
            else {}
        )
        if method == "post" and "Idempotency-Key" not in headers:
            assert "If-Match" in headers or path.removeprefix(ROOT) in TWICE_IS_ONCE, path
        if "428" in operation["responses"]:
            assert headers["If-Match"]["required"], path
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_names_of_operations_are_unique(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("address", DESCRIBED)
def test_schema_and_page_are_public_and_hold_no_script(db, settings, address):
    answer = Client().get(address)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "<script>" not in text
    assert "style=" not in text
    assert "engagements" in text


def test_answers_have_the_shape_the_schema_says(document, world, lead):
    registry = Registry().with_resource(
        "urn:schema", Resource(contents=document, specification=DRAFT202012)
    )
    checked, client = 0, program_of(world.client, world.client_organization)
    for path, method, operation in operations(document):
        answers = operation["responses"].get("200", {}).get("content", {})
        if method != "get" or "{" in path or "application/json" not in answers:
            continue
        answer = (client if path in OF_A_CLIENT else lead).get(path)
        assert answer.status_code == 200, path
        shape = answers["application/json"]["schema"]
        rooted = {"$ref": "urn:schema" + shape["$ref"]}
        check = Draft202012Validator(rooted, registry=registry, format_checker=FormatChecker())
        check.validate(answer.json())
        checked += 1
    assert checked > 8
    problem = {"$ref": "urn:schema#/components/schemas/ProblemShape"}
    refused = lead.get("engagements/?status=nonsense").json()
    Draft202012Validator(problem, registry=registry).validate(refused)


def test_what_a_record_may_lack_may_be_null_in_its_answers(document):
    wrong = []
    for kind in all_shown():
        for name, field in kind().fields.items():
            first = field.source.removesuffix("_id").partition(".")[0]
            found = next((f for f in kind.Meta.model._meta.fields if f.name == first), None)
            if found is not None and found.null and not field.allow_null and not field.write_only:
                wrong.append(f"{kind.__name__}.{name}")
    assert not wrong


def all_shown(kind=Shown):
    """Every serializer of a record that is shown."""
    for each in kind.__subclasses__():
        if hasattr(each, "Meta"):
            yield each
        yield from all_shown(each)


def test_papers_and_a_refused_word_answer_as_the_schema_says(document, world, lead):
    papers = f"engagements/{world.engagement.pk}/papers/"
    body = {"engagement": str(world.engagement.pk), "word": "refused", "note": "A cousin."}
    told = program_of(world.auditor, world.firm).post("independence/", body)
    for answer, path, method in (
        (lead.get(papers), "/api/v1/engagements/{id}/papers/", "get"),
        (lead.get(f"{papers}?kind=other"), "/api/v1/engagements/{id}/papers/", "get"),
        (told, "/api/v1/independence/", "post"),
    ):
        said = document["paths"][path][method]["responses"][str(answer.status_code)]
        if answer.status_code != 204:
            shape = said["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert set(answer.json()) == set(document["components"]["schemas"][shape]["properties"])
    assert told.status_code == 204
    assert not told.content
    assert "Location" not in told
