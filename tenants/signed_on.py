"""A session that an organization's provider began: good in that organization alone (AUT-11).

A provider speaks for its own organization. Whoever runs it could sign in as any of its members, so
such a session reaches no other organization of the person and changes nothing of their account.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.base import SessionBase

KEY = "signed_on"
METHODS = "account_authentication_methods"
"""Session key of allauth: how the person proved who they are, one entry for each proof."""


def bind(session: SessionBase, organization: Any) -> None:
    """Note that the organization's provider signed this session in."""
    session[KEY] = {"organization": str(organization.pk), "epoch": organization.sign_on_epoch}


def is_bound(session: SessionBase) -> bool:
    """Whether some organization's provider signed this session in."""
    return KEY in session


def reaches(session: SessionBase, organization: Any) -> bool:
    """Whether the session may act in the organization, as far as the way it began goes."""
    bound = session.get(KEY)
    if bound is None:
        return True
    same = bound["organization"] == str(organization.pk)
    return same and bound["epoch"] == organization.sign_on_epoch


def used_second_factor(session: SessionBase) -> bool:
    """Whether the person showed a passkey or second factor of their own in this session."""
    return any(each.get("method") == "mfa" for each in session.get(METHODS, []))
