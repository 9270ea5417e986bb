"""`make test`: pytest with PostgreSQL and RabbitMQ of its own, gone afterwards."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from launcher import stale_processes
from launcher.progress import Progress
from launcher.servers import PostgresServer, RabbitServer
from launcher.servers.finding import working_directory
from launcher.supervisor import BIN
from launcher.workspace import PROJECT, Workspace

PREFIX = ".local-test-"
LIMIT_MINUTES = 60  # TEST_MINUTES says otherwise; the whole suite takes about a quarter of it
STOPPING_SECONDS = 60
# pytest_plugin.py writes there which tests are running.
CURRENT = "current-tests"
# Tests that run side by side (TEST_WORKERS says otherwise): many wait for a process to stop or a clock to run out.
WORKERS = 3
ARTEFACTS = PROJECT / "test-artefacts"


def run_tests(words: list[str]) -> int:
    """Runs pytest with `words` (everything but the benchmarks without any) and returns its exit code."""
    remove_stale()
    workspace = Workspace(PROJECT / f"{PREFIX}{os.getpid()}")
    workspace.create()
    progress = Progress()
    postgres, rabbit = servers_in(workspace)
    code = 1
    try:
        with progress.step("PostgreSQL and RabbitMQ for the tests"):
            postgres.launch()
            rabbit.launch()
            postgres.wait_ready()
            rabbit.wait_ready()
        code = run_pytest(words, workspace, postgres, rabbit)
    finally:
        stale_processes.end(workspace.state)
        if code:
            keep_logs(workspace)
        for server in (postgres, rabbit):
            server.remove()
        shutil.rmtree(workspace.state, ignore_errors=True)
    return code


def servers_in(workspace: Workspace) -> tuple[PostgresServer, RabbitServer]:
    return PostgresServer(workspace.state / "postgres"), RabbitServer(workspace.state / "rabbitmq")


def run_pytest(words: list[str], workspace: Workspace, postgres: PostgresServer, rabbit: RabbitServer) -> int:
    given = words[1:] if words[:1] == ["--"] else words
    environment = {
        **os.environ,
        "MTNET_TEST_STATE": str(workspace.state),
        "TEST_POSTGRES_URL": postgres.dsn(),
        "TEST_AMQP_URL": rabbit.url(),
        "TEST_RABBITMQ_MANAGEMENT_URL": rabbit.management_url,
    }
    workers = os.environ.get("TEST_WORKERS", str(WORKERS))
    whole = [
        "--ignore=tests/bench",
        "--durations=15",
        "-n",
        workers,
        "--dist=loadgroup",
        "--no-loadscope-reorder",
    ]
    command = [str(BIN / "python"), "-m", "pytest", *(given or whole)]
    child = subprocess.Popen(command, cwd=PROJECT, env=environment)
    previous = signal.signal(signal.SIGTERM, lambda number, frame: child.send_signal(signal.SIGINT))
    try:
        return wait_for(
            child, workspace.state / CURRENT, 60 * float(os.environ.get("TEST_MINUTES", LIMIT_MINUTES))
        )
    except KeyboardInterrupt:  # pytest got it, too, and says what it did until then
        return child.wait() or 130
    finally:
        signal.signal(signal.SIGTERM, previous)


def wait_for(child: subprocess.Popen[bytes], current: Path, seconds: float) -> int:
    """pytest's exit code. Ends a run that takes longer, and says which test a run was in that did not end by itself."""
    try:
        code = child.wait(seconds)
    except subprocess.TimeoutExpired:
        print(
            f"The tests did not end within {seconds / 60:.0f} minutes, {last_test(current)}.", file=sys.stderr
        )
        child.send_signal(signal.SIGINT)
        try:
            child.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        return 124
    if current.exists():
        print(f"pytest ended without a summary (exit code {code}), {last_test(current)}.", file=sys.stderr)
        return code or 1
    return code


def last_test(current: Path) -> str:
    running = current.read_text() if current.exists() else ""
    return f"in {running}" if running else "before the first test or after the last"


def keep_logs(workspace: Workspace) -> None:
    """The processes' logs of a failed run stay as artefacts."""
    kept = ARTEFACTS / "logs"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(workspace.logs, kept, dirs_exist_ok=True)
    for server in ("postgres", "rabbitmq"):
        log = workspace.state / server / "server.log"
        if log.exists():
            shutil.copy(log, kept / f"{server}.log")
    print(f"Logs of the processes: {kept}", file=sys.stderr)


def remove_stale() -> None:
    """Ends and deletes what runs that were killed have left."""
    for directory in PROJECT.glob(f"{PREFIX}*"):
        found = re.fullmatch(re.escape(PREFIX) + r"(\d+)", directory.name)
        if found and directory.is_dir() and not is_a_run(int(found[1]), directory):
            stale_processes.end(directory)
            for server in servers_in(Workspace(directory)):
                server.remove()
            shutil.rmtree(directory, ignore_errors=True)


def is_a_run(pid: int, directory: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"launcher" in command and working_directory(pid) == directory.parent
