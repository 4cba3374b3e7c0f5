"""One spelling of a value: equal contents have equal hashes, also after a way through jsonb."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.canonical import canonical, digest, plain

NAIVE = datetime(2026, 1, 2, tzinfo=UTC).replace(tzinfo=None)
KEY = UUID("0198c5d2-0000-7000-8000-000000000001")
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def test_the_spelling_is_fixed():
    value = {"b": [1, True, None, ""], "a": "é\n", "at": datetime(2026, 1, 2, 3, tzinfo=UTC)}
    assert canonical(value) == (
        '{"a":"é\\n","at":"2026-01-02T03:00:00.000000Z","b":[1,true,null,""]}'.encode()
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({3, 1, 2}, [1, 2, 3], True),
        (date(2026, 1, 2), "2026-01-02", True),
        (datetime(2026, 1, 2, 3, tzinfo=UTC),
         datetime(2026, 1, 2, 4, tzinfo=timezone(timedelta(hours=1))), True),
        (Decimal("1.50"), "1.50", True),
        (KEY, str(KEY), True),
        (None, "", False),
        (1, "1", False),
        (Decimal("1.5"), Decimal("1.50"), False),
        ([1, 2], [2, 1], False),
    ],
)  # fmt: skip
def test_what_is_equal_and_what_is_not(one, other, same):
    assert (digest(one) == digest(other)) is same


@pytest.mark.parametrize("value", [1.5, {"a": float("nan")}, {1: "a"}, b"a", NAIVE])
def test_what_has_no_one_spelling_is_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


def test_a_zero_character_is_refused():
    assert canonical("a")
    with pytest.raises(ValueError, match="zero"):
        canonical({"a": "b\0"})


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_jsonb_there_and_back_keeps_the_digest(django_db_setup, django_db_blocker, value):
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [json.dumps(plain(value))])
        assert digest(json.loads(cursor.fetchone()[0])) == digest(value)
