"""Settings of single sign-on, read from the environment."""

from __future__ import annotations

import os


def private_hosts() -> frozenset[str]:
    """Names of identity providers that may lie on a private address, as the operator lists them."""
    listed = os.environ.get("SINGLE_SIGN_ON_HOSTS", "")
    return frozenset(name.strip().lower() for name in listed.split(",") if name.strip())
