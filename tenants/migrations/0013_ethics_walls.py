"""Two functions of the walls inside a firm, and what its administrators may know of (AC-05)."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import tenants.guards
import tenants.visibility
import tenants.walls
from tenants.constraint_operations import AddConstraint, RemoveConstraint

BEFORE = import_module("tenants.migrations.0005_announce_assigned").ANNOUNCE
FUNCTIONS = """
CREATE FUNCTION public.tickmark_sides(engagement uuid)
RETURNS TABLE (wall_id uuid, side smallint) LANGUAGE sql STABLE SET search_path = public, pg_temp
AS $$
  SELECT DISTINCT ON (s.wall_id) s.wall_id, s.side
  FROM tenants_engagement e
  JOIN tenants_walledside s ON s.organization_id = e.firm_id
    AND (s.engagement_id = e.id OR s.client_id = e.client_id)
  JOIN tenants_ethicswall w ON w.id = s.wall_id AND w.lifted_at IS NULL
  WHERE e.id = tickmark_sides.engagement
  ORDER BY s.wall_id, s.engagement_id NULLS LAST
$$;
CREATE FUNCTION public.tickmark_overseen() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(e.id), '{}')
  FROM tenants_membership m JOIN tenants_engagement e ON e.firm_id = m.organization_id
  WHERE m.person_id = current_setting('app.person')::uuid
    AND m.organization_id = current_setting('app.organization')::uuid
    AND m.status = 'active' AND m.role = 'firm_admin'
    AND NOT EXISTS (
      SELECT FROM tenants_assignment a, tickmark_sides(a.engagement_id) mine,
        tickmark_sides(e.id) theirs
      WHERE a.person_id = m.person_id AND a.organization_id = m.organization_id
        AND mine.wall_id = theirs.wall_id AND mine.side <> theirs.side)
