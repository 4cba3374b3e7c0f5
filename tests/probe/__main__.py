"""`make probe`: people who should see nothing ask for everything, and nothing may come out.

    python -m tests.probe                            50,000 requests
    python -m tests.probe --requests 5000 --seed 7   fewer, and the same again

Prints what was asked and found; ends with 1 when anything leaked, differed or changed.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from math import inf
from typing import Any

from tests.probe.place import Place, standing


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.probe")
    parser.add_argument("--requests", type=int, default=50_000, help="about how many")
    parser.add_argument("--minutes", type=float, default=inf, help="stop asking after so long")
    parser.add_argument("--seed", type=int, default=None, help="what they are drawn from")
    given = parser.parse_args()
    seed = secrets.randbelow(2**31) if given.seed is None else given.seed
    shown = sys.stderr
    began = time.monotonic()

    def progress(line: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {line}", file=shown, flush=True)

    progress(f"seed {seed}: making a database")
    with standing() as place:
        from tests.probe import campaign, stage

        set_up = stage.set_up()
        progress(f"{len(set_up.canaries):,} canaries planted")
        report = campaign.run(set_up, given.requests, seed, progress, given.minutes * 60)
        left = _left_behind(place, set_up, progress)
        print(_printed(set_up, report, left, time.monotonic() - began))
        return 1 if report.failed or left else 0


def _left_behind(place: Place, stage: Any, progress: Any) -> list[str]:
    """Make errors happen, let all letters go out, then search what is left."""
    from django.conf import settings

    from tests.probe import remains, trouble

    progress("provoking errors, sending letters")
    trouble.provoke(stage)
    sys.stderr.flush()
    found = [
        *remains.in_text(place.log.read_text(errors="replace"), "the log", stage),
        *remains.in_text(remains.broker_text(place.redis), "the broker", stage),
        *remains.in_letters(settings.EMAIL_FILE_PATH, stage),
        *remains.in_database(stage),
    ]
    count = sum(1 for _ in remains.letters(settings.EMAIL_FILE_PATH))
    progress(
        f"searched {place.log.stat().st_size:,} bytes of log, {count} letters, "
        f"{len(remains.broker_text(place.redis)):,} bytes of the broker, every table"
    )
    return found


def _printed(stage: Any, report: Any, left: list[str], seconds: float) -> str:
    from tests.probe import campaign

    lines = [f"{'asked':28}{'requests':>10}{'findings':>10}"]
    for kind, count in sorted(report.requests.items()):
        wrong = sum(n for text, n in report.wrong.items() if text.startswith(f"{kind}:"))
        lines.append(f"{kind:28}{count:>10,}{wrong:>10,}")
    lines.append(f"{'all':28}{report.total:>10,}{sum(report.wrong.values()):>10,}")
    lines.append(
        f"\n{campaign.routes_asked(report)} routes, {len(report.asked):,} routes by method and "
        f"position, {len(stage.callers)} callers, {len(stage.canaries):,} canaries, "
        f"{len(report.read):,} of them read by who may"
    )
    for what, changed in report.kept.items():
        lines.append(f"{what}: {'CHANGED: ' + ', '.join(changed) if changed else 'the same'}")
    for where, (foreign, absent) in sorted(report.seconds.items()):
        chance = campaign.apart(foreign, absent)
        lines.append(
            f"time tells foreign from absent, {where}: {chance:.3f} in {len(foreign):,} pairs"
        )
    lines.append(f"planted values in logs, letters, broker and tables: {len(left)}")
    lines += [f"  {text}" for text in left[:50]]
    lines += [f"  {count} x {text}" for text, count in report.wrong.most_common(60)]
    lines.append(f"seed {report.seed}, {seconds:.0f} s, {report.total / seconds:.0f} requests/s")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
