"""Rules that must look past the walls: whether one person would stand on two sides.

A trigger of a `Guard` runs with the rights of the owner of the tables, so it sees the rows that the
one who acts does not; its search path is fixed and nobody may call it (TEN-11). It locks the
person first, so that of two parallel grants the second sees the first.
"""

from __future__ import annotations

from tenants.walls import DatabaseRule

LOCK_PERSON = "PERFORM 1 FROM tenants_user WHERE id = NEW.person_id FOR NO KEY UPDATE;"


class Guard(DatabaseRule):
    """A trigger with a plpgsql `body` that ends in RAISE (see `refuse`) where it refuses."""

    def __init__(
        self, *, name: str, body: str, on: str, declare: str = "", time: str = "BEFORE"
    ) -> None:
        super().__init__(name=name, body=body, on=on, declare=declare, time=time)

    def statements(self, table: str) -> str:
        a = self.arguments
        declared = f"DECLARE {a['declare']} " if a["declare"] else ""
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql "
            f"SECURITY DEFINER SET search_path = public, pg_temp AS $rule$ {declared}BEGIN "
            f"{a['body']} RETURN NEW; END $rule$; "
            f"REVOKE ALL ON FUNCTION {self.name}() FROM PUBLIC; "
            f"CREATE TRIGGER {self.name} {a['time']} {a['on']} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )

    def removal(self, table: str) -> str:
        return f"DROP TRIGGER {self.name} ON {table}; DROP FUNCTION {self.name}()"


def refuse(code: str, message: str) -> str:
    """SQL: refuse the row; `code` is what programs read, `message` names the cure."""
    said = message.replace("'", "''")
    return f"RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = '{code}', MESSAGE = '{said}';"


