"""The kernel: who is asking, what they may see and do, and the trail of what was done."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TenantsConfig(AppConfig):
    """Loads the tasks and the checks; grants table rights after each migration."""

    name = "tenants"
    verbose_name = "Tenants"

    def ready(self) -> None:
        from allauth.account import signals as account
        from django.contrib.auth import signals as auth

        from tenants import (  # noqa: F401  (registering is their effect)
            access_lines,
            access_matrix,
            checks,
            findings,
            tasks,
            telling,
        )
        from tenants.actions import (  # noqa: F401
            access,
            accounts,
            digests,
            engagements,
            housekeeping,
            independence,
            trail_checks,
        )
        from tenants.choices import EngagementStatus
        from tenants.queries import independence as independent
        from tenants.unwalled import grant_rights

        findings.SOURCES[EngagementStatus.ACCEPTANCE].append(independent.not_confirmed)
        access_matrix.enter(access_lines.RESOURCES, access_lines.OPEN, access_lines.TASKS)
        post_migrate.connect(grant_rights, dispatch_uid="tenants.grant_rights")
        post_migrate.connect(
            access.recompute_after_migrate, sender=self, dispatch_uid="tenants.recompute"
        )
        auth.user_logged_in.connect(accounts.signed_in, dispatch_uid="tenants.signed_in")
        auth.user_logged_out.connect(accounts.signed_out, dispatch_uid="tenants.signed_out")
        account.password_changed.connect(accounts.password_changed, dispatch_uid="tenants.changed")
        account.password_reset.connect(accounts.password_reset, dispatch_uid="tenants.reset")
