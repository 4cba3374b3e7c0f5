"""How each control of an engagement is tested: the plan, the tests, their steps and attributes.

All of it is the firm's own. What a test found is in `samples` (items) and `results` (cells). Every
write below a test locks the test and raises its version (`audits.actions.control_tests.held`).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from audits.choices.testing import (
    OF_DESIGN,
    OF_OPERATION,
    ProcedureNature,
    Risk,
    RiskFactor,
    TestConclusion,
    TestKind,
    TestStatus,
)
from audits.models.controls import EngagementControl
from tenants.locking import ClosesWithTheFile
from tenants.models import Engagement, User
from tenants.visibility import FirmRecord
from tenants.walls import ALL, KEEP, Refuses, RowWall, SameEngagement

CONTROL = "audits_engagementcontrol"
TEST = "audits_controltest"
_NONE_BUT_INQUIRY = (
    "NOT EXISTS (SELECT 1 FROM audits_testprocedure p WHERE p.engagement_id = NEW.engagement_id "
    "AND p.test_id = NEW.id AND p.nature <> 'inquiry')"
)
_OUTSIDE = (
    "EXISTS (SELECT 1 FROM tenants_engagement e WHERE e.id = NEW.engagement_id "
    "AND (NEW.covers_from < e.period_start OR NEW.covers_to > e.period_end))"
)


class ControlPlan(FirmRecord):
    """What the firm thinks of a control before it tests it; without one, a key control of standard
    risk that nobody in particular tests.

    `dependents_of`: the controls of the engagement on which this one rests, such as the change
    control of its system (TP-06, DV-06). A specialist works on the controls assigned to them.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    control = models.ForeignKey(
        EngagementControl, models.CASCADE, related_name="plans", db_constraint=False
    )
    key = models.BooleanField(default=True)
    risk = models.CharField(max_length=8, choices=Risk, default=Risk.STANDARD)
    factors = ArrayField(
        models.CharField(max_length=24, choices=RiskFactor), default=list, blank=True
    )
    assigned_to = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    dependents_of = ArrayField(models.UUIDField(), default=list, blank=True)

    class Meta:
        ordering = ("control__ref",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=ALL),
            SameEngagement(link="control_id", to=CONTROL, on_delete="CASCADE"),
            ClosesWithTheFile(from_release=True),
            models.UniqueConstraint(
                fields=["engagement", "control"], name="control_plan_once_per_control"
            ),
            models.CheckConstraint(
                name="control_plan_higher_risk_says_why",
                condition=~Q(risk=Risk.HIGH) | ~Q(factors=[]),
            ),
        )

    def __str__(self) -> str:
        return f"Plan for {self.control.ref}"


class ControlTest(FirmRecord):
    """One test of one control: of its design, or of its operation over part of the period.

    `covers_from` and `covers_to` are the days a test of operation speaks of; a later test rolls an
    earlier one forward (TP-07). `report_wording` is what readers of the report are told of the
    test, `notes` the firm's own (TP-10). `others_work` names whose work was used, by TP-09.
    """

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="control_tests")
    control = models.ForeignKey(
        EngagementControl, models.PROTECT, related_name="tests", db_constraint=False
    )
    kind = models.CharField(max_length=3, choices=TestKind)
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=TestStatus, default=TestStatus.PLANNED)
    covers_from = models.DateField(null=True, blank=True)
    covers_to = models.DateField(null=True, blank=True)
    planned_size = models.PositiveIntegerField(null=True, blank=True)
    report_wording = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    others_work = models.JSONField(default=dict, blank=True)
    conclusion = models.CharField(max_length=24, choices=TestConclusion, blank=True)
    conclusion_reason = models.TextField(blank=True)
    concluded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    concluded_at = models.DateTimeField(null=True, blank=True)
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("control__ref", "kind", "number")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=ALL),
            SameEngagement(link="control_id", to=CONTROL),
            ClosesWithTheFile(from_release=True),
            models.UniqueConstraint(
                fields=["engagement", "control", "kind", "number"], name="control_test_number_once"
            ),
            models.CheckConstraint(
                name="control_test_covers_days",
                condition=Q(kind=TestKind.DESIGN, covers_from=None, covers_to=None)
                | Q(kind=TestKind.OPERATION, covers_to__gte=F("covers_from")),
            ),
            models.CheckConstraint(
                name="control_test_concluded_with_a_reason",
                condition=Q(status=TestStatus.CONCLUDED, concluded_by__isnull=False,
                            concluded_at__isnull=False)
                & ~Q(conclusion_reason="")
                | ~Q(status=TestStatus.CONCLUDED)
                & Q(conclusion="", conclusion_reason="", concluded_by=None, concluded_at=None),
            ),
            models.CheckConstraint(
                name="control_test_conclusion_fits_kind",
                condition=~Q(status=TestStatus.CONCLUDED)
                | Q(kind=TestKind.DESIGN, conclusion__in=OF_DESIGN)
                | Q(kind=TestKind.OPERATION, conclusion__in=OF_OPERATION),
            ),
            Refuses(
                name="control_test_none_of_operation_in_type_1_rt_07",
                when="NEW.kind = 'toe' AND EXISTS (SELECT 1 FROM tenants_engagement e "
                "WHERE e.id = NEW.engagement_id AND e.exam_type = 'T1')",
                message="RT-07: a Type 1 has no test of operation.",
            ),
            Refuses(
                name="control_test_more_than_inquiry_tp_01",
                when="NEW.kind = 'toe' AND NEW.conclusion IN ('no_deviations', 'deviations') "
                f"AND {_NONE_BUT_INQUIRY}",
                message="TP-01: inquiry alone concludes no test of operation. Observe, inspect or "
                "reperform as well.",
            ),
            Refuses(
                name="control_test_of_this_period_tp_08",
                when=f"NEW.kind = 'toe' AND {_OUTSIDE}",
                message="TP-08: a test of operation covers days of this period alone; results of "
                "a prior one do not count.",
            ),
            Refuses(
                name="control_test_signed_is_kept_so_05",
                on="DELETE",
                when="EXISTS (SELECT 1 FROM audits_signoff s WHERE s.engagement_id = "
                "OLD.engagement_id AND s.paper_id = OLD.id)",
                message="SO-05: a test that was signed stays in the file.",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.control.ref} {self.get_kind_display().lower()} {self.number}"


