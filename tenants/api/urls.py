"""The API's addresses of this app, and the schema and pages that describe them all."""

from __future__ import annotations

from django.urls import path

from tenants.api.assignments import AssignmentViewSet, OpeningViewSet
from tenants.api.base import Router
from tenants.api.documentation import page, schema
from tenants.api.engagements import EngagementViewSet
from tenants.api.ethics import EthicsWallViewSet
from tenants.api.findings import FindingsViewSet
from tenants.api.independence import IndependenceViewSet
from tenants.api.introductions import IntroductionViewSet
from tenants.api.organizations import ClientViewSet, MeViewSet, OrganizationViewSet
from tenants.api.oversight import OversightViewSet
from tenants.api.people import InvitationViewSet, MemberViewSet
from tenants.api.single_sign_on import GroupViewSet, KeyViewSet, ProviderViewSet
from tenants.api.support import SupportAccessViewSet
from tenants.api.tokens import TokenViewSet
from tenants.api.trail import (
    CheckpointViewSet,
    NoticeViewSet,
    OrganizationTrailExportViewSet,
    OrganizationTrailViewSet,
    TrailExportViewSet,
    TrailViewSet,
)

router = Router()
router.register("organizations", OrganizationViewSet, basename="organization")
router.register("clients", ClientViewSet, basename="client")
router.register("people", MemberViewSet, basename="person")
router.register("invitations", InvitationViewSet, basename="invitation")
router.register("tokens", TokenViewSet, basename="token")
router.register("identity-providers", ProviderViewSet, basename="identity-provider")
router.register("directory-keys", KeyViewSet, basename="directory-key")
router.register("directory-groups", GroupViewSet, basename="directory-group")
router.register("engagements", EngagementViewSet, basename="engagement")
router.register("assignments", AssignmentViewSet, basename="assignment")
router.register("openings", OpeningViewSet, basename="opening")
router.register("support-access", SupportAccessViewSet, basename="support-access")
router.register("introductions", IntroductionViewSet, basename="introduction")
router.register("ethics-walls", EthicsWallViewSet, basename="ethics-wall")
router.register("firm-engagements", OversightViewSet, basename="firm-engagement")
router.register("independence", IndependenceViewSet, basename="independence")
router.register("trail", TrailViewSet, basename="trail-entry")
router.register("organization-trail", OrganizationTrailViewSet, basename="organization-trail")
router.register("trail-checkpoints", CheckpointViewSet, basename="trail-checkpoint")
router.register("notices", NoticeViewSet, basename="notice")

urlpatterns = [
    path("schema/", schema, name="schema"),
    path("docs/", page, name="docs"),
    path("me/", MeViewSet.as_view({"get": "show"}), name="me"),
    path(
        "organization-trail/export/",
        OrganizationTrailExportViewSet.as_view({"get": "export"}),
        name="organization-trail-export",
    ),
    path("trail/export/", TrailExportViewSet.as_view({"get": "export"}), name="trail-entry-export"),
    path(
        "engagements/<uuid:pk>/findings/",
        FindingsViewSet.as_view({"get": "show"}),
        name="engagement-findings",
    ),
    *router.urls,
]
