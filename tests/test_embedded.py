"""The launcher: `make run` and `make test` on a machine without servers.

Each test starts real servers in a data folder of its own: a folder with a space in its name,
below one that only its owner may enter, because that is where starting has gone wrong.
"""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from grc.embedded.places import ELSEWHERE
from tenants.database_roles import roles_sql

ROOT = Path(__file__).resolve().parents[1]
SET_BY_A_LAUNCHER = (
    "DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "CACHE_URL", "SECRET_KEY", "HOST",
    "PORT", "TICKMARK_LOCAL", "TICKMARK_STARTED", "SITE_ADDRESS", "EVIDENCE_ADDRESS",
)  # fmt: skip
COUNT = """
import os, psycopg, redis
with psycopg.connect(os.environ["OWNER_DATABASE_URL"]) as owner:
    owner.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
    owner.execute("INSERT INTO starts DEFAULT VALUES")
    rows = owner.execute("SELECT count(*) FROM starts").fetchone()[0]
print(rows, redis.Redis.from_url(os.environ["REDIS_URL"]).incr("starts"), flush=True)
"""
RIGHTS = """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as web:
    print(*web.execute(
        "SELECT session_user, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls,"
        " has_database_privilege('tickmark', 'TEMPORARY'),"
        " has_schema_privilege('public', 'CREATE'),"
        " pg_has_role('tickmark_app', 'MEMBER') FROM pg_roles WHERE rolname = session_user"
    ).fetchone())
"""
WAIT = "print('up', flush=True); import time; time.sleep(60)"


@pytest.fixture
def data(tmp_path):
    """A data folder that does not exist yet; what was put elsewhere for it goes with it."""
    closed = tmp_path / "only mine"
    closed.mkdir(mode=0o700)
    yield closed / "data folder"
    if (kept := closed / "data folder" / "secrets.json").exists():
        shutil.rmtree(ELSEWHERE / json.loads(kept.read_text())["mark"], ignore_errors=True)


def command(data, *arguments, **settings):
    """What starts the launcher on a data folder, with nothing known of the servers of this run."""
    known = {name: value for name, value in os.environ.items() if name not in SET_BY_A_LAUNCHER}
    return {
        "args": [sys.executable, "-m", "grc.embedded", *arguments],
        "cwd": ROOT,
        "env": {**known, "DATA_DIR": str(data), **settings},
        "text": True,
    }


def with_servers(data, code, **settings):
    """Run Python code with servers on `data`, which is kept; returns the completed process."""
    arguments = ("exec", "--data-dir", str(data), "--", sys.executable, "-c", code)
    return subprocess.run(**command(data, *arguments, **settings), capture_output=True, check=False)


@contextmanager
def started(data, *arguments, **settings):
    """A launcher in the background, killed afterwards if it still runs."""
    process = subprocess.Popen(
        **command(data, *arguments, **settings), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def servers_of(data):
    """Numbers of the living server processes that work in the data folder or where it put them."""
    secrets = json.loads((data / "secrets.json").read_text())
    homes = tuple(f"{home}/" for home in (data.resolve(), ELSEWHERE / secrets["mark"]))
    found = []
    for process in Path("/proc").glob("[1-9]*"):
        try:
            if str((process / "cwd").readlink()).startswith(homes):
                found.append(int(process.name))
        except OSError:  # it ended meanwhile, or is another account's
            continue
    return found


def gone(data, seconds=15):
    """Whether all servers of the data folder end within so many seconds."""
    until = time.monotonic() + seconds
    while servers_of(data):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def modes(folder):
    """The modes of a folder and of all folders above it."""
    return {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.parents)}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_second_start_resumes_what_the_first_one_kept(data):
    before = modes(data.parent) | modes(Path(sys.prefix))
    assert [with_servers(data, COUNT).stdout for _ in range(2)] == ["1 1\n", "2 2\n"]
    assert modes(data.parent) | modes(Path(sys.prefix)) == before
    assert gone(data, seconds=0)
    assert stat.S_IMODE((data / "secrets.json").stat().st_mode) == 0o600


