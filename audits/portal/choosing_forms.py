"""Forms of the choice of a report and its terms."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms

from audits.actions.prior_reports import Stated
from audits.actions.report_advice import LONGEST, NewEngagement
from audits.choices.choosing import OF_A_SOC1, Audience, Reader
from audits.models.prior_reports import PriorReport
from audits.models.report_audiences import ReportAudience
from audits.rules.report_advice import GROUPS, QUESTIONS, Answers, Recommendation
from tenants.choices import ExamType, ReportType
from tenants.models import Engagement, Organization
from tenants.portal.engagement_terms import TermsForm
from tenants.portal.fields import VersionForm
from tenants.queries import clients

NONE, STATED = "none", "stated"


class AnswersForm(forms.Form):
    """The questionnaire: what is true of the service."""

    def __init__(self, data: Any = None, answers: Answers | None = None) -> None:
        super().__init__(data)
        for each in QUESTIONS:
            self.fields[each.name] = forms.BooleanField(
                label=each.words, required=False,
                initial=bool(answers and getattr(answers, each.name)),
            )  # fmt: skip

    @property
    def answers(self) -> Answers:
        """The answers as a value."""
        names = [each.name for each in fields(Answers)]
        return Answers(**{name: self.cleaned_data[name] for name in names})

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The questions by what they are about."""
        return [
            {"title": title, "text": text,
             "fields": [self[each.name] for each in QUESTIONS if each.group == group]}
            for group, (title, text) in GROUPS.items()
        ]  # fmt: skip


class AdvisedTermsForm(TermsForm):
    """One recommended report with its terms, to be opened or left."""

    wanted = forms.BooleanField(label="Open this engagement", required=False, initial=True)
    field_order = ("wanted",)

    def __init__(self, data: Any, advised: Recommendation, number: int) -> None:
        super().__init__(
            data, prefix=f"report{number}",
            initial={
                "title": advised.name, "report_type": advised.report, "exam_type": advised.exam,
                "categories": list(advised.categories), "wanted": True,
            },
        )  # fmt: skip
        self.advised = advised

    def full_clean(self) -> None:
        """What is left is not looked at."""
        if self.is_bound and not self.data.get(self.add_prefix("wanted")):
            self.fields = {"wanted": self.fields["wanted"]}
        super().full_clean()

    @property
    def new(self) -> NewEngagement:
        """The engagement to open."""
        data = self.cleaned_data
        return NewEngagement(data["title"], self.terms, data["fieldwork_ends_on"])


class OpenAdvisedForm(forms.Form):
    """For which client the reports are opened, and the opener's independence of it."""

    client = forms.ChoiceField(label="Client")
    independent = forms.BooleanField(
        label="I am independent of this client",
        error_messages={
            "required": "Only somebody independent of the client opens its engagement."
        },
    )

    def __init__(self, data: Any, firm: Organization) -> None:
        super().__init__(data)
        self.known = {str(client.pk): client for client in clients.of(firm)}
        self.fields["client"].choices = [  # type: ignore[attr-defined]
            (key, client.name) for key, client in self.known.items()
        ]


class OverrideForm(VersionForm):
    """Why other terms are kept than the answers point to."""

    reason = forms.CharField(
        max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why."},
        help_text="It stays in the file, and holds for these terms alone.",
    )  # fmt: skip


class PriorReportForm(forms.Form):
    """The report before this one: none, an engagement in sight, or what is known of it."""

    before = forms.ChoiceField(label="The report before this one")
    firm_name = forms.CharField(label="Audit firm", max_length=120, required=False)
    report_type = forms.ChoiceField(label="Report", choices=ReportType, required=False)
    exam_type = forms.ChoiceField(
        label="Type", choices=ExamType, required=False, initial=ExamType.TYPE_2
    )
    period_start = forms.DateField(label="First day of its period", required=False)
    period_end = forms.DateField(label="Last day of its period", required=False)
    as_of = forms.DateField(label="As-of date", required=False)

    def __init__(
        self, data: Any, engagement: Engagement, held: PriorReport | None, others: list[Engagement]
    ) -> None:
        names = ("firm_name", "report_type", "exam_type", "period_start", "period_end", "as_of")
        initial = {name: getattr(held, name) for name in names} if held else {}
        initial.setdefault("report_type", engagement.report_type)
        if held:
            initial["before"] = NONE if held.none_before else str(held.prior_id or STATED)
        super().__init__(data, initial=initial)
        self.others = {str(each.pk): each for each in others}
        self.fields["before"].choices = [  # type: ignore[attr-defined]
            (NONE, "There was none"),
            *((key, f"{each.title} ({each.report_name})") for key, each in self.others.items()),
            (STATED, "Another one, stated here"),
        ]

    @property
    def stated(self) -> Stated | None:
        """What is stated of it; None for none, and for an engagement in sight."""
        if self.cleaned_data["before"] != STATED:
            return None
        return Stated(**{
            name: value for name, value in self.cleaned_data.items() if name != "before"
        })  # fmt: skip

    @property
    def prior(self) -> Engagement | None:
        """The engagement in sight that it was."""
        return self.others.get(self.cleaned_data["before"])


class AudienceForm(forms.Form):
    """Who may receive the report."""

    audience = forms.ChoiceField(label="The report is for", choices=Audience)
    readers = forms.MultipleChoiceField(
        label="Readers", choices=Reader, required=False, widget=forms.CheckboxSelectMultiple
    )
    recipients = forms.CharField(
        label="Named recipients, and what they agree to (optional)", required=False,
        max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Such as prospects under a confidentiality agreement, with its date.",
    )  # fmt: skip

    def __init__(self, data: Any, engagement: Engagement, held: ReportAudience | None) -> None:
        initial: dict[str, Any] = {"audience": Audience.RESTRICTED}
        if held:
            names = ("audience", "readers", "recipients")
            initial = {name: getattr(held, name) for name in names}
        super().__init__(data, initial=initial)
        report = engagement.report_type
        if report != ReportType.SOC3:
            self.fields["audience"].choices = [  # type: ignore[attr-defined]
                (Audience.RESTRICTED, Audience.RESTRICTED.label)
            ]
        if report == ReportType.SOC1:
            self.fields["readers"].choices = [  # type: ignore[attr-defined]
                (each, each.label) for each in OF_A_SOC1
            ]
