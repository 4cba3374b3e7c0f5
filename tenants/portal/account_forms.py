"""allauth's forms in our words, counting what fails and locking what is used once."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.core import context
from allauth.mfa.base import forms as mfa
from django import forms

from tenants.actions import accounts, factors
from tenants.errors import Refused
from tenants.middleware import address_of
from tenants.models import User
from tenants.passwords import LengthValidator, ResetTokens
from tenants.portal.accounts import AccountAdapter, refuse_too_soon

HELP = LengthValidator().get_help_text()


def _in_our_words(form: forms.Form, **labels: str) -> None:
    """Labels of ours; no placeholders, which vanish as soon as one types."""
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.widget.attrs.pop("placeholder", None)
        if name == "password1":
            field.help_text = HELP


class SignInForm(account.LoginForm):
    """The front door."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, login="E-mail")
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class ResetForm(account.ResetPasswordForm):
    """Asks for a link; says the same, and takes as long, for every address (AUT-3)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, email="E-mail")

    def clean_email(self) -> str:
        """Only the shape is looked at here."""
        return str(self.cleaned_data["email"])

    def save(self, request: Any, **kwargs: Any) -> str:
        """The worker finds out whose address it is."""
        accounts.ask_for_reset(self.cleaned_data["email"])
        return str(self.cleaned_data["email"])


class NewPasswordForm(account.ResetPasswordKeyForm):
    """A new password by a link, which one of two parallel uses wins (AUT-8)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, password1="New password", password2="New password, once more")

    def save(self) -> None:
        """Raises Refused when the link was used while this form was open."""
        person = User.objects.select_for_update().get(pk=self.user.pk)
        if not ResetTokens().check_token(person, self.temp_key):
            raise Refused("This link was used already. Ask for a new one.", code="link_used")
        super().save()


class ChangePasswordForm(account.ChangePasswordForm):
    """Another password, by who knows the present one; a wrong guess counts as a failed try."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(
            self, oldpassword="Present password", password1="New password",
            password2="New password, once more",
        )  # fmt: skip

    def clean_oldpassword(self) -> str:
        """Raises ValidationError for a wrong one, and for one that comes too soon."""
        refuse_too_soon(context.request, self.user.email)
        try:
            return str(super().clean_oldpassword())
        except forms.ValidationError:
            accounts.try_failed(self.user.email, address_of(context.request), way="password")
            raise


class ConfirmForm(account.ReauthenticateForm):
    """The password once more, before a dangerous act (AUT-7)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, password="Your password")  # noqa: S106  (a label)


class CodeForm(mfa.AuthenticateForm):
    """A code of the app, or a recovery code; each is taken once (AUT-10)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self, code="Code")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "maxlength": "12"}
        self.fields["code"].max_length = 12

    def clean_code(self) -> str:
        """Raises ValidationError for a wrong or used one, and for one that comes too soon."""
        code, email = str(self.cleaned_data["code"]), self.user.email
        refuse_too_soon(context.request, email)
        found = factors.use_code(self.user, code)
        if found is None:
            accounts.try_failed(email, address_of(context.request), way="code")
            raise AccountAdapter().validation_error("incorrect_code")
        self.authenticator = found
        return code


class ConfirmCodeForm(CodeForm, mfa.ReauthenticateForm):
    """A code once more, for a person who has neither password nor passkey."""

    def save(self) -> None:
        """As allauth's form for proving it again does."""
        mfa.ReauthenticateForm.save(self)
