"""Requests, files and lists of a locked file stay as they are (LK-03, LK-04)."""

from django.conf import settings
from django.db import migrations

import tenants.locking
from tenants.constraint_operations import AddConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("audits", "0003_told_in_full"),
        ("evidence", "0007_keys_that_rows_name"),
        ("tenants", "0016_the_whole_way"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddConstraint(
            model_name="answerdraft",
            constraint=tenants.locking.ClosesWithTheFile(name="answerdraft_closes"),
        ),
        AddConstraint(
            model_name="evidencelink",
            constraint=tenants.locking.ClosesWithTheFile(
                from_release=True, name="evidencelink_closes"
            ),
        ),
        AddConstraint(
            model_name="evidencerequest",
            constraint=tenants.locking.ClosesWithTheFile(
                from_release=True, name="evidencerequest_closes"
            ),
        ),
        AddConstraint(
            model_name="firmnote",
            constraint=tenants.locking.ClosesWithTheFile(name="firmnote_closes"),
        ),
        AddConstraint(
            model_name="handling",
            constraint=tenants.locking.ClosesWithTheFile(name="handling_closes"),
        ),
        AddConstraint(
            model_name="importrow",
            constraint=tenants.locking.ClosesWithTheFile(name="importrow_closes"),
        ),
        AddConstraint(
            model_name="message",
            constraint=tenants.locking.ClosesWithTheFile(name="message_closes"),
        ),
        AddConstraint(
            model_name="requestcontrol",
            constraint=tenants.locking.ClosesWithTheFile(name="requestcontrol_closes"),
        ),
        AddConstraint(
            model_name="requestimport",
            constraint=tenants.locking.ClosesWithTheFile(name="requestimport_closes"),
        ),
        AddConstraint(
            model_name="requestperson",
            constraint=tenants.locking.ClosesWithTheFile(name="requestperson_closes"),
        ),
        AddConstraint(
            model_name="requestscopeitem",
            constraint=tenants.locking.ClosesWithTheFile(name="requestscopeitem_closes"),
        ),
        AddConstraint(
            model_name="submission",
            constraint=tenants.locking.ClosesWithTheFile(name="submission_closes"),
        ),
    ]
