"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tenants.models import User

GOOD = "seven green kettles sing"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        (GOOD, None),
        ("x9!Kp2#vLq8@mZt", None),
        ("sieben grüne Kessel 唱歌", None),
        (GOOD[:14], "password_too_short"),
        (GOOD[:15], None),
        (f"{GOOD} {'kettle ' * 15}"[:128], None),
        (f"{GOOD} {'kettle ' * 15}x"[:129], "password_too_long"),
        ("passwordpassword", "password_too_common"),
        ("qwertyuiopasdfgh", "password_too_common"),
        ("password1234567", "password_too_common"),
        ("111111111111111", "password_too_common"),
        ("iloveyou123456789", "password_too_common"),
        ("summer2026summer2026", "password_too_common"),
        ("p4ssw0rdp4ssw0rd!", "password_too_common"),
        ("lena.lead@people.example", "password_of_context"),
        ("Lena Lead Lena Lead 26", "password_of_context"),
        ("Tickmark2026Tickmark", "password_of_context"),
        ("Harbour & Finch LLP 2026", "password_of_context"),
        ("Harbour kettles sing loudly", None),
    ],
)
def test_a_password_is_long_and_hard_to_guess_aut_2(world, password, code):
    """Any composition; the organization, the person and the product do not count."""
    User.objects.filter(pk=world.lead.pk).update(email="lena.lead@people.example")
    world.lead.email = "lena.lead@people.example"
    with pytest.raises(ValidationError) if code else nullcontext() as refused:
        validate_password(password, world.lead)
    if code:
        assert code in [error.code for error in refused.value.error_list]


def test_a_password_is_kept_as_argon2id_at_19_mib_and_2_passes_or_more_aut_2():
    """Read back from what is stored."""
    algorithm, variety, _, parameters, *_ = make_password(GOOD).split("$")
    found = dict(one.split("=") for one in parameters.split(","))
    assert (algorithm, variety) == ("argon2", "argon2id")
    assert int(found["m"]) >= 19 * 1024
    assert int(found["t"]) >= 2
