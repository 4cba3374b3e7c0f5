"""One's own account: the name others read, and where the password is changed."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse

from tenants.actions import people
from tenants.portal.base import Request, applying, back, form_page, sent, signed_in
from tenants.queries import single_sign_on


class NameForm(forms.Form):
    """The name others read."""

    name = forms.CharField(max_length=120, label="Name")


@signed_in
def profile(request: Request) -> HttpResponse:
    """Name, address and memberships of the person signed in."""
    form = NameForm(sent(request), initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        with applying(form):
            people.rename(request.user, name=form.cleaned_data["name"], by=request.user)
        if not form.errors:
            return back(request, "tenants:profile", says="Your name is changed.")
    provider = single_sign_on.linkable(request.user, request.organization)
    identity = single_sign_on.own_identity(request.user, request.organization)
    context = {"provider": provider, "identity": identity}
    return form_page(request, form, "tenants/settings/profile.html", **context)
