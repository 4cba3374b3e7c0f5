"""Second factors: adding, using up and removing them. The one place that touches allauth's own.

Seeds are sealed in their columns (DAT-3), and every code works once, whatever happens to the
cache (AUT-10): the row remembers the last time step a code was taken for.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from tenants import acting
from tenants.actions import accounts
from tenants.errors import Invalid, NotVisible, Refused
from tenants.models import Membership, Session, User
from tenants.queries.second_factor import factors_of, must_have_factor

Kind = Authenticator.Type
STEP_SECONDS = 30
DRIFT = (0, -1, 1)
"""Time steps a phone's clock may be off."""
NAMES = {Kind.TOTP: "authenticator app", Kind.WEBAUTHN: "passkey"}


def add_app(person: User, *, secret: str, code: str, by: User, keep: Session | None) -> None:
    """Add an authenticator app, proved by a code it shows; that code is used up by it.

    Raises Invalid naming `code`, Refused when there is an app already.
    """
    acting.require_is_acting(by)
    step = _step_of(secret, code, after=0)
    if step is None:
        raise Invalid(
            "This is not the code the app shows now. Look again, and check your phone's clock.",
            code="code_wrong", field="code",
        )  # fmt: skip
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        if factors_of(person).filter(type=Kind.TOTP).exists():
            raise Refused("You have an authenticator app already; remove it first.")
        factor = TOTP.activate(person, secret).instance
        factor.data["step"] = step
        factor.save(update_fields=["data"])
        _added(person, NAMES[Kind.TOTP], keep)


def add_passkey(
    person: User, *, name: str, credential: dict[str, Any], by: User, keep: Session | None
) -> None:
    """Add a passkey that the browser just made and the server has checked."""
    acting.require_is_acting(by)
    with transaction.atomic():
        WebAuthn.add(person, name, credential)
        _added(person, f"passkey “{name}”", keep)


def _added(person: User, what: str, keep: Session | None) -> None:
    accounts.credentials_changed(person, "factor_added", keep=keep, what=what)


def remove(
    key: int, *, by: User, membership: Membership | None, keep: Session | None
) -> Authenticator:
    """Take one of one's own factors away; the recovery codes go with the last one.

    Raises NotVisible, Refused for the last one where the organization acted in asks for one, and
    for an operator's.
    """
    acting.require_is_acting(by)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.pk)
        factor = factors_of(by).filter(pk=key).first()
        if factor is None:
            raise NotVisible("There is no such passkey or app.")
        others = factors_of(by).exclude(pk=key).exists()
        if not others and must_have_factor(by, membership):
            who = membership.organization if membership else "Looking after the platform"
            raise Refused(
                f"{who} asks for a second factor. Add another one first.", code="last_factor"
            )
        what = what_is(factor)
        factor.delete()
        if not others:
            Authenticator.objects.filter(user=by).delete()
        accounts.credentials_changed(by, "factor_removed", keep=keep, what=what)
    return factor


def remove_all(person: User, *, why: str) -> int:
    """Take every factor of a person away: for the operator, when all of them are lost.

    Returns how many there were. The person's organizations read it in their trail, and the
    person gets a letter.
    """
    with transaction.atomic():
        count = int(Authenticator.objects.filter(user=person).delete()[0])
        if count:
            what = f"all of them, by the operator of this installation ({why})"
            accounts.credentials_changed(person, "factor_removed", keep=None, what=what)
    return count


def what_is(factor: Authenticator) -> str:
    """A factor in words."""
    if factor.type == Kind.WEBAUTHN:
        return f"passkey “{factor.wrap().name}”"
    return NAMES[Kind(factor.type)]


def make_recovery_codes(person: User, *, by: User) -> list[str]:
    """Ten new recovery codes, to be shown this once; the old ones end. Needs a factor.

    Raises Refused without one.
    """
    acting.require_is_acting(by)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        if not factors_of(person).exists():
            raise Refused("Add a passkey or an authenticator app first.")
        Authenticator.objects.filter(user=person, type=Kind.RECOVERY_CODES).delete()
        codes: list[str] = RecoveryCodes.activate(person).generate_codes()
        accounts.tell(person, "recovery_codes_made")
    return codes


def codes_left(person: User) -> int | None:
    """How many recovery codes are unused; None when none were made."""
    row = Authenticator.objects.filter(user=person, type=Kind.RECOVERY_CODES).first()
    return None if row is None else len(row.wrap().get_unused_codes())


def use_code(person: User, code: str) -> Authenticator | None:
    """Take a code of the person's app, or a recovery code, and use it up; None for a wrong one.

    The row is held while it is looked at, so one of two parallel uses wins (AUT-10).
    """
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update(of=("self",)).filter(user=person)
        for row in rows.exclude(type=Kind.WEBAUTHN).order_by("-type"):
            taken = _use_app(row, code) if row.type == Kind.TOTP else row.wrap().validate_code(code)
            if taken:
                row.refresh_from_db()
                row.user = person
                return row
    return None


def _use_app(row: Authenticator, code: str) -> bool:
    step = _step_of(decrypt(row.data["secret"]), code, after=row.data.get("step", 0))
    if step is None:
        return False
    row.data["step"] = step
    row.save(update_fields=["data"])
    return True


def _step_of(secret: str, code: str, *, after: int) -> int | None:
    """The time step `code` is for, if it is now's, a neighbor's, and later than `after`."""
    now = int(time.time()) // STEP_SECONDS
    for step in (now + drift for drift in DRIFT):
        shown = format_hotp_value(hotp_value(secret, step))
        if compare_user_code(actual=code, expected=shown):
            return step if step > after else None
    return None
