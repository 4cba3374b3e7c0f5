-- One firm with its clients, engagements and requests, written by the owner beside all walls.
-- Settings: scale.firm (its number, from 1), scale.clients, scale.engagements, scale.requests,
-- scale.grants (JSON pairs of role and permission). Sizes are skewed as in a real firm: the n-th
-- largest engagement holds n ^ -0.8 of what the largest does.

CREATE OR REPLACE FUNCTION pg_temp.key(kind int, a bigint, b bigint) RETURNS uuid
IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT (lpad(to_hex(kind), 8, '0') || lpad(to_hex(a), 8, '0') || lpad(to_hex(b), 16, '0'))::uuid $$;
CREATE OR REPLACE FUNCTION pg_temp.dice(n bigint, sides int) RETURNS int
IMMUTABLE PARALLEL SAFE LANGUAGE sql AS
$$ SELECT ((hashint8(n)::bigint + 2147483648) % sides)::int $$;
CREATE OR REPLACE FUNCTION pg_temp.given(name text) RETURNS int STABLE LANGUAGE sql AS
$$ SELECT current_setting('scale.' || name)::int $$;

INSERT INTO tenants_organization (id, kind, name, time_zone, holiday_country,
  requires_single_sign_on, sign_on_epoch)
SELECT pg_temp.key(1, f, n), CASE n WHEN 0 THEN 'firm' ELSE 'client' END,
  CASE n WHEN 0 THEN 'Firm ' || f ELSE 'Client ' || f || '.' || n END, 'America/New_York', 'US',
  false, 1
FROM generate_series(0, pg_temp.given('clients')) n, pg_temp.given('firm') f;

INSERT INTO tenants_relationship (id, firm_id, client_id)
SELECT gen_random_uuid(), pg_temp.key(1, f, 0), pg_temp.key(1, f, n)
FROM generate_series(1, pg_temp.given('clients')) n, pg_temp.given('firm') f;

-- The firm's people are numbers 1 to 33; those of client c are 100 c + 1 to 100 c + 30.
CREATE TEMP TABLE cast_ AS
SELECT n, 0 AS organization, CASE WHEN n = 1 THEN 'partner' WHEN n < 4 THEN 'manager'
  WHEN n < 14 THEN 'senior' ELSE 'staff' END AS role FROM generate_series(1, 33) n
UNION ALL SELECT 100 * c + n, c, CASE WHEN n = 1 THEN 'client_admin' WHEN n < 26 THEN 'control_owner'
  WHEN n < 30 THEN 'contributor' ELSE 'executive' END
FROM generate_series(1, pg_temp.given('clients')) c, generate_series(1, 30) n;

INSERT INTO tenants_user (id, email, name, password, is_active)
SELECT pg_temp.key(2, f, n), 'p' || n || '@f' || f || '.example', 'Person ' || f || '.' || n, '!', true
FROM cast_, pg_temp.given('firm') f;

INSERT INTO tenants_membership (id, organization_id, person_id, role, title, status, version)
SELECT gen_random_uuid(), pg_temp.key(1, f, organization), pg_temp.key(2, f, n), role, '', 'active', 1
FROM cast_, pg_temp.given('firm') f;

CREATE TEMP TABLE sizes AS
SELECT e, (e - 1) % pg_temp.given('clients') + 1 AS c,
  greatest(1, round(pg_temp.given('requests') * power(e, -0.8) / sum(power(e, -0.8)) OVER ()))::int
    AS size
FROM generate_series(1, pg_temp.given('engagements')) e;
UPDATE sizes SET size = size + pg_temp.given('requests') - (SELECT sum(size) FROM sizes) WHERE e = 1;

INSERT INTO tenants_engagement (id, version, title, kind, report_type, exam_type, categories,
  period_start, period_end, status, held_from, founded_by_id, client_id, firm_id)
