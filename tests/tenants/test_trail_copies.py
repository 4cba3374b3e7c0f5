"""Copies of a trail, and the verifier that is shipped: AUD-6 to AUD-9."""

from __future__ import annotations

import ast
import csv
import io
import json
import subprocess
import sys
from dataclasses import replace

import pytest

from tenants import trail_verifier
from tenants.rules.merkle import Levels
from tenants.rules.trail_copies import csv_head, csv_line, open_line
from tenants.rules.trail_leaves import seal
from tenants.trail_verifier import (
    PROOF_FORMAT,
    Tree,
    canonical,
    is_consistent,
    leaf_of,
    root_by_path,
)
from tests.tamper.campaign import SOURCE, faults, run, shipped
from tests.tamper.changes import CHANGES
from tests.trails import Trail

FORGING = ["two\nlines", '","number":99,"x":"', "\u2028\u2029\x85", "\x1b[2J\x07", "\u202eright",
           "a\r\n=1+1", "\x00\x08"]  # fmt: skip


@pytest.fixture(scope="module")
def trail() -> Trail:
    return Trail(45)


def verify(*arguments, cwd):
    """The shipped file, run as people run it."""
    (cwd / "verify_trail.py").write_bytes(SOURCE.read_bytes())
    command = [sys.executable, "-I", "verify_trail.py", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_proofs_agree_with_the_tree_for_every_size_aud_6():
    leaves = [bytes([n]) * 32 for n in range(33)]
    levels, tree, roots = Levels(leaves), Tree(), {}
    for size, leaf in enumerate(leaves, 1):
        tree.append(leaf)
        roots[size] = levels.root(size)
        assert tree.root() == Tree(size, tree.peaks).root() == roots[size]
        for number in range(size):
            path = levels.inclusion(number, size)
            assert root_by_path(leaves[number], number, size, path) == roots[size]
            assert root_by_path(leaf[:-1] + b"x", number, size, path) != roots[size]
        for first in range(1, size + 1):
            path = levels.consistency(first, size)
            assert is_consistent(first, size, roots[first], roots[size], path)
            assert not is_consistent(first, size, b"\1" * 32, roots[size], path)


@pytest.mark.parametrize("view", ["firm", "client"])
def test_each_side_reads_its_own_view_and_proves_it_aud_8(trail, view, tmp_path):
    """Nothing of the other side's text is in the copy, and the same root comes out of both."""
    lines = trail.copy(view, proofs=True)
    other = {"firm": "client", "client": "firm"}[view]
    everything = b"".join(lines)
    hidden = [each for each in trail.entries if each.zone == other or each.named is not None]
    assert hidden
    for entry in hidden:
        assert entry.subject_label.encode() not in everything
        assert str(entry.pk).encode() not in everything
    (tmp_path / "trail.jsonl").write_bytes(everything)
    (tmp_path / "mail.txt").write_text(trail.checkpoint(20))
    done = verify("trail.jsonl", "--checkpoint", "mail.txt", "--key", trail.public_key,
                  "--view", view, cwd=tmp_path)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert f"root {trail.levels.root().hex()}" in done.stdout
    assert "NOTE" not in done.stdout


def test_a_selection_proves_what_it_holds_and_is_named_as_one_aud_8(trail, tmp_path):
    shared = [n for n, each in enumerate(trail.entries) if each.zone == "shared"][:5]
    (tmp_path / "some.jsonl").write_bytes(b"".join(trail.selection(shared)))
    done = verify("some.jsonl", "--selection", "--key", trail.public_key, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "it is a selection" in verify("some.jsonl", cwd=tmp_path).stdout
    lines = trail.selection(shared)
    lines[2] = lines[2].replace(b'"before":"open"', b'"before":"sent"')
    (tmp_path / "some.jsonl").write_bytes(b"".join(lines))
    done = verify("some.jsonl", "--selection", cwd=tmp_path)
    assert (done.returncode, "its proof leads elsewhere" in done.stdout) == (1, True)


def test_two_checkpoints_are_proved_to_be_of_one_trail_aud_6(trail, tmp_path):
    for name, size in (("old", 17), ("new", 45)):
        (tmp_path / f"{name}.txt").write_text(trail.checkpoint(size))
    path = [step.hex() for step in trail.levels.consistency(17, 45)]
    (tmp_path / "proof.json").write_text(json.dumps({"format": PROOF_FORMAT, "path": path}))
    both = ("--consistency", "proof.json", "--checkpoint", "new.txt", "--checkpoint")
    assert verify(*both, "old.txt", cwd=tmp_path).returncode == 0
    anew = Trail(45, seed=9)
    (tmp_path / "other.txt").write_text(
        anew.checkpoint(17).replace(str(anew.book), str(trail.book))
    )
    done = verify(*both, "other.txt", cwd=tmp_path)
    assert (done.returncode, "does not continue" in done.stdout) == (1, True)


def test_a_signature_of_another_key_is_no_signature_aud_5(trail, tmp_path):
    (tmp_path / "trail.jsonl").write_bytes(b"".join(trail.copy()))
    key = Trail(1, seed=3).public_key
    done = verify("trail.jsonl", "--key", key, cwd=tmp_path)
    assert (done.returncode, "not signed with this key" in done.stdout) == (1, True)


def test_every_change_to_a_copy_is_found_and_no_untouched_one_accused_aud_6(tmp_path):
    """The small form of `make tamper`."""
    outcome = run(shipped(tmp_path), 10 * len(CHANGES), seed=20261123, size=20)
    assert not outcome.missed
    assert set(outcome.found) == set(CHANGES)
    assert (outcome.untouched > 0, outcome.accused) == (True, 0)


def test_a_place_beyond_every_checkpoint_proves_nothing_aud_6(trail, tmp_path):
    """An entry put after the last that a checkpoint covers changes no root it names."""
    head, *lines = trail.copy(own=False)
    (tmp_path / "mail.txt").write_text(trail.checkpoint())
    forged = json.loads(lines[-1]) | {"number": len(lines)}
    longer = json.loads(head) | {"size": len(lines) + 1}
    copies = {"whole": [head, *lines], "longer": [canonical(longer), *lines, canonical(forged)]}
    said = {}
    for name, copy in copies.items():
        (tmp_path / name).write_bytes(b"".join(copy))
        said[name] = verify(name, "--checkpoint", "mail.txt", cwd=tmp_path)
    assert said["whole"].returncode == 0, said["whole"].stdout
    assert said["longer"].returncode == 1
    assert "its last 1 places are covered by no checkpoint" in said["longer"].stdout


def test_an_erased_text_leaves_the_tree_provable_and_needs_its_entry_aud_7(tmp_path):
    """The twin lacks the entry that says whose text was erased."""
    trail, verifier = Trail(12), shipped(tmp_path)
    erased = next(each for each in trail.entries if each.zone == "shared" and not each.named)
    for said, expected in ((erased.pk, 0), (trail.book, 1)):
        last = trail.entries[-1]
        last.verb, last.zone, last.named, last.subject_id = "text_erased", "shared", None, said
        copied = Trail(12)
        copied.entries[-1] = seal(last)
        copied.entries[copied.places[trail.entries.index(erased)].number].salt = None
        found = rebuilt(copied)
        assert len(faults(verifier, found.copy(), found.checkpoint())) == expected


def rebuilt(trail):
    """The same trail with places and tree of its entries as they are now."""
    trail.places = [
        replace(place, zone=entry.zone, named=entry.named is not None, digest=entry.digest.hex())
        for place, entry in zip(trail.places, trail.entries, strict=True)
    ]
    trail.levels = Levels([leaf_of(each.zone, each.named, each.digest) for each in trail.places])
    return trail


@pytest.mark.parametrize("text", FORGING)
def test_no_text_can_make_another_line_of_a_copy_aud_9(trail, text):
    entry = seal(with_text(text))
    line = open_line(trail.places[0], entry)
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert not any(byte < 32 for byte in line[:-1])
    assert json.loads(line)["text"]["note"] == text


@pytest.mark.parametrize("text", [*FORGING, "=cmd|'/c calc'!A0", "+1", "-1", "@x", "\t=1", "'=1"])
def test_no_text_can_make_another_line_or_run_in_a_csv_aud_9_upl_16(text):
    lines = (csv_head(), csv_line(0, with_text(text)), csv_line(1, with_text("plain")))
    content = b"".join(lines).decode()
    assert content.count("\r\n") == 3
    assert not any(ord(each) < 32 for each in content.replace("\r\n", ""))
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff"))))
    assert len(rows) == 3
    assert not any(
        each.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for each in row
    )
    assert rows[2][9] == "plain"


def with_text(text):
    """An entry whose every text is this one."""
    entry = Trail(1).entries[0]
    entry.person_name = entry.subject_label = entry.note = text
    entry.detail = {text: text}
    return entry


def test_the_verifier_needs_no_newer_python_than_3_8_and_nothing_else():
    tree = ast.parse(SOURCE.read_text(), feature_version=(3, 8))
    modules = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import)
               for each in node.names}  # fmt: skip
    modules |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {each.split(".")[0] for each in modules} <= {*sys.stdlib_module_names}
    assert trail_verifier.main.__doc__