def test_the_web_role_owns_nothing_and_holds_no_right_beyond_the_granted(data):
    assert with_servers(data, RIGHTS).stdout == (
        "tickmark_web False False False False False False True\n"
    )


def test_the_exit_code_of_the_command_is_passed_on(data):
    assert with_servers(data, "raise SystemExit(7)").returncode == 7


def test_killing_the_launcher_takes_the_servers_along_and_loses_nothing(data):
    with started(
        data, "exec", "--data-dir", str(data), "--", sys.executable, "-c", COUNT + WAIT
    ) as one:
        assert one.stdout.readline() == "1 1\n"
        assert one.stdout.readline() == "up\n"
        assert servers_of(data)
        one.kill()
        one.wait()
        assert gone(data)
    assert with_servers(data, COUNT).stdout == "2 2\n"


def test_killing_everything_at_once_loses_nothing(data):
    with started(
        data, "exec", "--data-dir", str(data), "--", sys.executable, "-c", COUNT + WAIT
    ) as one:
        assert [one.stdout.readline() for _ in range(2)] == ["1 1\n", "up\n"]
        for pid in (*servers_of(data), one.pid):
            os.kill(pid, signal.SIGKILL)
        one.wait()
    # Valkey writes its log once a second: what it counted in the last one may be gone, a hint.
    assert with_servers(data, COUNT).stdout.startswith("2 ")


def test_a_second_copy_on_the_same_data_is_refused(data):
    with started(data, "exec", "--data-dir", str(data), "--", sys.executable, "-c", WAIT) as one:
        assert one.stdout.readline() == "up\n"
        second = with_servers(data, COUNT)
        assert second.returncode == 1
        assert "already runs on the data folder" in second.stderr


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"DATABASE_URL": "postgresql://web@db.example/t"}, "OWNER_DATABASE_URL is not set"),
        ({"OWNER_DATABASE_URL": "postgresql://own@db.example/t"}, "DATABASE_URL is not set"),
        ({"HOST": "0.0.0.0"}, "SITE_ADDRESS"),
        ({"PORT": "eighty"}, "from 1 to 65535"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused_with_the_cure(data, given, refusal):
    refused = with_servers(data, COUNT, **given)
    assert refused.returncode == 1
    assert refusal in refused.stderr
    assert not (data / "postgres").exists()


def test_a_taken_port_is_refused_before_anything_is_prepared(data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = command(data, "run", PORT=str(port))
        refused = subprocess.run(**arguments, capture_output=True, check=False, timeout=60)
    assert refused.returncode == 1
    assert f"make run PORT={port + 1}" in refused.stderr


def test_a_password_with_a_quote_stays_inside_its_literal():
    assert "ALTER ROLE tickmark_web PASSWORD 'a''b'" in roles_sql("x", "a'b")


def test_run_reaches_a_ready_portal_with_accounts_and_stops_at_a_signal(data):
    port = free_port()
    with started(data, "run", PORT=str(port)) as platform:
        said = ""
        while "is ready after" not in said:
            line = platform.stdout.readline()
            assert line, f"The launcher ended:\n{said}"
            said += line
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
            assert answer.status == 200
        accounts = data / "sample-accounts.json"
        assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
        assert {"email", "password", "organization", "role", "token"} <= set(
            json.loads(accounts.read_text())[0]
        )
        second = subprocess.run(**command(data, "env"), capture_output=True, check=True)
        assert f"export PORT={port}" in second.stdout
        platform.send_signal(signal.SIGINT)
        rest = platform.communicate(timeout=30)[0]
        assert platform.returncode == 0, rest
    assert gone(data, seconds=0)
    assert free_again(port)


def free_again(port):
    """Whether nobody listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
