"""Tests run by hand get PostgreSQL and RabbitMQ of their own where the environment names none."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from mtnet_chassis.testing.pytest_plugin import Servers


class PrivateServers(Servers):
    """Each is started when a test first asks for it, and removed at the end."""

    def __init__(self):
        self._directory = None
        self._started = {}

    def postgres_url(self):
        if os.environ.get("TEST_POSTGRES_URL"):
            return super().postgres_url()
        return self._server("PostgresServer").dsn()

    def amqp_urls(self):
        if os.environ.get("TEST_AMQP_URL") and os.environ.get("TEST_RABBITMQ_MANAGEMENT_URL"):
            return super().amqp_urls()
        server = self._server("RabbitServer")
        return server.url(), server.management_url

    def _server(self, kind):
        if kind not in self._started:
            from launcher import servers

            if self._directory is None:
                self._directory = Path(tempfile.mkdtemp(prefix="mtnet-tests-"))
                self._directory.chmod(0o711)
            self._started[kind] = getattr(servers, kind)(self._directory / kind)
            self._started[kind].start()
        return self._started[kind]

    def remove(self):
        for server in self._started.values():
            server.remove()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)


@pytest.fixture(scope="session")
def servers():
    servers = PrivateServers()
    yield servers
    servers.remove()
