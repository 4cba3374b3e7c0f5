"""What happens to an account: signing in and out, a new password, and what each makes worthless.

allauth does the signing in and tells of it by signals, which `tenants/apps.py` connects to here;
the entries are written in the transaction of the event (AUD-1, AUD-2).
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from tenants import acting, mail, outbox, trail
from tenants.acting import NIL
from tenants.actions import failed_tries, sessions
from tenants.models import AddressChange, Session, User
from tenants.passwords import ResetTokens
from tenants.rules.devices import words_for

log = structlog.get_logger(__name__)

RESET_LINK = "tenants.reset_link"
CHANGES = {
    "password_changed": "Your password was changed.",
    "password_reset": "Your password was set anew with a link that we sent you.",
    "email_changed": "Your account now has another e-mail address. This one no longer signs in.",
    "factor_added": "A way to prove that it is you was added to your account",
    "factor_removed": "A way to prove that it is you was removed from your account",
    "recovery_codes_made": "New recovery codes were made. The old ones no longer work.",
}
"""Verb of the trail → what the letter about it says."""


def signed_in(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    """The session says who signed in, from where; the trail says it too."""
    came = trail.origin.get()
    device = words_for(request.META.get("HTTP_USER_AGENT", ""))
    request.session.describe(address=came.address, device=device)
    steps = request.session.get("account_authentication_methods") or []
    ways = [str(step.get("type") or step.get("method")) for step in steps]
    with transaction.atomic():
        trail.record_account("signed_in", user, detail={"ways": ways, "device": device})


def signed_out(sender: Any, user: User | None, **kwargs: Any) -> None:
    """The trail says who signed out."""
    if user is not None:
        trail.record_account("signed_out", user)


def try_failed(email: str, address: str | None, *, way: str) -> None:
    """Count a failed try; where there is such an account, its trail tells of it."""
    failed_tries.fail(email, address)
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        log.warning("sign_in_failed", way=way)
    else:
        trail.record_account("sign_in_failed", user, detail={"way": way})


def credentials_changed(
    user: User, verb: str, *, keep: Session | None, to: str = "", **detail: Any
) -> None:
    """A password, address or factor changed: every other session and every link on its way ends,
    and the address the account had is told (AUT-6).

    `to` is that address where the account has another one now.
    """
    with transaction.atomic():
        sessions.end_others(user, keep=keep, why=verb)
        with acting.acting(acting.Actor(person_id=user.pk)):
            AddressChange.objects.filter(person=user).delete()
        tell(user, verb, to=to, **detail)


def tell(user: User, verb: str, *, to: str = "", **detail: Any) -> None:
    """Write the event into the trail and a letter about it to the person."""
    trail.record_account(verb, user, detail=detail)
    came = trail.origin.get()
    about = f": {detail['what']}." if "what" in detail else ""
    mail.send_after_commit("account_changed", to=to or user.email, context={
        "name": user.name, "what": f"{CHANGES[verb]}{about}", "at": timezone.now(),
        "address": came.address or "an unknown address",
    })  # fmt: skip


def password_changed(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    """By the person, who knew the old one: this browser stays signed in."""
    credentials_changed(user, "password_changed", keep=request.session.current())


def password_reset(sender: Any, request: Any, user: User, **kwargs: Any) -> None:
    """By a link: nobody stays signed in, and the second factor stays as it was (AUT-8)."""
    credentials_changed(user, "password_reset", keep=None)


def ask_for_reset(email: str) -> None:
    """Have a link sent that sets a new password, if the address has an account with one.

    The worker looks: what is done here takes the same steps for every address, so that neither
    the answer nor its time tells whether there is an account (AUT-3).
    """
    found = User.objects.filter(email__iexact=email.strip()).values_list("pk", flat=True).first()
    outbox.enqueue(RESET_LINK, organization_id=NIL, person_id=found or uuid4())


@outbox.task(RESET_LINK, long=True)
def send_reset_link(lease: outbox.Lease) -> None:
    """Send the link, once. An account without a password (a service, single sign-on) gets none."""
    with transaction.atomic():
        user = User.objects.filter(pk=acting.current().person_id or NIL, is_active=True).first()
        lease.finish()
        if user is None or not user.has_usable_password():
            return
        trail.record_account("password_link_sent", user)
        letter = mail.letter("password_reset", to=user.email, context={
            "name": user.name, "path": _reset_path(user),
            "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        })  # fmt: skip
    try:
        letter.send()
    except OSError as error:
        log.error("letter_not_sent", letter="password_reset", error=type(error).__name__)


def _reset_path(user: User) -> str:
    key = ResetTokens().make_token(user)
    return reverse("account_reset_password_from_key", args=[user.pk.hex, key])
