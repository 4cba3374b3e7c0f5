"""What is left of a sign-in once every check has passed, and the refusal when one has not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tenants.errors import Refused

SKEW_SECONDS = 60
"""By how much the clocks of two servers may differ."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the provider says it is. `subject` alone identifies them; the rest is for reading.

    `once` names the assertion or code; `until` is when it would expire by itself.
    """

    issuer: str
    subject: str
    once: str
    until: datetime
    email: str = ""
    name: str = ""


class SignInRefused(Refused):
    """The provider's answer does not pass a check; `code` says which."""

    code = "sign_in_refused"


def unbelievable(what: str, code: str) -> SignInRefused:
    """A refusal that names the check, for the one who sets the connection up."""
    return SignInRefused(f"Your organization's sign-in was not accepted: {what}", code=code)