SELECT pg_temp.key(3, f, e), 1, 'Examination ' || e, 'examination', 'SOC2', 'T2',
  ARRAY['security', 'availability'], current_date - 300, current_date + 60, 'fieldwork', '',
  pg_temp.key(2, f, 1), pg_temp.key(1, f, c), pg_temp.key(1, f, 0)
FROM sizes, pg_temp.given('firm') f;

-- The partner is on all, a manager on every second, a senior on every tenth, staff on two of twenty.
CREATE TEMP TABLE assigned AS
SELECT e, n, organization, role FROM sizes JOIN cast_ ON organization = c
  OR organization = 0 AND (n = 1 OR n < 4 AND e % 2 = n % 2 OR n BETWEEN 4 AND 13 AND e % 10 = n % 10
    OR n > 13 AND e % 10 = n % 10);

INSERT INTO tenants_assignment (id, version, role, starts_on, assigned_by_id, person_id,
  engagement_id, organization_id)
SELECT gen_random_uuid(), 1, role, current_date - 300, pg_temp.key(2, f, 1), pg_temp.key(2, f, n),
  pg_temp.key(3, f, e), pg_temp.key(1, f, organization)
FROM assigned, pg_temp.given('firm') f;

INSERT INTO tenants_engagementaccess (id, since, until, content_object_id, permission_id, user_id,
  organization_id)
SELECT gen_random_uuid(), now() - interval '300 days', '9000-01-01', pg_temp.key(3, f, e), p.id,
  pg_temp.key(2, f, n), pg_temp.key(1, f, organization)
FROM assigned JOIN json_array_elements(current_setting('scale.grants')::json) g ON g ->> 0 = role
JOIN auth_permission p ON p.codename = g ->> 1
JOIN django_content_type t ON t.id = p.content_type_id AND t.app_label = 'tenants',
  pg_temp.given('firm') f;

INSERT INTO audits_control (id, version, ref, title, owner_role, frequency, nature, type, evidence,
  client_id, performer_role, reviewer_role, side, ipe, assertions, population_source)
SELECT pg_temp.key(4, f, 100 * c + n), 1, 'C-' || n, 'Control number ' || n, 'Owner', 'quarterly',
  'manual', 'preventive', '{}', pg_temp.key(1, f, c),
  '', '', 'client', '{}', '{}', ''
FROM generate_series(1, pg_temp.given('clients')) c, generate_series(1, 60) n,
  pg_temp.given('firm') f;

INSERT INTO audits_engagementcontrol (id, version, ref, title, narrative, narrative_number,
  owner_role, frequency, nature, type, systems, evidence, client_id, control_id, engagement_id,
  taken_by_id, owner_name, deputy_name, performer_role, reviewer_role, side, ipe, population_source,
  assertions)
SELECT pg_temp.key(5, f, 100 * e + n), 1, 'C-' || n, 'Control number ' || n, '', 0, 'Owner',
  'quarterly', 'manual', 'preventive', '{}', '{}', pg_temp.key(1, f, c),
  pg_temp.key(4, f, 100 * c + n), pg_temp.key(3, f, e), pg_temp.key(2, f, 1),
  '', '', '', '', 'client', '{}', '', '{}'
FROM sizes, generate_series(1, 60) n, pg_temp.given('firm') f;

INSERT INTO audits_scopeitem (id, version, basis, identifier, series, category, common, title, text,
  position, relevant, reason, client_id, criterion_id, engagement_id)
SELECT pg_temp.key(6, f, 100 * e + k.n), 1, 'criterion', identifier, series, category, common, title,
  '', position, true, '', pg_temp.key(1, f, c), identifier, pg_temp.key(3, f, e)
FROM sizes, (SELECT row_number() OVER (ORDER BY identifier) n, * FROM audits_criterion) k,
  pg_temp.given('firm') f WHERE k.n <= 40;

CREATE TEMP TABLE asked AS
SELECT r, e, c, i, pg_temp.dice(r, 100) AS status, pg_temp.dice(r * 3, 24) AS owner,
  pg_temp.dice(r * 5, 33) = 0 AS restricted, pg_temp.dice(r * 7, 120) - 60 AS days,
  pg_temp.dice(r * 11, 60) AS control
