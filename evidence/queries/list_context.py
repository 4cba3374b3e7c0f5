"""What a request list is read against: the engagement's scope, controls and people."""

from __future__ import annotations

from audits.models import CatalogObjective, Criterion, EngagementControl, ScopeItem
from evidence.queries.people import client_people
from evidence.rules.request_list_dates import DateOrder
from evidence.rules.request_list_readings import ListContext
from tenants.choices import Basis
from tenants.models import Engagement


def context_of(engagement: Engagement, *, day_first: bool | None = None) -> ListContext:
    """The context of the engagement now: 4 queries. `day_first` None: found out from the list."""
    items = ScopeItem.objects.filter(engagement=engagement).values_list("identifier", "relevant")
    in_scope = [identifier for identifier, relevant in items if relevant]
    known = (
        [*CatalogObjective.objects.values_list("identifier", flat=True), *dict(items)]
        if engagement.basis == Basis.OBJECTIVE
        else list(Criterion.objects.values_list("identifier", flat=True))
    )
    order = {None: None, True: DateOrder.DAY_FIRST, False: DateOrder.MONTH_FIRST}[day_first]
    controls = EngagementControl.objects.filter(engagement=engagement)
    return ListContext(
        report_type=engagement.report_type,
        exam_type=engagement.exam_type,
        known_requirements=list(dict.fromkeys(known)),
        in_scope=in_scope,
        controls=list(controls.values_list("ref", flat=True)),
        people={person.email: person.name for person in client_people(engagement.pk)},
        date_order=order,
    )
