"""Which passwords are taken (AUT-2), and the signed link that sets a new one (AUT-8)."""

from __future__ import annotations

import re
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction

from tenants import acting
from tenants.choices import MembershipStatus
from tenants.models import Membership, User

LEAST, MOST = 15, 128
PRODUCT = "Tickmark"
LEAST_BESIDES = 8
"""Letters and digits that a password has beside the words about its person."""
LEAST_GUESSES = 10
"""Powers of ten: how many guesses it takes somebody who knows what people choose."""


class Hasher(Argon2PasswordHasher):
    """Argon2id at 46 MiB and 2 passes: above the floor of AUT-2, and small enough that eight
    people who sign in at once do not take a gigabyte, as Django's own parameters would."""

    memory_cost = 46 * 1024
    time_cost = 2
    parallelism = 1


class LengthValidator:
    """15 to 128 characters of any kind."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < LEAST:
            raise ValidationError(
                f"Use at least {LEAST} characters. A few words in a row are easy to keep in mind.",
                code="password_too_short",
            )
        if len(password) > MOST:
            raise ValidationError(f"Use at most {MOST} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"{LEAST} to {MOST} characters. A few words in a row are easy to keep in mind."


class GuessableValidator:
    """Hard to guess, also for somebody who knows the person, the organization and the product.

    Leaked and common passwords, names, dates, keyboard runs and repeats come from zxcvbn, which
    ships what it knows; the words about the person count as known to everybody.
    """

    def validate(self, password: str, user: Any = None) -> None:
        words = words_about(user)
        if len(_without(password, words)) < LEAST_BESIDES:
            raise ValidationError(
                "This is little more than your name, your organization or Tickmark. "
                "Add words that have nothing to do with them.",
                code="password_of_context",
            )
        from zxcvbn import zxcvbn  # reads its lists when first asked

        if zxcvbn(password[:72], user_inputs=words)["guesses_log10"] < LEAST_GUESSES:
            raise ValidationError(
                "This is among the first that somebody would try. Add two or three uncommon words.",
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return "Nothing that is easy to guess."


class ResetTokens(PasswordResetTokenGenerator):
    """Signs the link of a password reset, bound to what it would replace.

    A new password, address or factor, or signing in, ends every link that is on its way (AUT-6).
    """

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        factors = Authenticator.objects.filter(user=user).order_by("pk").values_list("pk", "type")
        return f"{super()._make_hash_value(user, timestamp)}{user.email}{list(factors)}"


def words_about(user: User | None) -> list[str]:
    """Words, in lower case, that an acquaintance of the person would try first.

    A person who is only being invited carries their organization's name in `context_words`.
    """
    texts = [PRODUCT]
    if user is not None:
        texts += [user.name, user.email, *getattr(user, "context_words", ())]
        if not user._state.adding:
            texts += _organizations_of(user)
    found = {word for text in texts for word in re.split(r"[\W_]+", text.lower())}
    return sorted(word for word in found if len(word) > 2)


def _organizations_of(user: User) -> list[str]:
    with transaction.atomic(), acting.acting(acting.Actor(person_id=user.pk)):
        held = Membership.objects.filter(person=user, status=MembershipStatus.ACTIVE)
        return list(held.values_list("organization__name", flat=True))


def _without(password: str, words: list[str]) -> str:
    rest = password.lower()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return re.sub(r"[\W_]+", "", rest)
