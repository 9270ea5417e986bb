"""A text message from the message to its receipt, against the stand-ins of both companies: every way it can end."""

import hashlib
import hmac
import json
import socket
from uuid import uuid4

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from notify.channels.sms.adapters import CHANNEL
from notify.deliveries.sender import ChannelState
from notify.providers.rules import RateLimit
from notify.receipts.actions import poll
from notify.templates.rules import Kind
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

from ..builders import LINKS, seconds
from ..deliveries.senders import a_message, a_sender, the_delivery

SERVICES = ("notify",)
NUMBER = "+886912345678"
# The sandbox signs with one for both.
KEY = "key-of-receipts-of-sms"
SOME_ID = "0a07598b-a3f8-4f94-8e81-55eddd1d06ff"
STATE = "SELECT state, failure FROM delivery WHERE delivery_id = %s"


def a_free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def sandbox(portal):
    running = SandboxInThread(Settings(a_free_port(), a_free_port(), {"sms": KEY}, webhooks_url=portal.url))
    yield running
    running.close()


@pytest.fixture(params=["first", "second"])
def company(request, values, sandbox):
    """All messages go to this one."""
    values["sms"] |= {
        "NOTIFY_SMS_URL": f"{sandbox.url}/sms",
        "NOTIFY_SMS_TOKEN": KEY,
        "NOTIFY_SMS_SECOND_URL": f"{sandbox.url}/sms/second",
        "NOTIFY_SMS_SECOND_TOKEN": KEY,
        "NOTIFY_SMS_SHARES": "1:0" if request.param == "first" else "0:1",
    }
    return request.param


@pytest.fixture
def sender(empty, clock, unsealing_key, values, company):
    state = ChannelState("sms", LINKS, unsealing_key, RateLimit(1_000_000), CHANNEL.retry)
    connection = CHANNEL.connect(values["sms"], LINKS)
    yield a_sender(empty, clock, connection, unsealing_key, "sms", state)
    connection.close()


@pytest.fixture
def text(write):
    """A text message that waits; its delivery's id."""
    return the_delivery(write(a_message(Kind.PASSWORD_CHANGED, channel="sms", recipient=NUMBER)))


def is_state(rows, delivery, *expected):
    return lambda: rows(STATE, delivery)[0] == expected


def test_it_is_sent_and_then_delivered(sandbox, sender, text, rows, portal):
    sandbox.fault("sms", "late_receipt", 1, seconds=0.3)
    assert sender.send_due() == 1
    assert rows(STATE, text) == [("sent", None)]
    eventually(is_state(rows, text, "delivered", None))
    assert portal.answered == [204]
    assert [message["to"] for message in sandbox.messages("?channel=sms")] == [NUMBER]


def test_one_that_does_not_arrive_has_failed(sandbox, sender, text, rows, company):
    sandbox.fault("sms", "undelivered", 1)
    sender.send_due()
    eventually(is_state(rows, text, "failed", "UNDELIVERED"))
    word = {"first": "undelivered", "second": "UNDELIV"}[company]
    ((detail,),) = rows("SELECT receipt_detail FROM attempt WHERE delivery_id = %s", text)
    assert detail == f"{company}: {word}", "the operator sees who said it"


def test_a_receipt_that_comes_twice_counts_once(sandbox, sender, text, rows, portal):
    sandbox.fault("sms", "receipt_twice", 1)
    sender.send_due()
    eventually(lambda: portal.answered[-2:] == [204, 204])
    assert rows(STATE, text) == [("delivered", None)]
    counted = "SELECT sum(n)::integer FROM delivery_count WHERE channel = 'sms' AND outcome = 'confirmed'"
    assert rows(counted) == [(1,)]


def test_a_receipt_before_the_answer_to_the_message_holds(sandbox, sender, text, rows):
    sandbox.fault("sms", "early_receipt", 1)
    sender.send_due()
    eventually(is_state(rows, text, "delivered", None))
    # Who looks at the figures sees no more confirmed than sent.
    counted = (
        "SELECT outcome, sum(n)::integer FROM delivery_count WHERE channel = 'sms' GROUP BY 1 ORDER BY 1"
    )
    assert rows(counted) == [("accepted", 1), ("confirmed", 1)]


def test_a_wrong_key_and_an_unknown_message_change_nothing(sandbox, sender, text, rows, portal):
    sandbox.fault("sms", "wrong_receipt", 1)
    sender.send_due()
    eventually(lambda: portal.answered[:2] == [403, 503])
    assert rows(STATE, text) == [("sent", None)]


