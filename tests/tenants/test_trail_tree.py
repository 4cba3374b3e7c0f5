"""The tree of a book: every entry once, no gaps, one root, whoever sequences (AUD-4)."""

from __future__ import annotations

import hashlib
import threading
from contextlib import contextmanager, nullcontext
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tenants import acting, trail
from tenants.actions import trail_checkpoints, trail_sequencing
from tenants.models import TrailEntry
from tenants.models.trail import ERASABLE
from tenants.queries.trail_books import pulse
from tenants.rules.trail_leaves import public, text_of
from tenants.trail_verifier import (
    checkpoints_in,
    commitment_of,
    digest_of,
    is_signed,
    key_in,
    leaf_of,
)
from tests.conftest import as_


@contextmanager
def as_system():
    """A cursor for the system's raw SQL."""
    system = acting.acting(acting.Actor(system=True))
    with system, transaction.atomic(), connection.cursor() as cursor:
        yield cursor


def owner(query, *values):
    """What the owner of the tables is told."""
    with settings.OWNER_CONNECTION.cursor() as cursor:
        return cursor.execute(query, values).fetchall()


def root_of(leaves):
    """RFC 9162, 2.1.1, as it is written there."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def write(world, count=1):
    """Entries of the world's engagement."""
    with as_(world.lead, world.firm), transaction.atomic():
        for number in range(count):
            trail.record(
                "noted", world.engagement, by=world.lead, engagement_id=world.engagement.pk,
                note=f"Note {number}",
            )  # fmt: skip


def placed(book):
    """(number, leaf) of a book, and every entry's leaf worked out from its content."""
    rows = owner(
        "SELECT p.number, l.zone, l.named, l.digest FROM tenants_trailplace p "
        "JOIN tenants_trailleaf l USING (entry_id) WHERE p.book_id = %s ORDER BY p.number", book,
    )  # fmt: skip
    return [row[0] for row in rows], [leaf_of(*row[1:3], bytes(row[3]).hex()) for row in rows]


class Threads:
    """Threads that act at once; what one raises is kept."""

    def __init__(self):
        self.faults = []

    def start(self, work, count=1):
        """`count` threads doing `work`."""
        threads = [threading.Thread(target=self._guarded, args=[work]) for _ in range(count)]
        for thread in threads:
            thread.start()
        return threads

    def _guarded(self, work):
        try:
            work()
        except BaseException as error:
            self.faults.append(error)
        finally:
            connection.close()


def join(threads):
    """Wait until they ended."""
    for thread in threads:
        thread.join(60)


@pytest.mark.django_db(transaction=True)
def test_two_sequencers_and_late_commits_leave_no_gap_and_one_root_aud_4(world):
    """Writers commit in another order than they began; two sequencers go on all the while."""
    book, late, stop, threads = world.engagement.pk, threading.Event(), threading.Event(), Threads()

    def write_and_wait():
        with as_(world.lead, world.firm), transaction.atomic():
            trail.record("late", world.engagement, by=world.lead, engagement_id=book)
            assert late.wait(60)

    def write_many():
        for _ in range(12):
            write(world)

    def keep_sequencing():
        while not stop.is_set():
            trail_sequencing.sequence()

    slow = threads.start(write_and_wait)
    sequencers = threads.start(keep_sequencing, 2)
    join(threads.start(write_many, 2))
    trail_sequencing.sequence_book(book, of_engagement=True)
    before = len(placed(book)[0])
    late.set()
    join(slow)
    stop.set()
    join(sequencers)
    trail_sequencing.sequence()

    numbers, leaves = placed(book)
    assert not threads.faults
    assert numbers == list(range(len(leaves)))
    written = owner("SELECT count(*) FROM tenants_trailentry WHERE engagement_id = %s", book)
    assert len(leaves) == before + 1 == written[0][0]
    size, peaks = owner("SELECT size, peaks FROM tenants_trailtree WHERE book_id = %s", book)[0]
    assert size == len(leaves)
    assert folded(bytes(peaks)) == root_of(leaves)


def folded(peaks):
    """The root, from those of the full subtrees, by hand."""
    nodes = [peaks[at : at + 32] for at in range(0, len(peaks), 32)]
    root = nodes.pop()
    while nodes:
        root = hashlib.sha256(b"\1" + nodes.pop() + root).digest()
    return root


def test_a_leaf_is_that_of_its_entry_as_it_is_read_back_aud_4(world):
    """Whatever was recorded in building the world hashes to what was handed to the sequencer."""
    with as_(world.lead, world.firm):
        write(world, 3)
        entries = list(TrailEntry.objects.filter(engagement_id=world.engagement.pk))
    assert len(entries) > 10
    for entry in entries:
        assert digest_of(public(entry)) == bytes(entry.digest).hex(), entry
        assert commitment_of(text_of(entry)) == bytes(entry.commitment).hex(), entry


