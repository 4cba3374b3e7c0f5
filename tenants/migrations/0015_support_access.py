"""Let an operator look only while a tenant agrees, for four hours at most (ACC-18)."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import tenants.guards
import tenants.visibility
import tenants.walls
from tenants.constraint_operations import AddConstraint, RemoveConstraint


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("tenants", "0014_introductions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Operator",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.visibility.new_key,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "added_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "ordering": ("added_at",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SupportAccess",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.visibility.new_key,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("engagement_id", models.UUIDField()),
                (
                    "side",
                    models.CharField(
                        choices=[("firm", "Audit firm"), ("client", "Service organization")],
                        max_length=6,
                    ),
                ),
                ("reason", models.CharField(max_length=300)),
                ("hours", models.PositiveSmallIntegerField()),
                (
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("agreed_at", models.DateTimeField(null=True)),
                ("until", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("-asked_at",),
                "default_permissions": (),
            },
        ),
        RemoveConstraint(
            model_name="engagementaccess",
            name="tenants_engagementaccess_wall",
        ),
        RemoveConstraint(
            model_name="membership",
            name="membership_on_one_side",
        ),
        AddConstraint(
            model_name="engagementaccess",
            constraint=tenants.walls.RowWall(
                also_reads="(user_id = (SELECT current_setting('app.person')::uuid) AND (SELECT EXISTS (SELECT 1 FROM tenants_membership m\n  JOIN tenants_user u ON u.id = m.person_id AND u.is_active\n  WHERE m.person_id = current_setting('app.person')::uuid\n    AND m.organization_id = current_setting('app.organization')::uuid AND m.status = 'active'\n  UNION ALL SELECT 1 FROM tenants_supportaccess s\n  WHERE s.operator_id = current_setting('app.person')::uuid AND s.ended_at IS NULL\n    AND s.organization_id = current_setting('app.organization')::uuid AND s.until > now())\n  AND (current_setting('app.presented') = '' OR EXISTS (SELECT 1 FROM tenants_apitoken t\n    WHERE t.secret_hash = current_setting('app.presented') AND t.revoked_at IS NULL\n      AND t.expires_at > now())))) OR content_object_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR content_object_id = ANY ((SELECT current_setting('app.overseen')::uuid[])::uuid[])",
                name="tenants_engagementaccess_wall",
                rights="SELECT, INSERT, UPDATE, DELETE",
                sees="content_object_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[]) AND NOT (user_id = (SELECT current_setting('app.person')::uuid))",
            ),
        ),
        AddConstraint(
            model_name="membership",
            constraint=tenants.guards.Guard(
                body="IF NEW.status = 'active' THEN PERFORM 1 FROM tenants_user WHERE id = NEW.person_id FOR NO KEY UPDATE;\n  IF EXISTS (SELECT 1 FROM tenants_operator o WHERE o.person_id = NEW.person_id) THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'operator_outside', MESSAGE = 'ACC-18: an operator of the platform belongs to no organization. Use another account for one of the two.';\n  END IF;\n  PERFORM 1 FROM tenants_organization WHERE id = NEW.organization_id FOR SHARE;\n  IF EXISTS (SELECT 1 FROM tenants_membership m JOIN tenants_relationship r\n      ON (r.firm_id, r.client_id) IN ((m.organization_id, NEW.organization_id),\n                                      (NEW.organization_id, m.organization_id))\n      WHERE m.person_id = NEW.person_id AND m.status = 'active' AND m.id <> NEW.id) THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'conflict_of_roles', MESSAGE = 'AC-06: one person never works for a client and for the firm that examines it. End one of the two first, or ask somebody else.';\n  END IF; END IF;",
                declare="",
                name="membership_on_one_side",
                on="INSERT OR UPDATE OF status",
                time="BEFORE",
            ),
        ),
        migrations.AddField(
            model_name="operator",
            name="person",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="supportaccess",
            name="agreed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="supportaccess",
            name="ended_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="supportaccess",
            name="operator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="supportaccess",
            name="organization",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        AddConstraint(
            model_name="operator",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_operator_wall",
                rights="SELECT",
                sees="person_id = (SELECT current_setting('app.person')::uuid)",
            ),
        ),
        AddConstraint(
            model_name="operator",
            constraint=tenants.guards.Guard(
                body="PERFORM 1 FROM tenants_user WHERE id = NEW.person_id FOR NO KEY UPDATE;\n  IF EXISTS (SELECT 1 FROM tenants_membership m WHERE m.person_id = NEW.person_id\n      AND m.status = 'active') THEN RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'operator_outside', MESSAGE = 'ACC-18: an operator of the platform belongs to no organization. Use another account for one of the two.'; END IF;",
                declare="",
                name="operator_belongs_nowhere",
                on="INSERT",
                time="BEFORE",
            ),
        ),
        AddConstraint(
            model_name="supportaccess",
            constraint=tenants.walls.RowWall(
                also_reads="operator_id = (SELECT current_setting('app.person')::uuid)",
                name="tenants_supportaccess_wall",
                rights="SELECT, INSERT, UPDATE",
                sees="(organization_id = (SELECT current_setting('app.organization')::uuid) AND NOT (operator_id = (SELECT current_setting('app.person')::uuid))) OR ((SELECT current_setting('app.person')::uuid = '00000000-0000-0000-0000-000000000000') AND engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]))",
            ),
        ),
        AddConstraint(
            model_name="supportaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True),
                name="support_access_has_a_reason",
            ),
        ),
        AddConstraint(
            model_name="supportaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("agreed_by", models.F("operator")), _negated=True),
                name="support_access_takes_two",
            ),
        ),
        AddConstraint(
            model_name="supportaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(("hours__gte", 1), ("hours__lte", 4)),
                name="support_access_hours",
            ),
        ),
        AddConstraint(
            model_name="supportaccess",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agreed_at", None), ("agreed_by", None), ("until", None)),
                    models.Q(
                        ("agreed_at__isnull", False),
                        ("agreed_by__isnull", False),
                        ("organization__isnull", False),
                        ("until__gt", models.F("agreed_at")),
                    ),
                    _connector="OR",
                ),
                name="support_access_agreed_as_a_whole",
            ),
        ),
        AddConstraint(
            model_name="supportaccess",
            constraint=tenants.walls.Refuses(
                message="ACC-18: support access ends after four hours at the latest.",
                name="support_access_ends_in_four_hours_acc_18",
                on="INSERT OR UPDATE",
                when="NEW.until > NEW.agreed_at + interval '4 hours'",
            ),
        ),
        AddConstraint(
            model_name="supportaccess",
            constraint=tenants.walls.Refuses(
                message="Support access is agreed to and ended; nothing else of it changes.",
                name="support_access_is_never_widened_acc_18",
                on="UPDATE",
                when="(NEW.operator_id, NEW.engagement_id, NEW.side, NEW.reason, NEW.hours) IS DISTINCT FROM (OLD.operator_id, OLD.engagement_id, OLD.side, OLD.reason, OLD.hours) OR (OLD.until IS NOT NULL AND NEW.until IS DISTINCT FROM OLD.until) OR OLD.ended_at IS NOT NULL",
            ),
        ),
    ]
