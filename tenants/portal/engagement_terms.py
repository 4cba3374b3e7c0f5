"""Opening an engagement, and changing what is examined and when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.utils import timezone

from tenants.actions import engagements as actions
from tenants.actions import organizations
from tenants.choices import (
    Category,
    EngagementKind,
    EngagementStatus,
    ExamType,
    OrganizationKind,
    ReportType,
)
from tenants.errors import Invalid, NotVisible
from tenants.models import Engagement, Organization
from tenants.permissions import P, require
from tenants.portal.base import (
    OPENING_WAYS,
    Request,
    applying,
    back,
    engagement_page,
    form_page,
    sent,
    signed_in,
)
from tenants.portal.fields import TimeZoneField
from tenants.queries import clients, engagements
from tenants.rules.engagements import Terms, warnings
from tenants.rules.independence import STATEMENTS, VERSION

NEW_CLIENT = "new"
FROZEN = "Frozen since acceptance ended (RT-01)."


class TermsForm(forms.Form):
    """What is examined, and when; the rules of the trade are the action's to check."""

    title = forms.CharField(
        max_length=120, help_text="What both sides will call it, such as “SOC 2 Type 2, FY 2026”."
    )
    report_type = forms.ChoiceField(label="Report", choices=ReportType, initial=ReportType.SOC2)
    exam_type = forms.ChoiceField(label="Type", choices=ExamType, initial=ExamType.TYPE_2)
    categories = forms.MultipleChoiceField(
        label="Trust services categories",
        choices=Category,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=[Category.SECURITY],
    )
    period_start = forms.DateField(label="First day of the period", required=False)
    period_end = forms.DateField(label="Last day of the period", required=False)
    as_of = forms.DateField(label="As-of date", required=False)
    fieldwork_ends_on = forms.DateField(
        label="Fieldwork ends on (optional)",
        required=False,
        help_text="Requests due after this day need a manager's word.",
    )

    @property
    def terms(self) -> Terms:
        """The terms as a value; what the chosen type does not use is left out."""
        data = self.cleaned_data
        names = ("report_type", "exam_type", "as_of", "period_start", "period_end")
        return Terms(categories=tuple(data["categories"]), **{name: data[name] for name in names})


class OpenForm(TermsForm):
    """A new engagement: for a client the firm has, or one it names here."""

    client = forms.ChoiceField(label="Client")
    client_name = forms.CharField(label="Name of the new client", max_length=120, required=False)
    client_time_zone = TimeZoneField(
        label="Its time zone",
        required=False,
        help_text="Due dates and reminders follow the client's days.",
    )
    kind = forms.ChoiceField(
        label="Kind",
        choices=EngagementKind,
        help_text="An examination ends in an opinion; a readiness assessment is advice.",
    )
    independent = forms.BooleanField(
        label="I am independent of this client",
        error_messages={
            "required": "Only somebody independent of the client opens its engagement."
        },
    )
    client_admin_email = forms.EmailField(
        label="E-mail (optional)",
        required=False,
        help_text="They get an invitation to this engagement, good for 7 days.",
    )
    client_admin_name = forms.CharField(label="Name (optional)", max_length=120, required=False)
    field_order = ("client", "client_name", "client_time_zone", "title", "kind")

    def __init__(self, data: Any, firm: Organization) -> None:
        super().__init__(data, initial={"client_time_zone": firm.time_zone})
        self.known = {str(client.pk): client for client in clients.of(firm)}
        names = [(key, client.name) for key, client in self.known.items()]
        self.fields["client"].choices = [*names, (NEW_CLIENT, "A new client…")]
        if not names:
            self.initial["client"] = NEW_CLIENT

    def clean(self) -> dict[str, Any]:
        """A new client has a name and a time zone."""
        data = super().clean() or {}
        if data.get("client") == NEW_CLIENT:
            for name, says in (
                ("client_name", "Name the new client."),
                ("client_time_zone", "Choose the time zone in which the client works."),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, says)
        return data


class ChangeForm(TermsForm):
    """The terms of an engagement as they stand, with the version the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, engagement: Engagement) -> None:
        names = [*Terms.__dataclass_fields__, "title", "fieldwork_ends_on", "version"]
        super().__init__(data, initial={name: getattr(engagement, name) for name in names})
        if engagement.status not in (EngagementStatus.DRAFT, EngagementStatus.ACCEPTANCE):
            for name in ("report_type", "exam_type"):
                self.fields[name].disabled = True
                self.fields[name].help_text = FROZEN


@signed_in
def new(request: Request) -> HttpResponse:
    """The form of a new engagement, on one page."""
    firm = request.organization
    if firm.kind != OrganizationKind.FIRM:
        raise NotVisible("There is no such page, or it is not shown to you.")
    require(request.user, P.OPEN_ENGAGEMENT, firm)
    form = OpenForm(sent(request), firm)
    if request.method == "POST" and form.is_valid():
        with applying(form):
            engagement = _open(request, form)
        if not form.errors:
            says = f"{engagement.title} is open, with you on it. Now put your team together."
            return back(request, "tenants:engagement", engagement.pk, says=says)
    context = {"today": timezone.localdate(), "statement": STATEMENTS[VERSION],
               "ways": OPENING_WAYS}  # fmt: skip
    return form_page(request, form, "tenants/engagements/new.html", **context)


@signed_in
def change(request: Request, engagement: UUID) -> HttpResponse:
    """The terms of an engagement, to be changed."""
    row = engagements.one(request.user, engagement)
    require(request.user, P.SET_SCOPE, row)
    form = ChangeForm(sent(request), row)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with applying(form):
            actions.set_terms(
                row, terms=form.terms, title=data["title"], by=request.user,
                fieldwork_ends_on=data["fieldwork_ends_on"], version=data["version"],
            )  # fmt: skip
        if not form.errors:
            return back(request, "tenants:engagement", row.pk, says="The terms are changed.")
    status = 400 if form.errors else 200
    context = {"form": form, "warnings": warnings(engagements.terms_of(row))}
    return engagement_page(request, row, "tenants/engagements/terms.html", context, status=status)


def _open(request: Request, form: OpenForm) -> Engagement:
    data, firm = form.cleaned_data, request.organization
    client = form.known.get(data["client"])
    if client is None:
        try:
            client = organizations.add_client(
                firm, name=data["client_name"], time_zone=data["client_time_zone"], by=request.user
            )
        except Invalid as refused:
            field = {"name": "client_name", "time_zone": "client_time_zone"}.get(refused.field, "")
            raise Invalid(refused.message, code=refused.code, field=field) from refused
    return actions.open_engagement(
        firm, client, title=data["title"], terms=form.terms, by=request.user, kind=data["kind"],
        independent=data["independent"],
        client_admin_email=data["client_admin_email"], client_admin_name=data["client_admin_name"],
        fieldwork_ends_on=data["fieldwork_ends_on"],
    )  # fmt: skip