class TestProcedure(FirmRecord):
    """One step of a test: what the auditor does."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    test = models.ForeignKey(
        ControlTest, models.CASCADE, related_name="procedures", db_constraint=False
    )
    position = models.PositiveIntegerField()
    nature = models.CharField(max_length=13, choices=ProcedureNature)
    instruction = models.TextField()

    class Meta:
        ordering = ("position",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=ALL),
            SameEngagement(link="test_id", to=TEST, on_delete="CASCADE"),
            ClosesWithTheFile(from_release=True),
            models.UniqueConstraint(
                fields=["engagement", "test", "position"], name="test_procedure_position_once"
            ),
            models.CheckConstraint(
                name="test_procedure_says_what_to_do", condition=~Q(instruction="")
            ),
        )

    def __str__(self) -> str:
        return f"{self.position}. {self.get_nature_display()}"


class TestAttribute(FirmRecord):
    """One thing that is asked of every item of a test, by its letter (TP-05)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    test = models.ForeignKey(
        ControlTest, models.CASCADE, related_name="attributes", db_constraint=False
    )
    letter = models.CharField(max_length=2)
    text = models.TextField()
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ("position",)
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=ALL),
            SameEngagement(link="test_id", to=TEST, on_delete="CASCADE"),
            ClosesWithTheFile(from_release=True),
            models.UniqueConstraint(
                fields=["engagement", "test", "letter"], name="test_attribute_letter_once"
            ),
            models.UniqueConstraint(
                fields=["engagement", "test", "position"], name="test_attribute_position_once"
            ),
            models.CheckConstraint(
                name="test_attribute_asks_something",
                condition=Q(letter__regex="^[A-Z]{1,2}$") & ~Q(text=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.letter}: {self.text}"


class IpeCheck(FirmRecord):
    """What shows that a report the client made, on which a control or a test rests, is complete
    and accurate (information produced by the entity; soc.md, section 11)."""

    engagement = models.ForeignKey(Engagement, models.CASCADE, related_name="+")
    control = models.ForeignKey(
        EngagementControl, models.PROTECT, related_name="ipe_checks", db_constraint=False
    )
    report = models.CharField(max_length=300)
    source = models.CharField(max_length=300)
    query = models.TextField(blank=True)
    run_by = models.CharField(max_length=120)
    run_at = models.DateTimeField()
    row_count = models.PositiveIntegerField()
    completeness = models.TextField()
    accuracy = models.TextField()
    done_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    done_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ("control__ref", "report")
        default_permissions = ()
        constraints = (
            RowWall.firm_only(rights=KEEP),
            SameEngagement(link="control_id", to=CONTROL),
            ClosesWithTheFile(from_release=True),
            models.UniqueConstraint(
                fields=["engagement", "control", "report"], name="ipe_check_once_per_report"
            ),
            models.CheckConstraint(
                name="ipe_check_says_how",
                condition=~Q(report="") & ~Q(source="") & ~Q(completeness="") & ~Q(accuracy=""),
            ),
        )

    def __str__(self) -> str:
        return f"Check of {self.report}"
