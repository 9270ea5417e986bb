"""kill -9 of a sender at every named point from lease to record, on every channel, against stand-ins that count.

Nothing is lost. LINE reaches nobody twice: it knows our retry key. A mail, a fax or a request to the text message
gateway comes twice at most where the crash falls between acceptance and record, under the same id. A killed process has
several connections, and each may be at that place: with one message, since these are urgent and recorded one by one.
"""

import json
import socket
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from mtnet_chassis.failpoints import POINTS_OF_SENDERS
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import VerificationCodeRequested
from mtnet_contracts.examples import example_of
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

SERVICES = ("notify",)
pytestmark = pytest.mark.stack
CHANNELS = ("email", "sms", "line", "fax")
MESSAGES = 12
CONNECTIONS = 2
# Where the provider may have taken what is not recorded yet.
BETWEEN = {"senders.after_acceptance", "senders.before_record"}
ENDED = "SELECT count(*) FROM delivery WHERE state IN ('sent', 'delivered')"
IDS = "SELECT delivery_id FROM delivery"


def a_free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def sandbox():
    running = SandboxInThread(Settings(a_free_port(), a_free_port(), {"line": "token"}))
    yield running
    running.close()


@pytest.fixture
def environment(sandbox):
    fax_port = sandbox.settings.smtp_port
    return {
        "NOTIFY_LINE_URL": f"{sandbox.url}/line",
        "NOTIFY_LINE_TOKEN": "token",
        "NOTIFY_FAX_URL": f"smtp://127.0.0.1:{fax_port}",
        "NOTIFY_FAX_HOURS": "always",
        **{f"NOTIFY_{each}_CONNECTIONS": str(CONNECTIONS) for each in ("MAIL", "SMS", "LINE", "FAX")},
    }


@pytest.fixture
def rows(transactions):
    def rows(sql):
        with transactions.transaction() as tx:
            return tx.execute(sql).fetchall()

    with transactions.transaction() as tx:
        tx.execute("TRUNCATE message, delivery, attempt, provider, delivery_count, outbox, inbox")
    return rows


@pytest.fixture
def ask(publish, sealed, sandbox):
    """`ask("line")`: so many codes to so many people, by this channel."""

    def recipient(channel, number):
        if channel == "line":
            user = json.loads(sandbox.ask("POST", "/api/line/users", {"name": f"clerk {number}"})[1])
            sandbox.ask("POST", f"/api/line/users/{user['user_id']}/follow")
            return user["user_id"]
        return {"email": f"clerk{number}@example.com", "sms": f"+8869123456{number:02}"}.get(
            channel, f"+8862819270{number:02}"
        )

    def ask(channel):
        for number in range(MESSAGES):
            challenge_id = uuid4()
            publish(
                replace(
                    example_of(VerificationCodeRequested),
                    event_id=new_event_id(),
                    channel=channel,
                    recipient=recipient(channel, number),
                    challenge_id=challenge_id,
                    sealed_code=sealed("482913", challenge_id),
                    expires_at=datetime.now(UTC) + timedelta(minutes=10),
                )
            )

    return ask


@pytest.fixture
def received(mailbox, gateway, sandbox):
    """`received("sms")`: how often each message was taken, by the id under which a provider knows it."""

    def received(channel):
        if channel == "email":
            return Counter(mail["Message-ID"].strip("<>").split("@")[0] for _, mail in mailbox.received)
        if channel == "sms":
            return Counter(body["reference"] for _, _, body in gateway.requests)
        taken = json.loads(sandbox.ask("GET", "/api/fax/received")[1])
        return Counter({key.strip("<>").split("@")[0].split(".")[-1]: n for key, n in taken.items()})

    return received


def line_state(sandbox):
    return json.loads(sandbox.ask("GET", "/api/line")[1])


IN_SHORT = {
    ("email", "senders.after_acceptance"),
    ("email", "senders.before_record"),
    ("line", "senders.after_acceptance"),
    ("fax", "senders.after_acceptance"),
}


@pytest.mark.parametrize(("channel", "point"), list(product(CHANNELS, POINTS_OF_SENDERS)))
def test_nothing_is_lost_and_little_comes_twice_when_a_sender_is_killed(
    start, ask, received, rows, sandbox, environment, long, channel, point
):
    if (channel, point) not in IN_SHORT and not long:
        pytest.skip("in the long form")
    sandbox.ask("DELETE", "/api/line")
    first = start(**environment, FAILPOINT=f"{point}:kill:3")
    ask(channel)
    eventually(lambda: not first.alive, seconds=30)
    start(**environment)
    eventually(lambda: rows(ENDED) == [(MESSAGES,)], seconds=60)
    if channel == "line":
        state = line_state(sandbox)
        assert (state["reached"], state["doubled"]) == (MESSAGES, 0)
        return
    ours = {str(delivery_id) for (delivery_id,) in rows(IDS)}
    taken = {key: n for key, n in received(channel).items() if key in ours}
    assert taken.keys() == ours, "nothing is lost"
    twice = sum(taken.values()) - MESSAGES
    assert max(taken.values()) <= 2
    assert twice <= (CONNECTIONS if point in BETWEEN else CONNECTIONS - 1)
