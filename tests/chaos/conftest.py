"""Servers for this folder alone, because its tests kill them. `--long` or CHAOS_LONG=1 asks for the long proof."""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.chaos.world import STAND, World

sys.path[:0] = [p for p in (str(STAND),) if p not in sys.path]


@pytest.fixture(scope="session")
def chaos_servers():
    from launcher.servers import Servers
    from launcher.workspace import Workspace

    # Not under pytest's own folder: the next pytest would close it to the servers' accounts. Inside the directory of
    # `make test`, which ends and deletes whatever a killed run leaves there.
    directory = tempfile.mkdtemp(prefix="mtnet-chaos-", dir=os.environ.get("MTNET_TEST_STATE"))
    workspace = Workspace(Path(directory))
    workspace.state.chmod(0o711)
    servers = Servers(workspace)
    try:
        servers.start()
        yield servers
    finally:
        servers.remove()


@pytest.fixture(scope="module")
def world(chaos_servers, request):
    world = World(chaos_servers, vhost=request.module.__name__.rpartition(".")[2].removeprefix("test_"))
    world.start("relay").wait_ready()
    world.start("ledger").wait_ready()
    yield world
    world.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    item.failed = getattr(item, "failed", False) or report.failed
    return report


@pytest.fixture(autouse=True)
def processes_speak(request):
    """After a failure: what the processes said."""
    yield
    world = (request.node.funcargs or {}).get("world")  # none any more when the run was interrupted
    if world:
        for name, process in world.processes.items():
            failed = getattr(request.node, "failed", False)
            if failed and name == "ledger" and process.alive:
                process.send(signal.SIGUSR1)  # it tells where its green threads stand
                time.sleep(1)
            print(f"--- {name}\n{process.log[-20000 if failed else -3000 :]}")
        print(f"--- broker\n{world.servers.workspace.log_end('rabbitmq', 40)}")
