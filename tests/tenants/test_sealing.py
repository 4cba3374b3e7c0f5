"""What lies sealed in columns, and changing the key."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import call_command

from tenants.sealing import SealBroken, seal, unseal

OLD, NEW = "o" * 48, "n" * 48


def test_a_seal_opens_for_its_purpose_alone_and_unchanged_dat_3():
    sealed = seal("secret words", "factor")
    assert "secret" not in sealed
    assert unseal(sealed, "factor") == "secret words"
    assert seal("secret words", "factor") != sealed
    changed = sealed[:-8] + ("A" if sealed[-8] != "A" else "B") + sealed[-7:]
    for text, purpose in ((sealed, "session"), (changed, "factor"), ("", "factor")):
        with pytest.raises(SealBroken):
            unseal(text, purpose)


def test_a_key_is_changed_by_listing_two_dat_3(world, settings):
    """The old one opens until everything is sealed anew; then it can go."""
    settings.COLUMN_KEYS = [OLD]
    TOTP.activate(world.lead, "JBSWY3DPEHPK3PXP")
    settings.COLUMN_KEYS = [NEW, OLD]
    before = Authenticator.objects.get().data["secret"]
    call_command("reseal_columns", verbosity=0)
    after = Authenticator.objects.get().data["secret"]
    assert before != after
    settings.COLUMN_KEYS = [NEW]
    assert unseal(after, "factor") == "JBSWY3DPEHPK3PXP"
    with pytest.raises(SealBroken):
        unseal(before, "factor")
