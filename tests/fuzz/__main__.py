"""`make fuzz`: generated requests to every operation, judged by the schema (API-9, API-10).

    python -m tests.fuzz                                  200,000 requests; an hour on one core
    python -m tests.fuzz --requests 5000 --seed 7         a quick look
    python -m tests.fuzz --only evidence-requests         operations whose address holds these words
    python -m tests.fuzz --requests 2000 --lives 1        play evidence requests, and nothing else

Plays the sample into a database of its own, asks as its people, prints what was asked and ends
with 1 when an answer was a 5xx, broke the schema, or was another than the model of an evidence
request's life says (tests/fuzz/life.py).
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time

from tests.bench.place import measuring


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    parser.add_argument("--only", default="", help="a part of the addresses to ask")
    parser.add_argument(
        "--lives",
        type=float,
        default=0.1,
        help="the share of them that plays evidence requests from their draft on",
    )
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    began = time.monotonic()
    with measuring() as place:
        place.manage("load_sample")
        from tests.fuzz.campaign import Campaign

        accounts = (place.folder / "sample-accounts.json").read_text(encoding="utf-8")
        campaign = Campaign(json.loads(accounts), given.seed)
        try:
            campaign.run(given.requests, only=given.only, lives=given.lives)
        finally:
            print(campaign.told(time.monotonic() - began), flush=True)
    return 1 if campaign.faults else 0


if __name__ == "__main__":
    sys.exit(main())
