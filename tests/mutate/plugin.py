"""Loaded by pytest before anything of ours: one module is compiled without one guard."""

from __future__ import annotations

import json
import os

from tests.mutate.guards import ROOT
from tests.mutate.loading import load_changed, replaced

MUTANT = "TICKMARK_MUTANT"
"""Variable of the environment: path, span and replacement, as JSON."""

if MUTANT in os.environ:
    told = json.loads(os.environ[MUTANT])
    load_changed(
        {ROOT / told["path"]: lambda raw: replaced(raw, tuple(told["span"]), told["replacement"])}
    )
