"""A mail server and a text message gateway that really answer, and events as other services send them."""

import asyncio
import json
import socket
import threading
from base64 import b64encode
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pika
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.envelope import headers_for
from mtnet_chassis.testing.certificates import make_certificate
from notify.channels.registry import channel_plans

# Channels that a test does not use are configured all the same; notify wants every setting.
EVERY_SETTING = {
    setting.name: "token"
    for plan in channel_plans().values()
    for setting in plan.settings
    if setting.default is None
} | {
    # Nothing is fetched from LINE in these tests.
    "FILES_URL": "memory:///",
    "NOTIFY_SIGNING_KEY": b64encode(b"k" * 32).decode(),
    "NOTIFY_FAX_URL": "smtp://127.0.0.1:9",
    "NOTIFY_FAX_FROM": "fax@mtnet.example",
}
UNSEALING_KEY = X25519PrivateKey.generate()


class Mailbox:
    """A mail server that takes everything, or answers what a test tells it.

    `answers` by stage (`MAIL`, `RCPT`, `DATA`, `after DATA`) or by recipient; `seconds` before each `DATA` is answered.
    `most_per_connection`: a stage, and after how many mails of one connection it is answered with 421.
    """

    def __init__(self, tls=None):
        self.tls = tls
        self.encrypted = set()
        self.logins = 0
        self.farewells = 0
        self.senders = []
        self.most_per_connection = ("", 0)
        self.received = []
        self.connections = 0
        self.answers = {}
        self.seconds = 0
        self.takes_utf8 = False
        self.takes_commands_together = False
        self.passwords = None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        if self.takes_commands_together:
            responses.insert(1, "250-PIPELINING")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if answer := self._enough("MAIL", session) or self.answers.get("MAIL"):
            return answer
        envelope.mail_from, envelope.mail_options = address, options
        self.senders.append(address)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if answer := self._enough("RCPT", session) or self.answers.get("RCPT") or self.answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if answer := self._enough("DATA", session) or self.answers.get("DATA"):
            return answer
        session.accepted = getattr(session, "accepted", 0) + 1
        if session.ssl:
            self.encrypted.add(session.ssl["ssl_object"].version())
        self.received.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return self.answers.get("after DATA", "250 OK")

    async def handle_QUIT(self, server, session, envelope):  # noqa: N802
        self.farewells += 1
        return "221 bye"

    def _enough(self, stage, session):
        when, most = self.most_per_connection
        enough = when == stage and getattr(session, "accepted", 0) >= most
        return "421 4.7.0 too many messages in this connection" if enough else None

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins += 1
        known = (data.login.decode(), data.password.decode()) == self.passwords
        return AuthResult(success=known, handled=False, message=None if known else "535 5.7.8 no")


class Server(Controller):
    def factory(self):
        offered = self.handler.passwords is not None
        return SMTP(
            self.handler,
            hostname="mail.example",
            enable_SMTPUTF8=self.handler.takes_utf8,
            authenticator=self.handler.authenticate,
            auth_require_tls=not offered,
            tls_context=self.handler.tls,
            require_starttls=self.handler.tls is not None,
            auth_exclude_mechanism=[] if offered else ["LOGIN", "PLAIN"],
        )


@pytest.fixture
def mailbox_with():
    """`mailbox_with(tls=…)`: a mail server with these properties."""
    controllers = []

    def mailbox_with(**properties):
        handler = Mailbox(**properties)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            handler.port = free.getsockname()[1]
        controllers.append(Server(handler, hostname="127.0.0.1", port=handler.port))
        controllers[-1].start()
        return handler

    yield mailbox_with
    for controller in controllers:
        controller.stop()


@pytest.fixture
def mailbox(mailbox_with):
    return mailbox_with()


@pytest.fixture
def certificate(tmp_path):
    """A certificate of 127.0.0.1 that signs itself: (its file, the file of its key)."""
    return make_certificate(tmp_path)


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))


class SmsGateway(BaseHTTPRequestHandler):
    """A gateway that answers what a test tells it."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.server.answer)
        self.send_header("Location", self.path)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def gateway():
    server = ThreadingHTTPServer(("127.0.0.1", 0), SmsGateway)
    server.requests, server.answer = [], 202
    thread = threading.Thread(
        target=server.serve_forever, args=(0.01,)
    )  # how soon it sees that it shall stop
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def unsealing_key():
    return b64encode(UNSEALING_KEY.private_bytes_raw()).decode()


@pytest.fixture
def sealed():
    """`sealed(text, context)` as accounts seals for notify."""
    public_key = b64encode(UNSEALING_KEY.public_key().public_bytes_raw()).decode()
    return lambda text, context: seal(public_key, text, str(context))


@pytest.fixture
def asking(transactions, unsealing_key, monkeypatch):
    """`asking("own_messages", of=an_owner())`: a call as the gateway makes it."""
    from .asking import Asking

    environment = EVERY_SETTING | {
        "NOTIFY_SEALING_PRIVATE_KEY": unsealing_key,
        "PORTAL_URL": "https://mtnet.example",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Asking(transactions)


@pytest.fixture
def start(topology, run_process, mailbox, gateway, unsealing_key):
    """`start(…)`: notify as a process of its own, between the broker and the two providers."""

    def start(**more):
        return run_process(
            "serve",
            "notify",
            **EVERY_SETTING
            | {
                "NOTIFY_SEALING_PRIVATE_KEY": unsealing_key,
                "NOTIFY_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
                "NOTIFY_SMS_URL": f"http://127.0.0.1:{gateway.server_port}/sms",
                "NOTIFY_MAIL_FROM": "MTNet <no-reply@mtnet.example>",
                "PORTAL_URL": "https://mtnet.example",
                "NOTIFY_QUIET_HOURS": "none",
            }
            | more,
        )

    return start


@pytest.fixture
def running(start):
    return start()


@pytest.fixture
def publish(topology):
    """`publish(event)`; `publish(event, body=b"…")` sends another body under its name."""
    connection = pika.BlockingConnection(pika.URLParameters(topology.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()

    def publish(event, body=None):
        headers = headers_for(
            event_id=event.event_id,
            source=event.source,
            name=event.event_name(),
            aggregate=event.aggregate,
            subject=event.aggregate_id,
            sequence=1,
            occurred_at=event.occurred_at,
            traceparent=None,
        )
        channel.basic_publish(
            f"{event.source}.events",
            event.event_name(),
            json.dumps(event.to_payload()).encode() if body is None else body,
            pika.BasicProperties(delivery_mode=2, content_type="application/json", headers=headers),
        )

    yield publish
    connection.close()
