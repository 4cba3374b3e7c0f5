"""PostgreSQL from the wheel: a cluster of our own in the data folder, on a port of 127.0.0.1."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
from psycopg import errors

from grc.embedded.folder import Secrets
from grc.embedded.places import Place
from grc.embedded.processes import (
    free_port,
    new_log,
    run_tool,
    start_server,
    stop,
    stop_leftover,
    wait_until,
)
from tenants.database_roles import DATABASE, OWNER_ROLE, WEB_ROLE, roles_sql

SUPERUSER = "postgres"
SECONDS_TO_START = 120  # recovery after a crash may have much to replay

# No socket file: no path-length limit, nothing stale. Terse logs leave out DETAIL lines, which
# quote the values of rows (DAT-9).
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "jit": "off",
    "log_error_verbosity": "terse",
}
SETTINGS_OF_A_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@contextmanager
def postgres(place: Place, secrets: Secrets, logs: Path, *, safe: bool) -> Iterator[dict[str, str]]:
    """Run PostgreSQL; yields DATABASE_URL (web role) and OWNER_DATABASE_URL.

    `safe`: whether what is committed must survive a power cut; off for a throw-away server.
    Raises LaunchRefused when it does not start.
    """
    cluster = place.home / "postgres"
    if not cluster.exists():
        _make_cluster(place, secrets, cluster)
    stop_leftover(cluster / "postmaster.pid", "postgres", signal.SIGINT)
    port = free_port()
    settings = {**SETTINGS, "port": str(port), **({} if safe else SETTINGS_OF_A_THROW_AWAY)}
    command = [str(place.programs.postgres / "postgres"), "-D", str(cluster)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log_path = logs / "postgres.log"
    with new_log(log_path) as log:
        server = start_server(command, account=place.account, log=log, on_death=signal.SIGINT)
    try:
        admin = _url(SUPERUSER, secrets.superuser, port, "postgres")
        wait_until(lambda: _answers(admin), server, log_path, SECONDS_TO_START)
        _make_roles(admin, secrets)
        yield {
            "DATABASE_URL": _url(WEB_ROLE, secrets.web, port, DATABASE),
            "OWNER_DATABASE_URL": _url(OWNER_ROLE, secrets.owner, port, DATABASE),
        }
    finally:
        _stop(server)


def _make_cluster(place: Place, secrets: Secrets, cluster: Path) -> None:
    """Make the cluster under another name and rename it when it is complete."""
    new = cluster.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    place.folder(new.name)
    password_file = new.with_suffix(".password")
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    try:
        password_file.write_text(secrets.superuser)
        place.hand_over(password_file)
        run_tool(
            [
                str(place.programs.postgres / "initdb"),
                f"--pgdata={new}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
            ],
            account=place.account,
        )
    finally:
        password_file.unlink()
    new.rename(cluster)


def _make_roles(admin: str, secrets: Secrets) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        for statement in roles_sql(secrets.owner, secrets.web):
            with suppress(errors.DuplicateObject, errors.DuplicateDatabase):
                connection.execute(statement.encode())


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _url(role: str, password: str, port: int, database: str) -> str:
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def _stop(server: subprocess.Popen[bytes]) -> None:
    """A fast shutdown: sessions are rolled back, what is committed is on disk."""
    stop(server, signal.SIGINT)
