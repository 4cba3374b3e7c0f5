"""Addresses of the choice of a report and its terms."""

from __future__ import annotations

from audits.api.report_advice import ReportAdviceViewSet
from audits.api.report_terms import PriorReportViewSet, ReportAudienceViewSet
from tenants.api.base import Router

router = Router()
router.register("report-advices", ReportAdviceViewSet, basename="report-advice")
router.register("prior-reports", PriorReportViewSet, basename="prior-report")
router.register("report-audiences", ReportAudienceViewSet, basename="report-audience")

routes = router.urls