$$;
REVOKE ALL ON FUNCTION public.tickmark_overseen(), public.tickmark_sides(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.tickmark_overseen() TO tickmark_app
"""
ANNOUNCE = """
CREATE OR REPLACE FUNCTION public.tickmark_announce(
  person uuid, organization uuid, engagement uuid, presented text, system boolean
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  nil CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
  token record;
  assigned uuid[]; seen uuid[]; firm_side uuid[]; client_side uuid[]; met_clients uuid[]; met uuid[];
BEGIN
  PERFORM set_config('app.person', person::text, true),
    set_config('app.organization', organization::text, true),
    set_config('app.presented', presented, true),
    set_config('app.system', system::text, true),
    set_config('app.engagements', '{}', true), set_config('app.firm_side', '{}', true),
    set_config('app.client_side', '{}', true), set_config('app.assigned', '{}', true),
    set_config('app.overseen', '{}', true), set_config('app.clients', '{}', true),
    set_config('app.organizations', '{}', true);
  IF person = nil AND presented <> '' THEN  -- who shows a live token is its person
    SELECT t.person_id, t.organization_id INTO token
    FROM public.tenants_apitoken t
    WHERE t.secret_hash = presented AND t.revoked_at IS NULL AND t.expires_at > now();
    IF FOUND THEN
      person := token.person_id;
      organization := token.organization_id;
      PERFORM set_config('app.person', person::text, true),
        set_config('app.organization', organization::text, true);
    END IF;
  END IF;
  IF person = nil AND organization = nil AND engagement IS NULL THEN
    RETURN;
  END IF;
  SELECT coalesce(array_agg(s.id), '{}'),
    coalesce(array_agg(s.id) FILTER (WHERE s.sees), '{}'),
    coalesce(array_agg(s.id) FILTER (WHERE s.firm), '{}'),
    coalesce(array_agg(s.id) FILTER (WHERE s.client), '{}')
  INTO assigned, seen, firm_side, client_side
  FROM (SELECT a.content_object_id AS id, bool_or(p.codename = 'view_engagement') AS sees,
          bool_or(p.codename = 'view_firm_file') AS firm,
          bool_or(p.codename = 'view_client_file') AS client
        FROM public.tenants_engagementaccess a
        JOIN public.auth_permission p ON p.id = a.permission_id
        WHERE a.user_id = person AND a.organization_id = organization
          AND a.since <= now() AND a.until > now()
          AND p.codename IN ('view_engagement', 'view_firm_file', 'view_client_file',
            'confirm_independence')
        GROUP BY 1
        UNION ALL SELECT engagement, true, true, true WHERE engagement IS NOT NULL) s;
  IF EXISTS (SELECT FROM public.tenants_membership m WHERE m.person_id = person
      AND m.organization_id = organization AND m.status = 'active' AND m.role = 'firm_admin') THEN
    PERFORM set_config('app.overseen', public.tickmark_overseen()::text, true);
  END IF;
  -- What follows is read under the walls of what was just found.
  PERFORM set_config('app.assigned', assigned::text, true),
    set_config('app.engagements', seen::text, true),
    set_config('app.firm_side', firm_side::text, true),
    set_config('app.client_side', client_side::text, true);
  SELECT coalesce(array_agg(DISTINCT e.client_id), '{}') INTO met_clients
  FROM public.tenants_engagement e WHERE e.id = ANY (firm_side);
  SELECT coalesce(array_agg(DISTINCT k.id), '{}') INTO met
  FROM (SELECT unnest(array[r.firm_id, r.client_id]) AS id FROM public.tenants_relationship r
        UNION ALL SELECT unnest(array[e.firm_id, e.client_id]) FROM public.tenants_engagement e
          WHERE e.id = ANY (seen)
        UNION ALL SELECT m.organization_id FROM public.tenants_membership m
          WHERE m.person_id = person AND m.status = 'active') k;
  PERFORM set_config('app.clients', met_clients::text, true),
    set_config('app.organizations', met::text, true);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("tenants", "0012_single_sign_on_and_provisioning"),
    ]

    operations = [
        migrations.CreateModel(
            name="EthicsWall",
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
                ("name", models.CharField(max_length=120)),
                ("reason", models.CharField(max_length=300)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "raised_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lift_reason", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ("lifted_at", "name"),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="TeamRole",
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
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("partner", "Engagement partner"),
                            ("quality_reviewer", "Quality reviewer"),
                            ("manager", "Manager"),
                            ("senior", "Senior"),
                            ("staff", "Staff"),
                            ("specialist", "Specialist"),
                            ("firm_admin", "Firm administrator"),
                            ("client_admin", "Client administrator"),
                            ("control_owner", "Control owner"),
                            ("contributor", "Contributor"),
                            ("executive", "Executive"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "ordering": ("since",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="WalledSide",
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
                ("side", models.PositiveSmallIntegerField()),
                (
                    "added_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False
                    ),
                ),
            ],
            options={
                "ordering": ("side", "added_at"),
                "default_permissions": (),
            },
        ),
        RemoveConstraint(
            model_name="assignment",
            name="tenants_assignment_wall",
        ),
        RemoveConstraint(
            model_name="engagement",
            name="tenants_engagement_wall",
        ),
        RemoveConstraint(
            model_name="engagementaccess",
            name="tenants_engagementaccess_wall",
        ),
        AddConstraint(
            model_name="assignment",
            constraint=tenants.walls.RowWall(
                also_reads="engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR (person_id = (SELECT current_setting('app.person')::uuid) AND organization_id = (SELECT current_setting('app.organization')::uuid)) OR engagement_id = ANY ((SELECT current_setting('app.overseen')::uuid[])::uuid[])",
                name="tenants_assignment_wall",
                rights="SELECT, INSERT, UPDATE, DELETE",
                sees="engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) AND (NOT (person_id = (SELECT current_setting('app.person')::uuid)))",
            ),
        ),
        AddConstraint(
            model_name="assignment",
            constraint=tenants.guards.Guard(
                body="PERFORM 1 FROM tenants_user WHERE id = NEW.person_id FOR NO KEY UPDATE;\n  SELECT * INTO place FROM tenants_engagement WHERE id = NEW.engagement_id FOR NO KEY UPDATE;\n  IF NEW.organization_id NOT IN (place.firm_id, place.client_id) THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'assigned_by_a_side', MESSAGE = 'Only the firm and the client put people on an engagement.';\n  END IF;\n  IF EXISTS (SELECT 1 FROM tenants_assignment a JOIN tenants_engagement e ON e.id = a.engagement_id\n      WHERE a.person_id = NEW.person_id AND a.id <> NEW.id AND e.client_id = place.client_id\n        AND (a.organization_id = place.client_id)\n          <> (NEW.organization_id = place.client_id)) THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'conflict_of_roles', MESSAGE = 'AC-06: one person never works for a client and for the firm that examines it. End one of the two first, or ask somebody else.';\n  END IF;\n  IF NEW.organization_id = place.firm_id THEN\n    PERFORM 1 FROM tenants_organization WHERE id = place.firm_id FOR SHARE;\n    IF EXISTS (SELECT 1 FROM tenants_assignment a, tickmark_sides(a.engagement_id) theirs,\n        tickmark_sides(NEW.engagement_id) here\n        WHERE a.person_id = NEW.person_id AND a.organization_id = place.firm_id\n          AND a.id <> NEW.id AND theirs.wall_id = here.wall_id AND theirs.side <> here.side) THEN\n      RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'walled_apart', MESSAGE = 'AC-05: an ethics wall of the firm keeps this person off the engagement, because they work on its other side. Choose somebody else, or ask your firm administrator.';\n    END IF;\n    IF NEW.role = 'quality_reviewer' AND EXISTS (SELECT 1 FROM tenants_teamrole t\n        WHERE t.engagement_id = NEW.engagement_id AND t.person_id = NEW.person_id\n          AND t.role <> 'quality_reviewer') THEN\n      RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'reviewer_of_own_work', MESSAGE = 'SO-03: a quality reviewer has never worked on the engagement''s team, and this person has. Choose another reviewer.';\n    END IF;\n  END IF;",
                declare="place tenants_engagement;",
                name="assignment_kept_apart",
                on="INSERT OR UPDATE OF role, person_id, organization_id, engagement_id",
                time="BEFORE",
            ),
        ),
        AddConstraint(
            model_name="engagement",
            constraint=tenants.walls.RowWall(
                also_reads="id = ANY ((SELECT current_setting('app.assigned')::uuid[])::uuid[]) OR id = ANY ((SELECT current_setting('app.overseen')::uuid[])::uuid[])",
                name="tenants_engagement_wall",
                rights="SELECT, INSERT, UPDATE",
                sees="id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[])",
            ),
        ),
        AddConstraint(
            model_name="engagementaccess",
            constraint=tenants.walls.RowWall(
                also_reads="(user_id = (SELECT current_setting('app.person')::uuid) AND (SELECT EXISTS (SELECT 1 FROM tenants_membership m\n  JOIN tenants_user u ON u.id = m.person_id AND u.is_active\n  WHERE m.person_id = current_setting('app.person')::uuid\n    AND m.organization_id = current_setting('app.organization')::uuid AND m.status = 'active')\n  AND (current_setting('app.presented') = '' OR EXISTS (SELECT 1 FROM tenants_apitoken t\n    WHERE t.secret_hash = current_setting('app.presented') AND t.revoked_at IS NULL\n      AND t.expires_at > now())))) OR content_object_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[]) OR content_object_id = ANY ((SELECT current_setting('app.overseen')::uuid[])::uuid[])",
                name="tenants_engagementaccess_wall",
                rights="SELECT, INSERT, UPDATE, DELETE",
                sees="content_object_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[]) AND NOT (user_id = (SELECT current_setting('app.person')::uuid))",
            ),
        ),
        AddConstraint(
            model_name="membership",
            constraint=tenants.guards.Guard(
                body="IF NEW.status = 'active' THEN PERFORM 1 FROM tenants_user WHERE id = NEW.person_id FOR NO KEY UPDATE;\n  PERFORM 1 FROM tenants_organization WHERE id = NEW.organization_id FOR SHARE;\n  IF EXISTS (SELECT 1 FROM tenants_membership m JOIN tenants_relationship r\n      ON (r.firm_id, r.client_id) IN ((m.organization_id, NEW.organization_id),\n                                      (NEW.organization_id, m.organization_id))\n      WHERE m.person_id = NEW.person_id AND m.status = 'active' AND m.id <> NEW.id) THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'conflict_of_roles', MESSAGE = 'AC-06: one person never works for a client and for the firm that examines it. End one of the two first, or ask somebody else.';\n  END IF; END IF;",
                declare="",
                name="membership_on_one_side",
                on="INSERT OR UPDATE OF status",
                time="BEFORE",
            ),
        ),
        AddConstraint(
            model_name="opening",
            constraint=tenants.guards.Guard(
                body="PERFORM 1 FROM tenants_user WHERE id = NEW.person_id FOR NO KEY UPDATE;\n  IF NOT EXISTS (SELECT 1 FROM tenants_assignment a WHERE a.engagement_id = NEW.engagement_id\n      AND a.person_id = NEW.person_id AND a.organization_id = NEW.organization_id) THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'not_assigned', MESSAGE = 'A permission is opened to somebody on the engagement alone.';\n  END IF;\n  IF EXISTS (SELECT 1 FROM tenants_assignment a WHERE a.engagement_id = NEW.engagement_id\n      AND a.person_id = NEW.person_id AND a.role = 'quality_reviewer') THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'reviewer_of_own_work', MESSAGE = 'SO-03: a quality reviewer does none of the team''s work, so nothing of it is opened to them. Assign somebody else.';\n  END IF;",
                declare="",
                name="opening_to_the_team",
                on="INSERT OR UPDATE",
                time="BEFORE",
            ),
        ),
        AddConstraint(
            model_name="relationship",
            constraint=tenants.guards.Guard(
                body="PERFORM 1 FROM tenants_organization WHERE id IN (NEW.firm_id, NEW.client_id)\n    ORDER BY id FOR NO KEY UPDATE;\n  IF EXISTS (SELECT 1 FROM tenants_membership f JOIN tenants_membership c USING (person_id)\n      WHERE f.organization_id = NEW.firm_id AND c.organization_id = NEW.client_id\n        AND f.status = 'active' AND c.status = 'active') THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'conflict_of_roles', MESSAGE = 'AC-06: somebody belongs to both the firm and the client. One person never works for both; end one of the two memberships first.';\n  END IF;",
                declare="",
                name="relationship_between_strangers",
                on="INSERT",
                time="BEFORE",
            ),
        ),
        migrations.AddField(
            model_name="ethicswall",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ethicswall",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ethics_walls",
                to="tenants.organization",
            ),
        ),
        migrations.AddField(
            model_name="ethicswall",
            name="raised_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="teamrole",
            name="engagement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="team_roles",
                to="tenants.engagement",
            ),
        ),
        migrations.AddField(
            model_name="teamrole",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        migrations.AddField(
            model_name="teamrole",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="walledside",
            name="client",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        migrations.AddField(
            model_name="walledside",
            name="engagement",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.engagement",
            ),
        ),
        migrations.AddField(
            model_name="walledside",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.organization",
            ),
        ),
        migrations.AddField(
            model_name="walledside",
            name="wall",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sides",
                to="tenants.ethicswall",
            ),
        ),
        AddConstraint(
            model_name="ethicswall",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_ethicswall_wall",
                rights="SELECT, INSERT, UPDATE",
                sees="organization_id = (SELECT current_setting('app.organization')::uuid)",
            ),
        ),
        AddConstraint(
            model_name="ethicswall",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)),
                fields=("organization", "name"),
                name="ethics_wall_name_once",
            ),
        ),
        AddConstraint(
            model_name="ethicswall",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="ethics_wall_has_a_reason"
            ),
        ),
        AddConstraint(
            model_name="ethicswall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lift_reason", ""), ("lifted_at", None), ("lifted_by", None)),
                    models.Q(
                        ("lifted_at__isnull", False),
                        ("lifted_by__isnull", False),
                        models.Q(("lift_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="ethics_wall_lifted_with_a_reason",
            ),
        ),
        AddConstraint(
            model_name="ethicswall",
            constraint=tenants.walls.Refuses(
                message="A wall is raised and lifted; nothing else of it changes. Raise another.",
                name="ethics_wall_lifted_once",
                on="UPDATE",
                when="OLD.lifted_at IS NOT NULL OR (NEW.organization_id, NEW.name, NEW.reason, NEW.raised_by_id, NEW.raised_at) IS DISTINCT FROM (OLD.organization_id, OLD.name, OLD.reason, OLD.raised_by_id, OLD.raised_at)",
            ),
        ),
        AddConstraint(
            model_name="teamrole",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_teamrole_wall",
                rights="SELECT, INSERT",
                sees="engagement_id = ANY ((SELECT current_setting('app.firm_side')::uuid[])::uuid[])",
            ),
        ),
        AddConstraint(
            model_name="teamrole",
            constraint=tenants.walls.AppendOnly(name="teamrole_append_only"),
        ),
        AddConstraint(
            model_name="teamrole",
            constraint=models.UniqueConstraint(
                fields=("engagement", "person", "role"), name="team_role_once"
            ),
        ),
        AddConstraint(
            model_name="walledside",
            constraint=tenants.walls.RowWall(
                also_reads="",
                name="tenants_walledside_wall",
                rights="SELECT, INSERT",
                sees="organization_id = (SELECT current_setting('app.organization')::uuid)",
            ),
        ),
        AddConstraint(
            model_name="walledside",
            constraint=tenants.walls.SameEngagement(
                by="organization_id",
                link="wall_id",
                name="walledside_wall_link",
                on_delete="NO ACTION",
                to="tenants_ethicswall",
                to_by="organization_id",
            ),
        ),
        AddConstraint(
            model_name="walledside",
            constraint=tenants.walls.AppendOnly(name="walledside_append_only"),
        ),
        AddConstraint(
            model_name="walledside",
            constraint=tenants.guards.Guard(
                body="PERFORM 1 FROM tenants_organization WHERE id = NEW.organization_id FOR NO KEY UPDATE;\n  IF NOT EXISTS (SELECT 1 FROM tenants_relationship r WHERE r.firm_id = NEW.organization_id\n      AND r.client_id = NEW.client_id) AND NOT EXISTS (SELECT 1 FROM tenants_engagement e\n      WHERE e.firm_id = NEW.organization_id AND e.id = NEW.engagement_id) THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'not_a_client', MESSAGE = 'Only the firm''s own clients and engagements stand behind its walls.';\n  END IF;\n  SELECT string_agg(DISTINCT u.name, ', ') INTO people\n  FROM tenants_assignment a CROSS JOIN LATERAL tickmark_sides(a.engagement_id) one\n  JOIN tenants_assignment b ON b.person_id = a.person_id AND b.organization_id = a.organization_id\n  CROSS JOIN LATERAL tickmark_sides(b.engagement_id) other\n  JOIN tenants_user u ON u.id = a.person_id\n  WHERE a.organization_id = NEW.organization_id AND one.wall_id = NEW.wall_id\n    AND other.wall_id = NEW.wall_id AND one.side < other.side;\n  IF people IS NOT NULL THEN\n    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'works_on_both_sides', MESSAGE =\n      'AC-05: on both sides of this wall work: ' || people || '. Let their leaders take them off '\n      'one side first.';\n  END IF;",
                declare="people text;",
                name="walled_side_fits",
                on="INSERT",
                time="AFTER",
            ),
        ),
        AddConstraint(
            model_name="walledside",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("client", None), ("engagement__isnull", False)),
                    models.Q(("client__isnull", False), ("engagement", None)),
                    _connector="OR",
                ),
                name="walled_side_is_a_client_or_an_engagement",
            ),
        ),
        AddConstraint(
            model_name="walledside",
            constraint=models.UniqueConstraint(
                fields=("organization", "wall", "client"), name="walled_client_once"
            ),
        ),
        AddConstraint(
            model_name="walledside",
            constraint=models.UniqueConstraint(
                fields=("organization", "wall", "engagement"), name="walled_engagement_once"
            ),
        ),
        migrations.RunSQL(
            FUNCTIONS,
            "DROP FUNCTION public.tickmark_overseen(); DROP FUNCTION public.tickmark_sides(uuid)",
        ),
        migrations.RunSQL(ANNOUNCE, BEFORE),
    ]