def test_a_pass_over_the_last_minutes_leaves_what_is_older_to_the_full_one(world):
    write(world)
    trail_sequencing.sequence()
    write(world)
    assert trail_sequencing.sequence(trail_sequencing.timedelta(0)) == 0
    assert trail_sequencing.sequence(trail_sequencing.timedelta(minutes=2)) == 1
    assert trail_sequencing.sequence() == 0


def test_the_system_sees_hashes_and_no_entry_aud_4(world):
    with as_system() as cursor:
        cursor.execute("SELECT count(*) FROM tenants_trailleaf")
        assert cursor.fetchone()[0] > 0
        cursor.execute("SELECT count(*) FROM tenants_trailentry")
        assert cursor.fetchone()[0] == 0


def test_a_sequencer_that_is_silent_or_behind_is_not_well_ops_5(world):
    assert not pulse().is_well
    trail_sequencing.sequence()
    trail_sequencing.note_pulse(None)
    assert pulse().is_well
    assert pulse().lag_seconds is not None
    with as_system() as cursor:
        cursor.execute("UPDATE tenants_trailpulse SET seen_at = seen_at - interval '1 hour'")
    assert not pulse().is_well


def test_a_book_that_grew_is_signed_and_one_that_did_not_is_not_aud_5(world):
    book = world.engagement.pk
    trail_sequencing.sequence()
    assert trail_checkpoints.sign_due() > 0
    assert trail_checkpoints.sign_due() == 0
    first = trail_checkpoints.fresh(book, of_engagement=True)
    assert trail_checkpoints.fresh(book, of_engagement=True) == first
    write(world)
    second = trail_checkpoints.fresh(book, of_engagement=True)
    assert (second.size, second.book_id) == (first.size + 1, book)
    (said,) = checkpoints_in(f"> {second.text}".replace("\n", "\n> "))  # as a mail quotes it
    assert (said.book, said.size, said.root.hex()) == (str(book), second.size, second.root)
    assert is_signed(said, key_in(second.key))
    assert not is_signed(said._replace(size=said.size + 1), key_in(second.key))
    assert root_of(placed_in_test(book)) == said.root


def placed_in_test(book):
    """The leaves of a book inside the test's own transaction."""
    with as_system() as cursor:
        cursor.execute(
            "SELECT l.zone, l.named, l.digest FROM tenants_trailplace p "
            "JOIN tenants_trailleaf l USING (entry_id) WHERE p.book_id = %s ORDER BY p.number",
            [book],
        )  # fmt: skip
        return [leaf_of(*row[:2], bytes(row[2]).hex()) for row in cursor.fetchall()]


INSERTED = {
    "tenants_trailentry": "(id, at, engagement_id, zone, person_name, verb, subject_type, "
    "subject_label, subject_version, before, after, note, detail, request_id, commitment, digest) "
    "VALUES (%(id)s, now(), %(book)s, 'shared', '', 'noted', '', '', 0, '', '', '', '{}', '', '', "
    "'')",
    "tenants_trailleaf": "(entry_id, book_id, of_engagement, zone, named, digest) "
    "VALUES (%(id)s, %(book)s, true, 'shared', false, '')",
    "tenants_trailplace": "(entry_id, book_id, number) VALUES (%(id)s, %(book)s, 999)",
    "tenants_trailcheckpoint": "(id, book_id, size, root, at, key, text) "
    "VALUES (%(id)s, %(book)s, 999, '', now(), '', '')",
}  # fmt: skip
KEY = {"tenants_trailentry": "id", "tenants_trailcheckpoint": "id"}
STATEMENTS = ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0}")


@pytest.mark.parametrize("table", INSERTED)
@pytest.mark.parametrize("system", [False, True], ids=["person", "system"])
def test_the_application_has_no_right_to_change_what_is_written_aud_3(world, table, system):
    trail_checkpoints.fresh(world.engagement.pk, of_engagement=True)
    person = acting.Actor(person_id=world.lead.pk, organization_id=world.firm.pk)
    for statement in STATEMENTS:
        text = statement.format(table, KEY.get(table, "entry_id"))
        with acting.acting(acting.Actor(system=True) if system else person):
            with pytest.raises(Exception, match="permission denied"):
                executed(text)
            executed(f"SELECT count(*) FROM {table}")


