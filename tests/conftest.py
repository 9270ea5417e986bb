"""The whole running portal, for tests marked `system`."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from launcher.portal import Portal
from launcher.progress import Progress
from launcher.run import facts
from launcher.servers import PostgresServer, RabbitServer
from launcher.system import System
from launcher.workspace import Workspace, local_workspace


@pytest.fixture(scope="session")
def system():
    """Started once. Under `make test` it shares PostgreSQL and RabbitMQ with the other tests; alone it starts
    its own; with SYSTEM=running it is the portal that `make run` started."""
    if os.environ.get("SYSTEM") == "running":
        if not facts(local_workspace()):
            pytest.fail("SYSTEM=running, but the portal does not run: start it with `make run`")
        yield System(Portal(local_workspace()))
        return
    state = os.environ.get("MTNET_TEST_STATE")
    workspace = Workspace(Path(state or tempfile.mkdtemp(prefix="mtnet-system-")))
    workspace.state.chmod(0o711)
    if state:
        servers = {
            "postgres": PostgresServer(workspace.state / "postgres"),
            "rabbit": RabbitServer(workspace.state / "rabbitmq"),
        }
    else:
        servers = {}
    portal = Portal(workspace, **servers, progress=Progress())
    try:
        portal.start()
        yield System(portal)
    finally:
        portal.stop()
        if not state:
            portal.postgres.remove()
            portal.rabbit.remove()
            shutil.rmtree(workspace.state, ignore_errors=True)
