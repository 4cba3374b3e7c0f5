"""`make run`: prepare the database, start web, worker and beat, say when the portal answers."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg

from grc.embedded.errors import LaunchRefused
from grc.embedded.folder import ROOT, data_folder, write_private
from grc.embedded.processes import exit_code, tied
from grc.embedded.servers import servers

ACCOUNTS = "sample-accounts.json"
SHOWN = ("email", "password", "role", "organization")


def run(started: float) -> int:
    """Run the platform until Ctrl-C or until one of its processes ends; returns the exit code.

    `started`: when the person pressed return, in seconds since 1970, to say how long it took.
    """
    data = data_folder()
    with servers(data) as environment:
        host, port = environment["HOST"], int(environment["PORT"])
        _check_port(host, port)
        write_private(data / "running.json", for_a_second_terminal(environment))
        try:
            prepare(data, environment)
            address = f"http://{_bracketed(host)}:{port}/"
            return _keep_running(data, environment, address, started)
        finally:
            (data / "running.json").unlink()


def for_a_second_terminal(environment: Mapping[str, str]) -> dict[str, str]:
    """What another terminal needs to speak to this copy."""
    names = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "CACHE_URL", "SECRET_KEY")
    more = ("DATA_DIR", "HOST", "PORT", "SITE_ADDRESS", "EVIDENCE_ADDRESS", "TICKMARK_LOCAL")
    return {name: environment[name] for name in (*names, *more) if name in environment}


def prepare(data: Path, environment: Mapping[str, str]) -> None:
    """Bring the tables up to date, and load the sample the first time.

    The sample is for trying: it is loaded on this machine alone, into our own PostgreSQL or into
    a database that was empty before.
    """
    own_server = bool(os.environ.get("DATABASE_URL"))
    first = not (own_server and _has_tables(environment["OWNER_DATABASE_URL"]))
    migrate(environment)
    if first and "TICKMARK_LOCAL" in environment and not (data / ACCOUNTS).exists():
        print("Loading the sample engagement …", flush=True)
        manage(environment, "load_sample")


def migrate(environment: Mapping[str, str]) -> None:
    """Migrate as the role that owns the tables."""
    print("Preparing the database …", flush=True)
    as_owner = {**environment, "DATABASE_URL": environment["OWNER_DATABASE_URL"]}
    manage(as_owner, "migrate", "--noinput", "--verbosity=0")


def manage(environment: Mapping[str, str], *arguments: str) -> None:
    """Run a command of manage.py. Raises LaunchRefused when it fails; it has said why itself."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    process = tied(command, cwd=ROOT, env=environment)
    if process.wait():
        raise LaunchRefused(f"`manage.py {arguments[0]}` failed; what it said is above.")


def _has_tables(url: str) -> bool:
    try:
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    except psycopg.OperationalError as error:
        raise LaunchRefused(f"PostgreSQL of OWNER_DATABASE_URL does not answer: {error}") from None
    return bool(found and found[0])


def _check_port(host: str, port: int) -> None:
    """Refuse before anything starts: another program would answer in our name."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise LaunchRefused(
                f"Port {port} of {host} cannot be used: {error.strerror}. Choose another one: "
                f"make run PORT={port + 1}"
            ) from None


def _keep_running(data: Path, environment: Mapping[str, str], address: str, started: float) -> int:
    """Start web, worker and beat; announce the portal when it answers; wait for the end."""
    host, port = environment["HOST"], int(environment["PORT"])
    procfile = Path(__file__).with_name("Procfile")
    honcho = tied(
        [sys.executable, "-m", "honcho", "--env", os.devnull, "--procfile", str(procfile), "start"],
        cwd=ROOT,
        env={**environment, "PYTHON": sys.executable, "BIND": f"{_bracketed(host)}:{port}"},
    )
    asked = _pass_on_signals(honcho)
    announced = False
    while True:
        try:
            ended = honcho.wait(0.2)
        except subprocess.TimeoutExpired:
            if not announced and _answers(host, port):
                announced = True
                print(welcome(address, time.time() - started, data), flush=True)
            continue
        if asked:
            return 0
        print("One of the processes ended, so all were stopped; see above.", file=sys.stderr)
        return exit_code(ended) or 1


def _pass_on_signals(honcho: subprocess.Popen[bytes]) -> list[int]:
    """From now on a signal to us ends honcho first; returns the list the signals will stand in."""
    asked: list[int] = []

    def end(signum: int, _frame: object) -> None:
        asked.append(signum)
        honcho.terminate()

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, end)
    return asked


def _answers(host: str, port: int) -> bool:
    """Whether the portal answers its health check."""
    reached = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    connection = http.client.HTTPConnection(reached, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def welcome(address: str, seconds: float, data: Path) -> str:
    """What a person reads when the portal is ready: where it is, and who can sign in."""
    lines = ["", f"  Tickmark is ready after {seconds:.0f} s:  {address}", ""]
    if (data / ACCOUNTS).exists():
        lines += [f"  Sample accounts (with API tokens in {data / ACCOUNTS}):", ""]
        lines += [f"    {line}" for line in _columns(json.loads((data / ACCOUNTS).read_text()))]
        lines += [""]
    return "\n".join([*lines, "  Ctrl-C stops everything; `make run` resumes it.", ""])


def _columns(accounts: list[dict[str, str]]) -> list[str]:
    rows = [SHOWN, *(tuple(str(one[name]) for name in SHOWN) for one in accounts)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(SHOWN))]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
