"""Pages of the opinion: what is proposed and why, what modifies it, and the decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse

from audits.actions import opinions as actions
from audits.choices.conclusions import ControlValue, ItemValue
from audits.choices.opinions import ModificationCause, OpinionPartKind, OpinionValue
from audits.models import ScopeItem
from audits.models.opinions import Modification, Opinion
from audits.queries import opinions
from audits.queries.opinions import OpinionStanding, PartLine
from audits.rules.opinions import LONGEST
from tenants.errors import NotVisible
from tenants.models import Engagement
from tenants.permissions import P, require
from tenants.portal.base import Request, applying, back, engagement_page, holds, sent, signed_in
from tenants.portal.fields import VersionForm
from tenants.portal.findings import of_the_firm

FAR = {"": None, "no": False, "yes": True}


def _area(label: str, rows: int, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": rows}), **more
    )


class ProposalForm(forms.Form):
    """What the proposal rests on."""

    reason = _area("What the proposal rests on", 6)


class DecisionForm(VersionForm):
    """What the partner says of each part."""

    description = forms.ChoiceField(label="Description", choices=OpinionValue.choices)
    design = forms.ChoiceField(label="Design", choices=OpinionValue.choices)
    operation = forms.ChoiceField(label="Operation", choices=OpinionValue.choices)
    reason = _area(
        "Why otherwise than proposed", 5, required=False,
        help_text="Needed where a part is decided otherwise than proposed (OP-01).",
    )  # fmt: skip

    def __init__(self, data: Any, opinion: Opinion, parts: list[PartLine]) -> None:
        told: dict[str, Any] = {line.part.part: line.carried for line in parts}
        super().__init__(data, initial={**told, "version": opinion.version})
        for name in set(OpinionPartKind.values) - set(told):
            del self.fields[name]

    @property
    def values(self) -> dict[str, str]:
        """Part → what is said of it."""
        return {
            name: self.cleaned_data[name] for name in OpinionPartKind.values if name in self.fields
        }


class ModificationForm(forms.Form):
    """What modifies a part."""

    scope_item = forms.ChoiceField(label="Because of", required=False)
    cause = forms.ChoiceField(choices=ModificationCause.choices)
    pervasive = forms.ChoiceField(
        label="Does it reach the whole system?", required=False,
        choices=[("", "Not said yet"), ("no", "No, confined to this"), ("yes", "Yes, pervasive")],
        help_text="Pervasive failures make it adverse, pervasive gaps in evidence a disclaimer.",
    )  # fmt: skip
    basis = _area(
        "Basis paragraph", 8, help_text="The item, what was found, and its effect (OP-04)."
    )

    def __init__(self, data: Any, items: Any, kept: Modification | None) -> None:
        told: dict[str, Any] = {}
        if kept:
            far = {value: key for key, value in FAR.items()}[kept.pervasive]
            told = {
                "scope_item": str(kept.scope_item_id or ""), "cause": kept.cause,
                "pervasive": far, "basis": kept.basis,
            }  # fmt: skip
        super().__init__(data, initial=told)
        field: Any = self.fields["scope_item"]
        field.choices = [("", "The engagement in general"), *items]


@signed_in
def opinion(request: Request, engagement: UUID) -> HttpResponse:
    """What the conclusions ask for, what is proposed, what modifies it, and the decision."""
    row = of_the_firm(request).find(request.user, engagement)
    return _shown(request, row, opinions.standing(row))


@signed_in
def paper(request: Request, engagement: UUID, opinion: UUID) -> HttpResponse:
    """The same, by the id that its signatures name."""
    row, _ = _opinion(request, engagement, opinion)
    return _shown(request, row, opinions.standing(row))


def _shown(request: Request, row: Engagement, held: OpinionStanding) -> HttpResponse:
    proposes = holds(request, P.PROPOSE_OPINION, row) and row.status in actions.WHILE
    context = {
        "held": held, "opinion": held.opinion, "parts": held.parts, "proposes": proposes,
        "items": [(ItemValue(key).label if key else "Not concluded", count)
                  for key, count in sorted(held.items.items())],
        "controls": [(ControlValue(key).label if key else "Not concluded", count)
                     for key, count in sorted(held.controls.items())],
        "decides": held.opinion is not None and not held.is_behind
        and row.status in actions.WHILE and holds(request, P.DECIDE_OPINION, row),
        "proposed_now": [
            (OpinionPartKind(each.part).label, OpinionValue(each.value).label, each.modifications)
            for each in held.proposal
        ],
        "may_open": "" in held.items,
    }  # fmt: skip
    return engagement_page(request, row, "audits/opinions/opinion.html", context)


@signed_in
def propose(request: Request, engagement: UUID) -> HttpResponse:
    """Propose what the conclusions ask for."""
    row = of_the_firm(request).find(request.user, engagement)
    require(request.user, P.PROPOSE_OPINION, row)
    form = ProposalForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with applying(form):
            actions.propose(row, by=request.user, **form.cleaned_data)
        if not form.errors:
            return back(request, "audits:opinion", row.pk, says="The opinion is proposed.")
    context = {"form": form, "title": "Propose the opinion", "button": "Propose it"}
    return _page(request, row, context)


@signed_in
def decide(request: Request, engagement: UUID, opinion: UUID) -> HttpResponse:
    """The partner decides."""
    row, held = _opinion(request, engagement, opinion)
    require(request.user, P.DECIDE_OPINION, row)
    form = DecisionForm(sent(request), held, opinions.lines(held))
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("reason", "version")}
        with applying(form):
            actions.decide(held, form.values, by=request.user, **said)
        if not form.errors:
            return back(request, "audits:opinion", row.pk, says="The opinion is decided.")
    context = {"form": form, "title": "Decide the opinion", "button": "Decide"}
    return _page(request, row, context)


@signed_in
def modify(request: Request, engagement: UUID, opinion: UUID, opinion_part: str) -> HttpResponse:
    """Write what modifies a part; `?item=` names the item whose words are to be changed."""
    row, held = _opinion(request, engagement, opinion)
    if opinion_part not in {line.part.part for line in opinions.lines(held)}:
        raise NotVisible("The opinion has no such part.")
    require(request.user, P.PROPOSE_OPINION, row)
    items = ScopeItem.objects.visible_to(request.user).filter(engagement=row, relevant=True)
    found = {str(each.pk): each for each in items}
    kept = _kept(held, opinion_part, request.GET.get("item", ""))
    form = ModificationForm(sent(request), [(key, str(each)) for key, each in found.items()], kept)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        item, far = found.get(said.pop("scope_item")), FAR[said.pop("pervasive")]
        with applying(form):
            actions.modify(held, opinion_part, item, pervasive=far, by=request.user, **said)
        if not form.errors:
            return back(request, "audits:opinion", row.pk, says="It is kept in the file.")
    title = f"What modifies: {OpinionPartKind(opinion_part).label.lower()}"
    return _page(request, row, {"form": form, "title": title, "button": "Keep it"})


@signed_in
def drop(request: Request, engagement: UUID, modification: UUID) -> HttpResponse:
    """Take a modification out."""
    row = of_the_firm(request).find(request.user, engagement)
    rows = Modification.objects.filter(engagement=row).select_related(
        "scope_item", "part__opinion__engagement"
    )
    held = rows.find(request.user, modification)
    require(request.user, P.PROPOSE_OPINION, row)
    form = VersionForm(sent(request), initial={"version": held.version})
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"]
        with applying(form):
            actions.drop_modification(held, by=request.user, version=version)
        if not form.errors:
            return back(request, "audits:opinion", row.pk, says="It is taken out.")
    context = {"form": form, "title": "Take the modification out", "text": held.basis,
               "button": "Take it out", "confirms": True}  # fmt: skip
    return _page(request, row, context)


def _kept(held: Opinion, part: str, item: str) -> Modification | None:
    for line in opinions.lines(held):
        for each in line.modifications:
            if line.part.part == part and item == (str(each.scope_item_id or "general")):
                return each
    return None


def _opinion(request: Request, engagement: UUID, key: UUID) -> tuple[Engagement, Opinion]:
    row = of_the_firm(request).find(request.user, engagement)
    rows: Any = opinions.rows(row)
    held: Opinion = rows.find(request.user, key)
    return row, held


def _page(request: Request, row: Engagement, context: dict[str, Any]) -> HttpResponse:
    status = 400 if context["form"].errors else 200
    return engagement_page(request, row, "audits/opinions/form.html", context, status=status)
