"""What a person changes about themselves."""

from __future__ import annotations

from django.db import transaction

from tenants import acting, trail
from tenants.errors import Invalid
from tenants.models import User


def rename(person: User, *, name: str, by: User) -> User:
    """Give oneself another name; what was done before keeps the name it was done under.

    Raises PermissionDenied for another's name, Invalid for none.
    """
    acting.require_is_acting(by)
    acting.require_is_acting(person)
    name = " ".join(name.split())
    if not name:
        raise Invalid("Write the name others should read.", code="name_required", field="name")
    with transaction.atomic():
        trail.record(
            "renamed", person, by=by, organization_id=acting.current().organization_id,
            detail={"before": person.name, "after": name},
        )  # fmt: skip
        person.name = name
        person.save(update_fields=["name"])
    return person