def test_without_a_receipt_it_is_given_up_after_three_days(sandbox, sender, text, rows, empty, clock, values):
    sandbox.fault("sms", "no_receipt", 1)
    sender.send_due()
    clock.now += CHANNEL.receipt_within
    assert poll(empty, "sms", CHANNEL, values["sms"], clock) == 0
    clock.now += seconds(1)
    assert poll(empty, "sms", CHANNEL, values["sms"], clock) == 1
    assert rows(STATE, text) == [("failed", "EXPIRED")]


def signed(body, key=KEY):
    return {
        "authorization": "",
        "x-signature": f"sha256={hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}",
    }


BODIES = [
    ("first", b"not json"), ("first", b"[]"), ("first", b'{"reference": "x", "status": "delivered"}'),
    ("first", json.dumps({"reference": SOME_ID, "status": "sent by pigeon"}).encode()),
    ("first", b'{"reference": 1, "status": 2}'), ("second", b"\xff"), ("second", b""),
    ("second", b"id=x&state=DELIVRD"),
    ("second", b"&".join(b"a=1" for _ in range(30))), ("second", f"id={SOME_ID}&state=PIGEON".encode()),
]  # fmt: skip


@pytest.mark.parametrize(("company", "body"), BODIES, indirect=["company"])
def test_what_says_nothing_is_unreadable(take, company, body):
    assert take("sms", company, body, signed(body)) == "unreadable"


def test_each_company_has_a_key_and_an_address_of_its_own(take, values, company):
    values["sms"]["NOTIFY_SMS_SECOND_TOKEN"] = "another"
    body = {"first": b'{"reference": "x", "status": "y"}', "second": b"id=x&state=y"}[company]
    key, other = (KEY, "another") if company == "first" else ("another", KEY)
    assert take("sms", company, body, signed(body, key)) == "unreadable"
    assert take("sms", company, body, signed(body, other)) == "forged"
    for nobody in ("", "third"):
        assert take("sms", nobody, body, signed(body, key)) == "forged"


def test_without_a_second_company_nobody_signs_for_it(take, values, company):
    values["sms"]["NOTIFY_SMS_SECOND_TOKEN"] = ""
    body = b"id=x&state=y"
    assert take("sms", "second", body, signed(body, "")) == "forged"


@pytest.mark.parametrize("company", ["first", "second"], indirect=True)
def test_what_is_on_its_way_is_recorded_and_changes_nothing(take, company):
    body = {
        "first": json.dumps({"reference": str(uuid4()), "status": "accepted"}).encode(),
        "second": f"id={uuid4()}&state=ENROUTE".encode(),
    }[company]
    assert take("sms", company, body, signed(body)) == "recorded"


@pytest.mark.parametrize("company", ["first"], indirect=True)
def test_all_replicas_share_what_they_know_of_the_companies(
    empty, clock, unsealing_key, values, sandbox, company, write, rows
):
    """One loses its share at one replica: the other replica gives it nothing any more, and tries it by one message."""
    from notify.channels.sms import adapters

    values["sms"]["NOTIFY_SMS_URL"] = "http://127.0.0.1:9/sms"
    rows("DELETE FROM provider RETURNING channel")
    senders = []
    for _ in range(2):
        adapters._shares.cache_clear()  # another process
        state = ChannelState("sms", LINKS, unsealing_key, RateLimit(1_000_000), CHANNEL.retry)
        connection = CHANNEL.connect(values["sms"], LINKS)
        connection.gateway.clock = clock
        senders.append(a_sender(empty, clock, connection, unsealing_key, "sms", state))
    one, other = senders
    for _ in range(4):
        write(a_message(Kind.PASSWORD_CHANGED, channel="sms", recipient=NUMBER))
        assert one.send_due() == 1
        clock.now += seconds(25)
    assert other.connection.gateway.shares.by_name["first"].is_lost is False
    write(a_message(Kind.PASSWORD_CHANGED, channel="sms", recipient=NUMBER))
    assert other.send_due() == 1
    assert other.connection.gateway.shares.by_name["first"].is_lost
    ((known,),) = rows("SELECT known FROM provider WHERE channel = 'sms'")
    assert set(known["first"]) == {"failing_since", "probed_at"}
    for sender in senders:
        sender.close()
    adapters._shares.cache_clear()
