"""The broker of `make run` is run as it must be, and the probe finds one that is not (OPS-2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command

from grc.broker import probe
from grc.embedded.folder import Secrets, secrets_of
from grc.embedded.places import place_for
from grc.embedded.valkey import _running, cache, valkey

ALL = {
    "asks for a password", "is on a private address", "keeps an append-only file",
    "evicts nothing", "refuses dangerous commands", "is apart from the cache",
}  # fmt: skip


def failing(broker: str, cache_url: str) -> set[str]:
    """What does not hold."""
    findings = list(probe(broker, cache_url))
    assert {finding.what for finding in findings} == ALL
    return {finding.what for finding in findings if not finding.holds}


@pytest.fixture
def place(tmp_path: Path) -> tuple[Any, Secrets]:
    (tmp_path / "data").mkdir()
    secrets = secrets_of(tmp_path / "data")
    return place_for(tmp_path / "data", secrets.mark), secrets


def test_the_broker_that_make_run_starts_holds_all_ops_2(
    place: Any, tmp_path: Path, settings: Any, capsys: Any
) -> None:
    with (
        valkey(*place, tmp_path / "logs") as broker,
        cache(*place, tmp_path / "logs") as counters,
        redis.Redis.from_url(broker["REDIS_URL"]) as client,
    ):
        client.set("kept", "1")
        assert failing(broker["REDIS_URL"], counters["CACHE_URL"]) == set()
        assert client.get("kept") == b"1", "what was asked was not carried out"
        settings.CELERY_BROKER_URL = broker["REDIS_URL"]
        settings.CACHE_URL = counters["CACHE_URL"]
        call_command("check_broker")
        assert "NO" not in capsys.readouterr().out


def test_a_broker_run_carelessly_is_found_out_ops_2(
    place: Any, tmp_path: Path, settings: Any
) -> None:
    careless = [
        "appendonly no",
        "maxmemory-policy allkeys-lru",
        "user default on nopass ~* &* +@all",
    ]
    with _running(*place, tmp_path / "logs", "valkey", careless) as url:
        assert failing(url, url) == ALL - {"is on a private address"}
        settings.CELERY_BROKER_URL = settings.CACHE_URL = url
        with pytest.raises(CommandError, match="5 of 6"):
            call_command("check_broker")
