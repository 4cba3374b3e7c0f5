"""The launcher's command line; `python -m grc.embedded --help` lists it."""

import argparse
import json
import os
import shlex
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from grc.embedded.errors import LaunchRefused
from grc.embedded.folder import data_folder, is_locked
from grc.embedded.processes import exit_code, tied
from grc.embedded.run import migrate, run
from grc.embedded.servers import servers, throw_away_folder
from tenants.database_roles import script


def main() -> int:
    """Do what the command line says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m grc.embedded")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="servers, tables, sample, web, worker and beat")
    commands.add_parser("env", help="print export lines for the running copy")
    commands.add_parser("roles", help="print the SQL for a PostgreSQL server of your own")
    one = commands.add_parser("exec", help="run one command with servers, then stop them")
    one.add_argument("--data-dir", help="a data folder to use and keep; else one thrown away")
    one.add_argument("--migrate", action="store_true", help="bring the tables up to date first")
    one.add_argument("--sync", action="store_true", help="write a throw-away database safely too")
    one.add_argument("arguments", nargs="+", metavar="COMMAND", help="after --")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    try:
        if given.command == "run":
            os.umask(0o077)  # what the platform writes is its own account's alone
            return run(float(os.environ.get("TICKMARK_STARTED") or time.time()))
        if given.command == "roles":
            print(script())
            return 0
        if given.command == "env":
            return print_environment()
        return run_one(given.arguments, given.data_dir, given.migrate, given.sync)
    except LaunchRefused as refusal:
        print(f"Tickmark: {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _leave(signum: int, _frame: object) -> None:
    """End through every `finally`, so that the servers are stopped."""
    sys.exit(128 + signum)


def run_one(command: list[str], data_dir: str | None, first_migrate: bool, sync: bool) -> int:
    """Run one command with servers on `data_dir` (None: on a folder thrown away afterwards)."""
    with ExitStack() as stack:
        if data_dir is None:
            data = stack.enter_context(throw_away_folder())
        else:
            os.environ["DATA_DIR"] = str(Path(data_dir).resolve())
            data = data_folder()
        safe = sync or data_dir is not None
        environment = stack.enter_context(servers(data, safe=safe))
        if first_migrate:
            migrate(environment)
        process = tied(command, cwd=Path.cwd(), env=environment)
        # Ctrl-C reaches the command too, and it decides when to end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        signal.signal(signal.SIGHUP, lambda *_: process.terminate())
        return exit_code(process.wait())


def print_environment() -> int:
    """Print export lines for the copy that runs on the data folder."""
    data = data_folder()
    running = data / "running.json"
    if not (running.exists() and is_locked(data)):
        raise LaunchRefused(f"Nothing runs on the data folder {data}. `make run` starts it.")
    for name, value in json.loads(running.read_text()).items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
