"""`make bench` keeps working; how long anything takes is not asked here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it small, on a database of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", "--small", *arguments], cwd=ROOT, env=os.environ,
        capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip


def test_the_bench_measures_import_and_sweep_and_prints_one_table() -> None:
    done = bench("imports", "sweep")
    assert done.returncode == 0, done.stderr[-3000:]
    table = done.stdout.splitlines()
    assert table[0].split()[:4] == ["job", "floor", "ours", "ratio"]
    assert sum("import of" in line for line in table) == 1
    assert "reminder sweep" in done.stdout


def test_the_bench_names_a_part_it_does_not_know() -> None:
    done = bench("nothing")
    assert done.returncode == 2
    assert "no part is called nothing" in done.stderr
