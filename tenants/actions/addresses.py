"""Signing in with another e-mail address: asked for, proved by a link, then changed."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from tenants import acting, mail, trail
from tenants.actions import accounts
from tenants.errors import Invalid, NotVisible, Refused
from tenants.models import AddressChange, Session, User
from tenants.secrets import ADDRESS_PREFIX, hash_of, new_secret

LASTS = timedelta(hours=1)


def ask(person: User, *, email: str, by: User) -> None:
    """Send a link to the new address; nothing changes until it is opened. An earlier wish ends.

    The answer does not tell whether somebody else has the address (AUT-3). Raises Invalid for
    what is no address, or is the present one.
    """
    acting.require_is_acting(by)
    acting.require_is_acting(person)
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise Invalid("Write an e-mail address.", code="email_malformed", field="email") from wrong
    if email == person.email:
        raise Invalid("This is the address you have.", code="email_same", field="email")
    secret = new_secret(ADDRESS_PREFIX)
    with transaction.atomic():
        AddressChange.objects.update_or_create(
            person=person,
            defaults={
                "email": email, "secret_hash": secret.hash, "expires_at": timezone.now() + LASTS
            },
        )  # fmt: skip
        trail.record_account("email_change_asked", person)
        mail.send_after_commit("address_change", to=email, context={
            "name": person.name, "path": f"/settings/email/{secret.text}/",
            "minutes": int(LASTS.total_seconds() // 60),
        })  # fmt: skip


def shown(secret: str, *, by: User) -> AddressChange:
    """The wish whose link the person opened. Raises NotVisible for another's, used or old."""
    acting.require_is_acting(by)
    wish = AddressChange.objects.filter(
        person=by, secret_hash=hash_of(secret), expires_at__gt=timezone.now()
    ).first()
    if wish is None:
        raise NotVisible("This link no longer works. Ask for a new one on your account's page.")
    return wish


def confirm(secret: str, *, by: User, keep: Session | None) -> User:
    """Change the address; one of two parallel uses wins. The old address is told (AUT-6).

    Raises NotVisible, Refused when the address has an account meanwhile.
    """
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=by.pk)
        wish = shown(secret, by=by)
        if User.objects.filter(email__iexact=wish.email).exists():
            raise Refused("This address cannot be used.", code="email_taken")
        old, person.email = person.email, wish.email
        person.save(update_fields=["email"])
        accounts.credentials_changed(person, "email_changed", keep=keep, to=old)
    return person