@transaction.atomic
def executed(text, values=None):
    """A statement in a transaction (or savepoint) of its own."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)


@pytest.mark.parametrize("table", INSERTED)
@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_owner_of_the_tables_changes_nothing_written_aud_3(world, table, statement):
    values = {"id": uuid4(), "book": uuid4()}
    with settings.OWNER_CONNECTION.transaction(force_rollback=True):
        settings.OWNER_CONNECTION.execute(f"INSERT INTO {table} {INSERTED[table]}", values)
        with pytest.raises(Exception, match=r"never changed|referenced in a foreign key"):
            settings.OWNER_CONNECTION.execute(statement.format(table, KEY.get(table, "entry_id")))


@pytest.mark.parametrize("table", ["tenants_trailplace", "tenants_trailcheckpoint"])
def test_the_system_alone_places_and_signs_aud_3(world, table):
    statement = f"INSERT INTO {table} {INSERTED[table]}"
    values = {"id": uuid4(), "book": world.engagement.pk}
    with as_(world.lead, world.firm), pytest.raises(Exception, match="row-level security"):
        executed(statement, values)
    with as_system() as cursor:
        cursor.execute(statement, values)


def without_digest(entry):
    """An entry that PostgreSQL will not take."""
    entry.commitment, entry.digest = b"", None
    return entry


def test_an_entry_that_cannot_be_written_undoes_its_effect_aud_2(world, as_lead, monkeypatch):
    """The insert fails in PostgreSQL; the twin shows that the same act succeeds otherwise."""
    from tenants.actions import engagements

    engagement = world.engagement
    monkeypatch.setattr("tenants.trail.seal", without_digest)
    with pytest.raises(Exception, match="null value in column"):
        engagements.move(engagement, "begin", by=as_lead)
    engagement.refresh_from_db()
    assert engagement.status == "draft"
    monkeypatch.undo()
    engagements.move(engagement, "begin", by=as_lead)
    assert engagement.status == "acceptance"


@pytest.fixture
def as_owner(django_db_setup):
    """Django's own connection as the owner of the tables, as `migrate` has it."""
    login, info = dict(connection.settings_dict), settings.OWNER_CONNECTION.info
    connection.close()
    connection.settings_dict.update(USER=info.user, PASSWORD=info.password)
    yield
    connection.close()
    connection.settings_dict.update(login)


@pytest.mark.django_db(transaction=True)
def test_erased_text_is_gone_and_the_trail_still_verifies_aud_7(world, as_owner, capsys):
    write(world, 2)
    book = world.engagement.pk
    (key,) = owner("SELECT id FROM tenants_trailentry WHERE note = 'Note 1'")[0]
    trail_checkpoints.fresh(book, of_engagement=True)
    call_command("erase_trail_text", str(key), "--reason", "A lawful request.")
    with pytest.raises(CommandError, match="erased already"):
        call_command("erase_trail_text", str(key), "--reason", "Again.")
    left = owner("SELECT person_name, note, detail::text, address, salt, verb "
                 "FROM tenants_trailentry WHERE id = %s", key)  # fmt: skip
    assert left == [("", "", "{}", None, None, "noted")]
    call_command("verify_trail", str(book))
    assert "In order" in capsys.readouterr().out


def test_the_owner_erases_all_the_text_of_an_entry_or_nothing_aud_7(db):
    """The twin also changes a public field; another leaves the note where it is."""
    gone = ", ".join(f"{name} = {to}" for name, to in ERASABLE.items())
    for change, lets in ((gone, True), (f"{gone}, verb = 'other'", False),
                         (gone.replace("note = '', ", ""), False)):  # fmt: skip
        values = {"id": uuid4(), "book": uuid4()}
        raw = settings.OWNER_CONNECTION
        with raw.transaction(force_rollback=True):
            raw.execute(f"INSERT INTO tenants_trailentry {INSERTED['tenants_trailentry']}", values)
            raw.execute("ALTER TABLE tenants_trailentry DISABLE TRIGGER USER")
            raw.execute("UPDATE tenants_trailentry SET note = 'A name' WHERE id = %(id)s", values)
            raw.execute("ALTER TABLE tenants_trailentry ENABLE TRIGGER USER")
            with nullcontext() if lets else pytest.raises(Exception, match="never changed"):
                raw.execute(f"UPDATE tenants_trailentry SET {change} WHERE id = %(id)s", values)


def test_a_trail_changed_in_the_database_is_found_from_inside_ev_03(world):
    """The twin is the trail as it was; then the owner, triggers off, changes one entry."""
    from tenants.actions.trail_checks import check

    book = world.engagement.pk
    task = acting.Actor(engagement_id=book)
    with acting.acting(task):
        assert check(book, of_engagement=True)[0] == []
    with as_system() as cursor:  # what an attacker could do in the application's place
        cursor.execute("SELECT count(*) FROM tenants_trailplace WHERE book_id = %s", [book])
        size = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO tenants_trailplace (entry_id, book_id, number) VALUES (%s, %s, %s)",
            [uuid4(), book, size],
        )
        cursor.execute("UPDATE tenants_trailtree SET size = size + 1 WHERE book_id = %s", [book])
    with acting.acting(task):
        faults, _ = check(book, of_engagement=True)
    assert any("places" in fault for fault in faults)
