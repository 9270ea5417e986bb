"""`make test`: pytest with PostgreSQL and RabbitMQ of its own, gone afterwards."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from launcher.progress import step
from launcher.servers import Servers
from launcher.workspace import BIN, PROJECT, Workspace

PREFIX = ".local-test-"
LIMIT_MINUTES = "60"  # TEST_MINUTES says otherwise
BUDGET_MINUTES = 20  # of the whole suite; what makes it longer is looked at when it is added
STOPPING_SECONDS = 60
# pytest_plugin.py writes there which tests are running.
CURRENT = "current-tests"
# Tests that run side by side (TEST_WORKERS says otherwise): many wait for a process to stop or a clock to run out.
WORKERS = "4"
ARTEFACTS = PROJECT / "test-artefacts"


def run_tests(words: list[str]) -> int:
    """Runs pytest with `words` (everything but the benchmarks without any) and returns its exit code."""
    code = 1
    began = time.monotonic()
    with own_workspace() as workspace:
        servers = Servers(workspace, durable=False)
        try:
            with step("PostgreSQL and RabbitMQ for the tests"):
                servers.start()
            code = run_pytest(words, servers)
        finally:
            if code:
                keep_logs(workspace)
            with alone():
                servers.remove()
    if not words:
        print(budget_line(time.monotonic() - began))
    return code


def budget_line(seconds: float) -> str:
    """The last line of a whole run. More than the budget is a warning and no failure: machines differ."""
    taken = f"{seconds // 60:.0f}:{seconds % 60:02.0f}"
    if seconds <= 60 * BUDGET_MINUTES:
        return f"The whole suite took {taken} of its budget of {BUDGET_MINUTES}:00 minutes."
    return (
        f"WARNING: the whole suite took {taken}, more than its budget of {BUDGET_MINUTES}:00 minutes. "
        "The slowest tests are listed above; another run on a quiet machine tells whether it is them."
    )


@contextmanager
def alone() -> Iterator[None]:
    """No other run of this clone makes or removes a directory meanwhile: one that is just made is locked by nobody yet,
    and looks like one that a killed run has left."""
    project = os.open(PROJECT, os.O_RDONLY)
    try:
        fcntl.flock(project, fcntl.LOCK_EX)
        yield
    finally:
        os.close(project)


@contextmanager
def own_workspace() -> Iterator[Workspace]:
    """A new directory that is this run's while the block lasts."""
    with ExitStack() as stack:
        with alone():
            remove_stale_runs()
            workspace = Workspace(Path(tempfile.mkdtemp(prefix=PREFIX, dir=PROJECT)))
            stack.enter_context(workspace.lock())
        workspace.state.chmod(0o711)  # the servers' accounts go through
        yield workspace


def remove_stale_runs() -> None:
    """Ends and deletes what runs that were killed have left. To be called `alone`."""
    for directory in PROJECT.glob(f"{PREFIX}*"):
        workspace = Workspace(directory)
        with workspace.lock() as stale:
            if stale:
                Servers(workspace).remove()


def run_pytest(words: list[str], servers: Servers) -> int:
    environment = {
        **({} if words else {"PICTURES": "no"}),
        **os.environ,
        "MTNET_TEST_STATE": str(servers.workspace.state),
        "TEST_POSTGRES_URL": servers.postgres.dsn(),
        "TEST_AMQP_URL": servers.rabbit.url(),
        "TEST_RABBITMQ_MANAGEMENT_URL": servers.rabbit.management_url,
    }
    workers = os.environ.get("TEST_WORKERS", WORKERS)
    whole = f"--ignore=tests/bench --durations=15 -n {workers} --dist=loadscope --no-loadscope-reorder"
    command = [str(BIN / "python"), "-m", "pytest", *(words or whole.split())]
    child = subprocess.Popen(command, cwd=PROJECT, env=environment)
    signal.signal(signal.SIGTERM, lambda number, frame: child.send_signal(signal.SIGINT))
    try:
        minutes = float(os.environ.get("TEST_MINUTES", LIMIT_MINUTES))
        return wait_for(child, servers.workspace.state / CURRENT, 60 * minutes)
    except KeyboardInterrupt:  # pytest got it, too, and says what it did until then
        return child.wait() or 130


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
    for log in workspace.state.rglob("logs/*.log"):
        copy = kept / log.relative_to(workspace.state)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(log, copy)
    print(f"Logs of the processes: {kept}", file=sys.stderr)