ONE_SIDE_OF_A_CLIENT = (
    "AC-06: one person never works for a client and for the firm that examines it. End one of the "
    "two first, or ask somebody else."
)
OPERATOR_OUTSIDE = (
    "ACC-18: an operator of the platform belongs to no organization. Use another account for one "
    "of the two."
)
OPERATOR_GUARD = Guard(
    name="operator_belongs_nowhere",
    on="INSERT",
    body=f"""{LOCK_PERSON}
  IF EXISTS (SELECT 1 FROM tenants_membership m WHERE m.person_id = NEW.person_id
      AND m.status = 'active') THEN {refuse("operator_outside", OPERATOR_OUTSIDE)} END IF;""",
)
MEMBERSHIP_GUARD = Guard(
    name="membership_on_one_side",
    on="INSERT OR UPDATE OF status",
    body=f"""IF NEW.status = 'active' THEN {LOCK_PERSON}
  IF EXISTS (SELECT 1 FROM tenants_operator o WHERE o.person_id = NEW.person_id) THEN
    {refuse("operator_outside", OPERATOR_OUTSIDE)}
  END IF;
  PERFORM 1 FROM tenants_organization WHERE id = NEW.organization_id FOR SHARE;
  IF EXISTS (SELECT 1 FROM tenants_membership m JOIN tenants_relationship r
      ON (r.firm_id, r.client_id) IN ((m.organization_id, NEW.organization_id),
                                      (NEW.organization_id, m.organization_id))
      WHERE m.person_id = NEW.person_id AND m.status = 'active' AND m.id <> NEW.id) THEN
    {refuse("conflict_of_roles", ONE_SIDE_OF_A_CLIENT)}
  END IF; END IF;""",
)
RELATIONSHIP_GUARD = Guard(
    name="relationship_between_strangers",
    on="INSERT",
    body=f"""PERFORM 1 FROM tenants_organization WHERE id IN (NEW.firm_id, NEW.client_id)
    ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM tenants_membership f JOIN tenants_membership c USING (person_id)
      WHERE f.organization_id = NEW.firm_id AND c.organization_id = NEW.client_id
        AND f.status = 'active' AND c.status = 'active') THEN
    {
        refuse(
            "conflict_of_roles",
            "AC-06: somebody belongs to both the firm and the client. One person never works for "
            "both; end one of the two memberships first.",
        )
    }
  END IF;""",
)
ASSIGNMENT_GUARD = Guard(
    name="assignment_kept_apart",
    on="INSERT OR UPDATE OF role, person_id, organization_id, engagement_id",
    declare="place tenants_engagement;",
    body=f"""{LOCK_PERSON}
  SELECT * INTO place FROM tenants_engagement WHERE id = NEW.engagement_id FOR NO KEY UPDATE;
  IF NEW.organization_id NOT IN (place.firm_id, place.client_id) THEN
    {refuse("assigned_by_a_side", "Only the firm and the client put people on an engagement.")}
  END IF;
  IF EXISTS (SELECT 1 FROM tenants_assignment a JOIN tenants_engagement e ON e.id = a.engagement_id
      WHERE a.person_id = NEW.person_id AND a.id <> NEW.id AND e.client_id = place.client_id
        AND (a.organization_id = place.client_id)
          <> (NEW.organization_id = place.client_id)) THEN
    {refuse("conflict_of_roles", ONE_SIDE_OF_A_CLIENT)}
  END IF;
  IF NEW.organization_id = place.firm_id THEN
    PERFORM 1 FROM tenants_organization WHERE id = place.firm_id FOR SHARE;
    IF EXISTS (SELECT 1 FROM tenants_assignment a, tickmark_sides(a.engagement_id) theirs,
        tickmark_sides(NEW.engagement_id) here
        WHERE a.person_id = NEW.person_id AND a.organization_id = place.firm_id
          AND a.id <> NEW.id AND theirs.wall_id = here.wall_id AND theirs.side <> here.side) THEN
      {
        refuse(
            "walled_apart",
            "AC-05: an ethics wall of the firm keeps this person off the engagement, because they "
            "work on its other side. Choose somebody else, or ask your firm administrator.",
        )
    }
    END IF;
    IF NEW.role = 'quality_reviewer' AND EXISTS (SELECT 1 FROM tenants_teamrole t
        WHERE t.engagement_id = NEW.engagement_id AND t.person_id = NEW.person_id
          AND t.role <> 'quality_reviewer') THEN
      {
        refuse(
            "reviewer_of_own_work",
            "SO-03: a quality reviewer has never worked on the engagement's team, and this person "
            "has. Choose another reviewer.",
        )
    }
    END IF;
  END IF;""",
)
OPENING_GUARD = Guard(
    name="opening_to_the_team",
    on="INSERT OR UPDATE",
    body=f"""{LOCK_PERSON}
  IF NOT EXISTS (SELECT 1 FROM tenants_assignment a WHERE a.engagement_id = NEW.engagement_id
      AND a.person_id = NEW.person_id AND a.organization_id = NEW.organization_id) THEN
    {refuse("not_assigned", "A permission is opened to somebody on the engagement alone.")}
  END IF;
  IF EXISTS (SELECT 1 FROM tenants_assignment a WHERE a.engagement_id = NEW.engagement_id
      AND a.person_id = NEW.person_id AND a.role = 'quality_reviewer') THEN
    {
        refuse(
            "reviewer_of_own_work",
            "SO-03: a quality reviewer does none of the team's work, so nothing of it is opened "
            "to them. Assign somebody else.",
        )
    }
  END IF;""",
)
SIDE_GUARD = Guard(
    name="walled_side_fits",
    on="INSERT",
    time="AFTER",
    declare="people text;",
    body=f"""PERFORM 1 FROM tenants_organization WHERE id = NEW.organization_id FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT 1 FROM tenants_relationship r WHERE r.firm_id = NEW.organization_id
      AND r.client_id = NEW.client_id) AND NOT EXISTS (SELECT 1 FROM tenants_engagement e
      WHERE e.firm_id = NEW.organization_id AND e.id = NEW.engagement_id) THEN
    {refuse("not_a_client", "Only the firm's own clients and engagements stand behind its walls.")}
  END IF;
  SELECT string_agg(DISTINCT u.name, ', ') INTO people
  FROM tenants_assignment a CROSS JOIN LATERAL tickmark_sides(a.engagement_id) one
  JOIN tenants_assignment b ON b.person_id = a.person_id AND b.organization_id = a.organization_id
  CROSS JOIN LATERAL tickmark_sides(b.engagement_id) other
  JOIN tenants_user u ON u.id = a.person_id
  WHERE a.organization_id = NEW.organization_id AND one.wall_id = NEW.wall_id
    AND other.wall_id = NEW.wall_id AND one.side < other.side;
  IF people IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = '23514', CONSTRAINT = 'works_on_both_sides', MESSAGE =
      'AC-05: on both sides of this wall work: ' || people || '. Let their leaders take them off '
      'one side first.';
  END IF;""",
)
