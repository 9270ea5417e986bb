"""The whole running portal, for tests marked `system`."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from launcher.place import Place, local_place
from launcher.portal import Portal
from launcher.progress import Progress
from launcher.running import facts
from launcher.servers import PostgresServer, RabbitServer
from launcher.system import System


@pytest.fixture(scope="session")
def system():
    """Started once. Under `make test` it shares PostgreSQL and RabbitMQ with the other tests; alone it starts
    its own; with SYSTEM=running it is the portal that `make run` started."""
    if os.environ.get("SYSTEM") == "running":
        if not facts(local_place()):
            pytest.fail("SYSTEM=running, but the portal does not run: start it with `make run`")
        yield System(Portal(local_place()))
        return
    state = os.environ.get("MTNET_TEST_STATE")
    place = Place(Path(state or tempfile.mkdtemp(prefix="mtnet-system-")))
    place.state.chmod(0o711)
    if state:
        servers = {
            "postgres": PostgresServer(place.state / "postgres"),
            "rabbit": RabbitServer(place.state / "rabbitmq"),
        }
    else:
        servers = {}
    portal = Portal(place, **servers, progress=Progress())
    try:
        portal.start()
        yield System(portal)
    finally:
        portal.stop()
        if not state:
            portal.postgres.remove()
            portal.rabbit.remove()
            shutil.rmtree(place.state, ignore_errors=True)
