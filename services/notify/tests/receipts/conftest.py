"""A portal that takes receipts as the gateway does, and providers' stand-ins that send them."""

import base64
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from notify.channels.registry import channel_plans
from notify.receipts.actions import receive
from notify.settings import ChannelSettings

from ..deliveries.conftest import *  # noqa: F403 - a message that is written down
from ..deliveries.conftest import clock, empty, rows, write  # noqa: F401

STATUSES = {"recorded": 204, "unknown": 503, "forged": 403, "unreadable": 422, "not_offered": 404}
KEY = "key-of-receipts"


class Portal(BaseHTTPRequestHandler):
    def do_POST(self):
        _, _, channel, *provider = self.path.split("/")
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = STATUSES[self.server.take(channel, "".join(provider), body, self.headers)]
        self.server.answered.append(status)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def values():
    """The settings of each channel, which a test changes."""
    return {
        name: {setting.name: setting.default or "" for setting in plan.settings}
        for name, plan in channel_plans().items()
    }


@pytest.fixture
def take(empty, clock, values):  # noqa: F811
    """`take(channel, provider, body, headers)`: what becomes of a receipt."""

    def take(channel, provider, body, headers):
        settings = SimpleNamespace(
            channels={name: ChannelSettings(each, 1, 2) for name, each in values.items()}
        )
        signatures = {name: headers[name] for name in ("authorization", "x-signature") if headers[name]}
        with empty.transaction() as tx:
            return receive(
                tx,
                settings,
                clock(),
                channel=channel,
                provider=provider,
                body=base64.b64encode(body).decode(),
                headers=signatures,
            )

    return take


@pytest.fixture
def portal(take):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    server.take, server.answered = take, []
    server.url = f"http://127.0.0.1:{server.server_port}/webhooks"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
