"""Announce the engagements a person is assigned to apart from those they see (AC-04)."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("tenants.migrations.0003_announce").ANNOUNCE
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
    set_config('app.clients', '{}', true),
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
        ("tenants", "0004_queues_show_ones_own_work"),
    ]

    operations = [
        migrations.RunSQL(ANNOUNCE, BEFORE.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    ]
