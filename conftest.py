"""PostgreSQL and RabbitMQ for tests that are not started by `make test`: private ones, gone afterwards."""

import os
import tempfile
from pathlib import Path

import pytest
from mtnet_chassis.testing.pytest_plugin import Servers


@pytest.fixture(scope="session")
def servers():
    """Those of the environment, else our own."""
    if os.environ.get("TEST_POSTGRES_URL"):
        yield Servers()
        return
    from launcher.servers import Servers as PrivateServers
    from launcher.workspace import Workspace

    workspace = Workspace(Path(tempfile.mkdtemp(prefix="mtnet-tests-")))
    workspace.state.chmod(0o711)  # the servers' accounts go through
    private = PrivateServers(workspace)
    try:
        private.start()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TEST_POSTGRES_URL", private.postgres.dsn())
            patch.setenv("TEST_AMQP_URL", private.rabbit.url())
            patch.setenv("TEST_RABBITMQ_MANAGEMENT_URL", private.rabbit.management_url)
            yield Servers()
    finally:
        private.remove()