FROM sizes, generate_series(1, size) i, LATERAL (SELECT e * 100000::bigint + i) x (r);

INSERT INTO evidence_evidencerequest (id, version, ref, title, description, acceptance_hint, area,
  kind, priority, status, sensitivity, covers_all_scope, owner_email, named, requested_on, due_on,
  proposed_due_reason, opened_at, return_count, return_reason, return_text, na_reason, decision,
  list_status, list_comment, created_by_id, engagement_id, owner_id)
SELECT pg_temp.key(7, f, r), 1, 'R-' || lpad(i::text, 5, '0'),
  'Evidence that control number ' || control + 1 || ' operated in the period, item ' || i,
  repeat('What is asked for, in the words of the firm. ', 6), 'System export with its query.',
  'Area ' || control % 9, 'document', CASE control % 3 WHEN 0 THEN 'high' ELSE 'medium' END,
  CASE WHEN status < 6 THEN 'draft' WHEN status < 40 THEN 'open' WHEN status < 52 THEN 'in_progress'
    WHEN status < 60 THEN 'submitted' WHEN status < 66 THEN 'under_review'
    WHEN status < 92 THEN 'accepted' WHEN status < 96 THEN 'returned' ELSE 'not_applicable' END,
  CASE WHEN restricted THEN 'restricted' ELSE 'normal' END, false,
  'p' || 100 * c + 2 + owner || '@f' || f || '.example',
  ARRAY[pg_temp.key(2, f, 100 * c + 2 + owner)]
    || CASE WHEN restricted THEN ARRAY[pg_temp.key(2, f, 1)] ELSE '{}' END
    || CASE WHEN control % 4 = 0 THEN ARRAY[pg_temp.key(2, f, 100 * c + 26 + owner % 4)] ELSE '{}' END,
  current_date - 90, CASE WHEN status > 0 THEN current_date + days END, '',
  CASE WHEN status >= 6 THEN now() - interval '80 days' END, 0, '', '', '', '', '', '',
  pg_temp.key(2, f, 1), pg_temp.key(3, f, e), pg_temp.key(2, f, 100 * c + 2 + owner)
FROM asked, pg_temp.given('firm') f;

INSERT INTO evidence_requestperson (id, version, part, engagement_id, evidence_request_id, person_id)
SELECT gen_random_uuid(), 1, 'contributor', pg_temp.key(3, f, e), pg_temp.key(7, f, r),
  pg_temp.key(2, f, 100 * c + 26 + owner % 4)
FROM asked, pg_temp.given('firm') f WHERE control % 4 = 0;

INSERT INTO evidence_requestcontrol (id, version, control_id, engagement_id, evidence_request_id)
SELECT gen_random_uuid(), 1, pg_temp.key(5, f, 100 * e + (control + 17 * k) % 60 + 1),
  pg_temp.key(3, f, e), pg_temp.key(7, f, r)
FROM asked, generate_series(0, 1) k, pg_temp.given('firm') f;

INSERT INTO evidence_requestscopeitem (id, version, scope_item_id, engagement_id, evidence_request_id)
SELECT gen_random_uuid(), 1, pg_temp.key(6, f, 100 * e + control % 40 + 1), pg_temp.key(3, f, e),
  pg_temp.key(7, f, r)
FROM asked, pg_temp.given('firm') f;

INSERT INTO evidence_handling (id, version, assignee_id, reviewer_id, engagement_id, evidence_request_id)
SELECT gen_random_uuid(), 1, pg_temp.key(2, f, 14 + (e + 6) % 10),
  CASE WHEN status BETWEEN 60 AND 95 THEN pg_temp.key(2, f, 1) END, pg_temp.key(3, f, e),
  pg_temp.key(7, f, r)
FROM asked, pg_temp.given('firm') f WHERE status >= 6;

DROP TABLE asked, assigned, sizes, cast_;
