"""kill -9 on an answer's way out, and on the way back of what became of it, between real processes.

Nothing is lost, and nothing is sent twice: each agent's answer is one row of the thread and one mail, and the thread
hears of its delivery. The agent's page asks again with its key, as the gateway does.
"""

import json
import socket
from base64 import b64encode
from collections import Counter
from email import message_from_bytes
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from helpdesk.recording.actions import record_inbound
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.failpoints import POINTS_OF_ANSWERS
from mtnet_chassis.rpc.actor import ActorSigner
from mtnet_chassis.runtime.services import migrations_of
from mtnet_chassis.testing.calling import Caller
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_chassis.testing.relaying import drain
from notify.channels.registry import channel_plans

from ..builders import KEY, NOW, an_actor, an_inbound

SERVICES = ("helpdesk", "notify")
pytestmark = pytest.mark.stack
ANSWERS = 4
DELIVERED = "SELECT count(*) FROM entry WHERE kind = 'answer' AND delivery = 'delivered'"
# Who dies, and where: before the answer is stored, when notify takes it over, when the delivery is told.
POINTS = [
    *(("helpdesk", point) for point in POINTS_OF_ANSWERS),
    ("helpdesk", "outbox.after_insert"),
    ("notify", "inbox.after_effect"),
    ("notify", "inbox.after_commit"),
    ("notify", "senders.before_send"),
    ("helpdesk", "inbox.after_effect"),
    ("helpdesk", "inbox.after_commit"),
]
IN_SHORT = {("helpdesk", "tickets.before_answer_announced"), ("notify", "inbox.after_commit")}


class MailServer:
    """Takes everything, and remembers each Message-ID."""

    def __init__(self):
        self.taken = Counter()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.taken[message_from_bytes(envelope.content)["Message-ID"]] += 1
        return "250 OK"


@pytest.fixture
def mails():
    handler = MailServer()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        handler.port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture(scope="module")
def notify_url(make_database):
    return make_database((migrations_of("notify"),))


@pytest.fixture
def start(topology, run_process, mails, notify_url, tmp_path):
    """`start("notify", FAILPOINT=…)`."""
    shared = {
        "PORTAL_URL": "https://portal.example",
        "FILES_URL": (tmp_path / "store").as_uri(),
        "ACTOR_PUBLIC_KEY": b64encode(KEY.public_key().public_bytes_raw()).decode(),
    }
    plans = channel_plans().values()
    needed = {s.name: "token" for plan in plans for s in plan.settings if s.default is None}
    of_notify = needed | {
        "DATABASE_URL": notify_url,
        "NOTIFY_SEALING_PRIVATE_KEY": b64encode(bytes(range(32))).decode(),
        "NOTIFY_SIGNING_KEY": b64encode(b"k" * 32).decode(),
        "NOTIFY_SMTP_URL": f"smtp://127.0.0.1:{mails.port}",
        "NOTIFY_FAX_URL": "smtp://127.0.0.1:9",
        "NOTIFY_FAX_FROM": "fax@mtnet.example",
        "NOTIFY_MAIL_FROM": "MTNet <no-reply@mtnet.example>",
        "NOTIFY_QUIET_HOURS": "none",
    }

    def start(service, **more):
        return run_process("serve", service, **shared, **(of_notify if service == "notify" else {}), **more)

    return start


@pytest.fixture
def tickets(transactions):
    """So many, each of somebody else: number, id and version."""
    with transactions.transaction() as tx:
        tx.execute("TRUNCATE inbound_item, ticket, entry, attachment, requester, outbox, inbox CASCADE")
        for n in range(ANSWERS):
            record_inbound(tx, Outbox(tx), an_inbound(address=f"clerk{n}-{uuid4().hex}@example.com"), NOW)
        return tx.execute("SELECT ticket_id, version FROM ticket").fetchall()


@pytest.fixture
def answer(topology):
    """`answer(ticket_id, version, key)`: the reply; None where the service died over it."""
    caller = Caller(topology.amqp_url)
    actor = ActorSigner(KEY.private_bytes_raw()).sign(an_actor())

    def answer(ticket_id, version, key, seconds):
        request = {
            "ticket_id": str(ticket_id),
            "version": version,
            "text": "請再試一次。",
            "then": "resolved",
        }
        sent = caller.send(
            "helpdesk.answer_ticket",
            {"actor": actor, "idempotency_key": key, "request": request},
        )
        return caller.replies(seconds=seconds).get(sent)

    yield answer
    caller.close()


@pytest.mark.parametrize(("victim", "point"), POINTS)
def test_no_answer_is_lost_or_sent_twice_when_a_process_is_killed(
    start, tickets, answer, mails, rows, topology, postgres_dsn, notify_url, long, victim, point
):
    if (victim, point) not in IN_SHORT and not long:
        pytest.skip("in the long form")
    running = {name: start(name, FAILPOINT=f"{point}:kill:1" if name == victim else "") for name in SERVICES}

    def revived():
        """Whether everything came to its end; who died is started again, as a supervisor would."""
        for name, process in running.items():
            if not process.alive:
                running[name] = start(name)
        drain(service="helpdesk", dsn=postgres_dsn, amqp_url=topology.amqp_url)
        drain(service="notify", dsn=notify_url, amqp_url=topology.amqp_url)
        return rows(DELIVERED) == [(ANSWERS,)]

    first = dict(running)
    for ticket_id, version in tickets:
        key, reply = str(uuid4()), None
        while reply is None:
            reply = answer(ticket_id, version, key, seconds=0.5)
            if not running["helpdesk"].alive:
                running["helpdesk"] = start("helpdesk")
        assert json.dumps(reply["result"]).count("entry_id") == 1, reply
    eventually(revived, seconds=90)
    assert not first[victim].alive, "it never got there"
    assert rows("SELECT count(*) FROM entry WHERE kind = 'answer'") == [(ANSWERS,)]
    ours = {
        f"<answer-{entry_id}@mtnet.example>"
        for (entry_id,) in rows("SELECT entry_id FROM entry WHERE kind = 'answer'")
    }
    assert mails.taken == Counter(ours)
