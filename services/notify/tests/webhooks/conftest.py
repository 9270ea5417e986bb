"""A receiver of webhooks that really answers, and misbehaves as told."""

import json
import socket
import threading
from contextlib import contextmanager

import pytest
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

from .builders import SECRET


def a_free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Receivers:
    """The sandbox's receivers: `at("vessels")` is an address; `came("vessels")` what was taken there."""

    def __init__(self):
        self.sandbox = SandboxInThread(Settings(a_free_port(), a_free_port(), {}))

    def at(self, system):
        return f"{self.sandbox.url}/receiver/{system}"

    def trust(self, system, *secrets):
        assert self.sandbox.ask("PUT", f"/api/receiver/{system}", {"secrets": list(secrets)})[0] == 204

    def fault(self, system, mode, **more):
        status, said = self.sandbox.ask("PUT", f"/api/receiver/{system}/fault", {"mode": mode, **more})
        assert status == 200, said

    def state(self, system=""):
        return json.loads(self.sandbox.ask("GET", f"/api/receiver?system={system}")[1])

    def came(self, system):
        """Oldest first."""
        return self.state(system)["items"][::-1]

    def asked(self, system):
        return self.state()["asked"].get(system, 0)


@pytest.fixture(scope="module")
def _receivers():
    running = Receivers()
    yield running
    running.sandbox.close()


@pytest.fixture
def receivers(_receivers):
    _receivers.sandbox.ask("DELETE", "/api/receiver")
    for system in ("vessels", "crew", "ports"):
        _receivers.fault(system, "none")
        _receivers.trust(system, SECRET)
    return _receivers


@pytest.fixture
def answering():
    """`with answering(talk) as port`: a server that does whatever `talk(connection)` does, once for each connection."""

    @contextmanager
    def answering(talk, wrap=None):
        listening = socket.create_server(("127.0.0.1", 0))
        stopped = threading.Event()
        threads = []

        def one(connection):
            try:
                with connection, wrap(connection) if wrap else connection as secured:
                    talk(secured)
            except OSError:
                pass

        def serve():
            while not stopped.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=one, args=(connection,), daemon=True))
                threads[-1].start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stopped.set()
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
            thread.join(5)

    return answering
