"""Links to the evidence host: made after the check, used once, then a grant (UPL-13)."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db.models.functions import Now

from evidence.choices import Downloadable
from evidence.models import DownloadLink
from tenants import acting
from tenants.errors import NotVisible
from tenants.models import User
from tenants.secrets import hash_of, new_secret

LINK_PREFIX, BROWSER_PREFIX = "tml_", "tmb_"
LINK_LIVES = timedelta(seconds=60)
GRANT_LIVES = timedelta(hours=12)
"""As long as a session at most; the session or token is asked at every range."""
KEPT = timedelta(days=1)
USED = "This link was used before or is older than a minute. Go back and start the download again."


def make(
    kind: Downloadable, subject_id: UUID, *, by: User, session_key: str = "", token_hash: str = ""
) -> str:
    """The secret of a new link for `by`, bound to the session or token given; their old ones go.

    The caller has checked that `by` may have the object now.
    """
    acting.require_is_acting(by)
    mine = DownloadLink.objects.filter(person=by)
    mine.filter(made_at__lt=Now() - KEPT).delete()
    secret = new_secret(LINK_PREFIX)
    DownloadLink.objects.create(
        organization_id=acting.organization_id(), person=by, kind=kind, subject_id=subject_id,
        link_hash=secret.hash, token_hash=token_hash,
        sealed_session=_seal().encrypt(session_key.encode()).decode() if session_key else "",
    )  # fmt: skip
    return secret.text


def find(presented: str, browser: str) -> DownloadLink:
    """The link with this hash, while it works for a browser with this key ("" for none yet).

    Asked while the hash is presented (`Actor.presented`). Raises NotVisible for one that is
    unknown, used elsewhere or too old, all alike.
    """
    rows = DownloadLink.objects.select_related("person")
    fresh = rows.filter(opened_at=None, made_at__gt=Now() - LINK_LIVES)
    granted = rows.filter(browser_hash=hash_of(browser), opened_at__gt=Now() - GRANT_LIVES)
    found = (fresh | granted).filter(link_hash=presented).first()
    if found is None:
        raise NotVisible(USED)
    return found


def open_grant(link: DownloadLink, *, by: User, browser: str) -> str:
    """Use the link up: from now on it works for one browser. Returns that browser's key.

    A browser keeps the key it has when it was given to the same person before. Of two uses at
    once one wins. Raises NotVisible for the other.
    """
    acting.require_is_acting(by)
    known = DownloadLink.objects.filter(person=by, browser_hash=hash_of(browser)).exists()
    key = browser if browser and known else new_secret(BROWSER_PREFIX).text
    unused = DownloadLink.objects.filter(pk=link.pk, opened_at=None)
    if not unused.filter(made_at__gt=Now() - LINK_LIVES).update(
        opened_at=Now(), browser_hash=hash_of(key)
    ):
        raise NotVisible(USED)
    return key


def session_key_of(link: DownloadLink) -> str:
    """The key of the session in which the link was made; "" when it no longer opens."""
    try:
        return _seal().decrypt(link.sealed_session.encode()).decode()
    except InvalidToken:
        return ""


def _seal() -> Fernet:
    derived = hashlib.sha256(f"evidence.download_links:{settings.SECRET_KEY}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.digest()))
