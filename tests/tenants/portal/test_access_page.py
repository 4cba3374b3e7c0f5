"""The page “Who may do what”."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("who", "role"), [("senior", "Senior"), ("client", "Client administrator")]
)
def test_ones_own_role_is_shown_first_acc_1(browser_of, who, role):
    page = browser_of(who).get("/access/").content.decode()
    assert f"What your role may do: {role}." in page
    assert "Send to client" in page


def test_a_role_and_a_record_can_be_chosen(browser_of):
    page = browser_of("client").get("/access/?who=senior&record=package").content.decode()
    assert "What this role may do: Senior." in page
    assert page.count('<h2 id="record-') == 1
    assert "Try again" in page
    assert "May not" in page
    assert "Send to client" not in page


def test_every_role_is_shown_side_by_side(browser_of):
    page = browser_of("client").get("/access/?who=everybody&record=evidence_request")
    assert "Sees it, may not" in page.content.decode()
    assert "Control owner of the request" in page.content.decode()


def test_what_nobody_offered_is_not_asked(browser_of):
    page = browser_of("senior").get("/access/?who=nonsense&record=nonsense")
    assert page.status_code == 200
    assert "What your role may do: Senior." in page.content.decode()
