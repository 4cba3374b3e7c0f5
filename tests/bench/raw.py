"""The floors of pages, in SQL: the same rows under the same walls, JSON by PostgreSQL itself.

The page is the form found fastest for small and large engagements alike: the first rows of each
engagement by its index on (engagement, due date, id), then the first of those.
"""

from __future__ import annotations

_COLUMNS = """r.id, r.version, r.engagement_id AS engagement, r.ref, r.title, r.area, r.kind,
  r.priority, r.status, r.sensitivity, r.covers_all_scope, r.owner_email, r.requested_on, r.due_on,
  r.proposed_due_on, r.submitted_at, r.return_count, r.return_reason, r.created_at,
  r.due_on < current_date AND r.status = ANY (ARRAY['open', 'reopened', 'in_progress', 'returned'])
    AS overdue,
  (SELECT row_to_json(o) FROM (SELECT u.id, u.name FROM tenants_user u WHERE u.id = r.owner_id) o)
    AS owner,
  (SELECT json_agg(json_build_object('id', c.id, 'ref', c.ref)) FROM evidence_requestcontrol l
    JOIN audits_engagementcontrol c ON c.id = l.control_id WHERE l.evidence_request_id = r.id)
    AS controls,
  (SELECT json_agg(json_build_object('id', s.id, 'identifier', s.identifier))
    FROM evidence_requestscopeitem l JOIN audits_scopeitem s ON s.id = l.scope_item_id
    WHERE l.evidence_request_id = r.id) AS scope_items,
  (SELECT json_build_object('assignee', a.name, 'reviewer', v.name) FROM evidence_handling h
    LEFT JOIN tenants_user a ON a.id = h.assignee_id
    LEFT JOIN tenants_user v ON v.id = h.reviewer_id
    WHERE h.evidence_request_id = r.id) AS handling"""
_PAGE = f"""SELECT json_build_object(
  'total', (SELECT count(*) FROM evidence_evidencerequest r
    WHERE r.engagement_id = ANY ((SELECT current_setting('app.engagements')::uuid[])::uuid[])
    AND {{seen}}),
  'results', (SELECT json_agg(row_to_json(page)) FROM (SELECT {_COLUMNS} FROM ({{first}}) r) page)
)::text"""
_EVERY = "(r.sensitivity = 'normal' OR r.named @> ARRAY[%(person)s::uuid])"
_OWN = "r.named @> ARRAY[%(person)s::uuid]"
_FIRST_OF_EACH = f"""SELECT r.* FROM unnest(current_setting('app.engagements')::uuid[]) e (id),
  LATERAL (SELECT * FROM evidence_evidencerequest r WHERE r.engagement_id = e.id AND {_EVERY}
    ORDER BY r.due_on, r.id LIMIT %(limit)s::int) r
  ORDER BY r.due_on, r.id LIMIT %(limit)s::int"""
_FIRST = f"""SELECT r.* FROM evidence_evidencerequest r WHERE {_OWN}
  ORDER BY r.due_on, r.id LIMIT %(limit)s::int"""

STATEMENTS = {
    "requests": _PAGE.format(seen=_EVERY, first=_FIRST_OF_EACH),
    "fixed-work": "SELECT sum(sqrt(n))::text FROM generate_series(1, 50000) n",
    "own-requests": _PAGE.format(seen=_OWN, first=_FIRST),
}
"""Name → one statement; `person` and `limit` come with the address."""
