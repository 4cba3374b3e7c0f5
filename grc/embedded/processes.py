"""Starting a program so that it cannot outlive us, and stopping it."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from grc.embedded.errors import LaunchRefused
from grc.embedded.places import Account

PR_SET_PDEATHSIG = 1
MARK = "TICKMARK_RUN"


def with_parent(signum: signal.Signals) -> Callable[[], None]:
    """A function for the child to call: it gets `signum` when this process dies, however it dies.

    Linux only; elsewhere a killed launcher leaves its servers to the next start, which stops them.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    launcher = os.getpid()

    def tie() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(signum))
            if os.getppid() != launcher:  # it died between fork and prctl
                os._exit(1)

    return tie


def start_server(
    command: list[str],
    *,
    account: Account | None,
    log: IO[bytes],
    on_death: signal.Signals,
    told: str = "",
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own (Ctrl-C does not reach it), with a clean environment.

    `account`: whom it runs as, None for ourselves. `told`: what it reads on standard input.
    """
    server = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd="/",
        env=clean_environment(),
        start_new_session=True,
        preexec_fn=with_parent(on_death),  # noqa: PLW1509 - the launcher has one thread
        **(account.switch() if account else {}),
    )
    assert server.stdin is not None
    with contextlib.suppress(BrokenPipeError), server.stdin:
        server.stdin.write(told.encode())
    return server


def clean_environment() -> dict[str, str]:
    """What a server program may know: no PG* variable and no secret of ours."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def stop(process: subprocess.Popen[bytes], signum: signal.Signals, seconds: float = 30) -> None:
    """Ask a program to end; after `seconds`, kill it."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signum)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def stop_leftover(pid_file: Path, program: str, signum: signal.Signals) -> None:
    """Stop the server of a run that was killed, if it is still there, and forget its number.

    The number in `pid_file` may meanwhile belong to another program: only one that works in the
    folder of the file is ours.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    if pid > 1 and _works_in(pid, pid_file.parent, program):
        end([(pid, signum)])
    pid_file.unlink(missing_ok=True)


def _works_in(pid: int, folder: Path, program: str) -> bool:
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
        return False
    command = ["ps", "-o", "command=", "-p", str(pid)]
    listed = subprocess.run(command, capture_output=True, check=False)
    return program.encode() in listed.stdout


def stop_marked(mark: str) -> None:
    """Stop what a run left behind: processes that carry its mark, in other sessions (Linux).

    Call it with the data folder locked, so that no process of another living run carries the
    mark. Our own session holds the shell that we were started from.
    """
    wanted = f"{MARK}={mark}".encode()
    end([(pid, signal.SIGTERM) for pid, known in _environments() if wanted in known])


def _environments() -> Iterator[tuple[int, list[bytes]]]:
    """Every process of other sessions that we may look into, with its environment."""
    for folder in Path("/proc").glob("[1-9]*"):
        with contextlib.suppress(OSError):
            if os.getsid(int(folder.name)) != os.getsid(0):
                yield int(folder.name), (folder / "environ").read_bytes().split(b"\0")


def end(processes: list[tuple[int, signal.Signals]], seconds: float = 10) -> None:
    """Send each process its signal, wait until all are gone, kill those that stay."""
    left = dict(processes)
    for pid, signum in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)
    until = time.monotonic() + seconds
    while left and time.monotonic() < until + 2:
        left = {pid: signum for pid, signum in left.items() if _is_alive(pid)}
        if time.monotonic() > until:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    """Whether the process still runs; a zombie does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def free_port() -> int:
    """A port of 127.0.0.1 nobody listens on now; another program may take it before we do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float
) -> None:
    """Wait until a server answers; LaunchRefused, with the end of its log, if it never does."""
    until = time.monotonic() + seconds
    while not answers():
        ended = process.poll() is not None
        if ended or time.monotonic() > until:
            how = "ended at its start" if ended else f"does not answer after {seconds:.0f} s"
            raise LaunchRefused(f"{log.stem} {how}. The end of {log}:\n{last_lines(log)}")
        time.sleep(0.03)


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log file."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def new_log(path: Path) -> IO[bytes]:
    """A fresh log file; the one of the run before is kept as `.old`."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        path.replace(path.with_suffix(".log.old"))
    return path.open("wb")


def run_tool(command: list[str], *, account: Account | None) -> None:
    """Run a program of PostgreSQL to its end. Raises LaunchRefused with what it said."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        env=clean_environment(),
        preexec_fn=with_parent(signal.SIGTERM),
        check=False,
        **(account.switch() if account else {}),
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise LaunchRefused(f"{Path(command[0]).name} failed:\n{said}")


def exit_code(returncode: int) -> int:
    """A child's end as a shell tells it: 128 and the signal's number when one ended it."""
    return 128 - returncode if returncode < 0 else returncode


def tied(command: list[str], *, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a program in our terminal that is asked to end when we die."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        preexec_fn=with_parent(signal.SIGTERM),  # noqa: PLW1509
    )
