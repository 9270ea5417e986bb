"""A fax from the message to its receipt, against the gateway's stand-in: every way in which a call can end."""

import hashlib
import hmac
import json
import socket
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from notify.channels.fax.adapters import CHANNEL
from notify.channels.fax.rules import ANSWERS, office_hours, receipt_of
from notify.channels.rules import Failure, Window
from notify.deliveries.sender import ChannelState
from notify.providers.rules import RateLimit
from sandbox.in_thread import SandboxInThread
from sandbox.settings import Settings

from ..builders import LINKS
from ..deliveries.senders import a_message, a_sender, the_delivery
from .conftest import KEY

SERVICES = ("notify",)
NUMBER = "+886281927019"
STATE = "SELECT state, failure, pages FROM delivery WHERE delivery_id = %s"
DUE = "SELECT next_attempt_at FROM delivery WHERE delivery_id = %s"


def a_free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def sandbox(portal):
    running = SandboxInThread(
        Settings(a_free_port(), a_free_port(), {}, webhooks_url=portal.url, fax_token=KEY)
    )
    yield running
    running.close()


@pytest.fixture
def sender(empty, clock, unsealing_key, values, sandbox):
    values["fax"] |= {
        "NOTIFY_FAX_URL": f"smtp://127.0.0.1:{sandbox.settings.smtp_port}",
        "NOTIFY_FAX_TOKEN": KEY,
        "NOTIFY_FAX_FROM": "fax@mtnet.example",
    }
    state = ChannelState("fax", LINKS, unsealing_key, RateLimit(1_000_000), CHANNEL.retry)
    connection = CHANNEL.connect(values["fax"], LINKS)
    yield a_sender(empty, clock, connection, unsealing_key, "fax", state)
    connection.close()


@pytest.fixture
def fax(write):
    """A fax that waits; its delivery's id."""
    return the_delivery(write(a_message(channel="fax", recipient=NUMBER)))


def is_state(rows, delivery, *expected):
    return lambda: rows(STATE, delivery)[0][: len(expected)] == expected


def test_a_fax_is_sent_and_then_delivered_with_its_pages(sandbox, sender, fax, rows, portal):
    sandbox.fault("fax", "slow", 1, seconds=0.3)
    assert sender.send_due() == 1
    assert rows(STATE, fax) == [("sent", None, None)]
    eventually(is_state(rows, fax, "delivered", None, 1))
    (paper,) = sandbox.messages("?channel=fax")
    assert paper["to"] == NUMBER
    assert paper["headers"]["Message-ID"] == f"<fax.{fax}@mtnet.example>"
    assert portal.answered == [204]


@pytest.mark.parametrize(
    ("mode", "failure"), [("busy", "BUSY"), ("no_answer", "NO_ANSWER"), ("no_carrier", "NO_CARRIER")]
)
def test_a_line_that_is_not_free_is_tried_again_after_5_15_and_60_minutes_in_office_hours(
    sandbox, sender, fax, rows, clock, mode, failure
):
    sandbox.fault("fax", mode)
    waited = []
    for _ in range(3):
        assert sender.send_due() == 1
        eventually(is_state(rows, fax, "waiting"))
        ((due,),) = rows(DUE, fax)
        waited.append(due - clock.now)
        assert sender.send_due() == 0, "not yet"
        clock.now = due
    # From 17:25 on: 17:30, 17:45, and 18:45 is after the office has closed.
    minutes = [each / timedelta(minutes=1) for each in waited]
    assert minutes[:2] == [pytest.approx(5, rel=0.11), pytest.approx(15, rel=0.11)]
    assert clock.now == datetime(2026, 11, 24, 0, 0, tzinfo=UTC), "at 8:00 in Taipei the next morning"
    assert sender.send_due() == 1
    eventually(is_state(rows, fax, "failed", failure))
    assert json.loads(sandbox.ask("GET", "/api/fax/received")[1]) == {f"<fax.{fax}@mtnet.example>": 4}


def test_a_line_that_becomes_free_gets_its_fax(sandbox, sender, fax, rows, clock):
    sandbox.fault("fax", "busy", 1)
    sender.send_due()
    eventually(is_state(rows, fax, "waiting"))
    ((clock.now,),) = rows(DUE, fax)
    sender.send_due()
    eventually(is_state(rows, fax, "delivered", None, 1))


@pytest.mark.parametrize(
    ("mode", "failure"), [("wrong_number", "RECIPIENT_REFUSED"), ("rejected", "MESSAGE_REFUSED")]
)
def test_a_wrong_number_is_not_dialled_again(sandbox, sender, fax, rows, mode, failure):
    sandbox.fault("fax", mode)
    sender.send_due()
    eventually(is_state(rows, fax, "failed", failure))


def test_a_receipt_that_overtakes_the_record_of_its_attempt_is_not_lost(sandbox, sender, fax, rows, portal):
    sandbox.fault("fax", "early_receipt", 1)
    sender.send_due()
    eventually(is_state(rows, fax, "delivered", None, 1))
    assert 204 in portal.answered


def test_a_busy_line_told_before_our_record_is_told_again(empty, sandbox, sender, fax, rows, portal, take):
    """The receipt comes while the sender still waits for the answer to its mail."""
    told = []
    hand_over = sender.connection.provider.send

    def send(*arguments):
        answer, reference = hand_over(*arguments)
        body = json.dumps({"reference": reference, "status": "busy"}).encode()
        told.append((body, take("fax", "", body, Signed(body))))
        return answer, reference

    sandbox.fault("fax", "no_receipt", 1)
    sender.connection.provider.send = send
    sender.send_due()
    ((body, outcome),) = told
    assert outcome == "unknown", "the provider is to send it again"
    assert rows(STATE, fax)[0][0] == "sent"
    assert take("fax", "", body, Signed(body)) == "recorded"
    assert rows(STATE, fax)[0][0] == "waiting"


def test_a_receipt_that_comes_twice_changes_nothing_the_second_time(sandbox, sender, fax, rows, portal):
    sandbox.fault("fax", "receipt_twice", 1)
    sender.send_due()
    eventually(lambda: portal.answered == [204, 204])
    assert rows(STATE, fax) == [("delivered", None, 1)]
    assert rows("SELECT count(*) FROM outbox") == [(1,)]


def test_the_receipt_of_an_earlier_attempt_does_not_dial_again(
    sandbox, sender, fax, rows, clock, portal, take
):
    sandbox.fault("fax", "busy", 1)
    sender.send_due()
    eventually(is_state(rows, fax, "waiting"))
    (reference,) = rows("SELECT provider_ref FROM attempt WHERE delivery_id = %s", fax)[0]
    ((clock.now,),) = rows(DUE, fax)
    sandbox.fault("fax", "no_receipt", 1)
    sender.send_due()
    body = json.dumps({"reference": reference, "status": "busy"}).encode()
    assert take("fax", "", body, Signed(body)) == "recorded"
    assert rows(STATE, fax)[0][0] == "sent"


def test_the_receipt_of_an_attempt_that_was_never_recorded_does_not_dial_again(
    sender, fax, rows, sandbox, take
):
    """Its sender was killed after the gateway had taken the fax, and another has sent it again."""
    sandbox.fault("fax", "no_receipt", 1)
    sender.send_due()
    lost = f"{fax}/{uuid4().hex[:12]}"
    for status, state in (("busy", "sent"), ("wrong_number", "sent"), ("delivered", "delivered")):
        body = json.dumps({"reference": lost, "status": status, "pages": 1}).encode()
        assert take("fax", "", body, Signed(body)) == "recorded"
        assert rows(STATE, fax)[0][0] == state


def test_wrong_receipts_change_nothing(sandbox, sender, fax, rows, portal):
    sandbox.fault("fax", "wrong_receipt", 1)
    sender.send_due()
    eventually(lambda: portal.answered[:2] == [403, 503])
    assert rows(STATE, fax) == [("sent", None, None)]


def test_a_connection_cut_after_acceptance_is_tried_again_with_the_same_message_id(
    sandbox, sender, fax, rows, clock
):
    sandbox.fault("fax", "drop_after_accept", 1)
    sender.send_due()
    eventually(is_state(rows, fax, "delivered", None, 1))
    assert json.loads(sandbox.ask("GET", "/api/fax/received")[1]) == {f"<fax.{fax}@mtnet.example>": 1}


class Signed(dict):
    """The headers of a body that the gateway has signed."""

    def __init__(self, body, key=KEY):
        super().__init__()
        self["x-signature"] = f"sha256={hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}"

    def __missing__(self, name):
        return None


BUSY = json.dumps({"reference": f"{uuid4()}/{'0' * 12}", "status": "busy"}).encode()


@pytest.mark.parametrize("signature", [None, "", "sha256=", "sha256=00", "sha256=ü", "x" * 1000])
def test_a_receipt_without_the_gateway_s_signature_is_forged(take, values, signature):
    values["fax"]["NOTIFY_FAX_TOKEN"] = KEY
    headers = Signed(BUSY)
    headers["x-signature"] = signature
    assert take("fax", "", BUSY, headers) == "forged"
    assert take("fax", "", BUSY + b" ", Signed(BUSY)) == "forged", "every byte is signed"


def test_two_keys_hold_while_one_replaces_the_other(take, values):
    values["fax"]["NOTIFY_FAX_TOKEN"] = f"new,{KEY}"
    assert take("fax", "", BUSY, Signed(BUSY)) == "unknown"
    assert take("fax", "", BUSY, Signed(BUSY, "new")) == "unknown"
    assert take("fax", "", BUSY, Signed(BUSY, f"new,{KEY}")) == "forged"
    values["fax"]["NOTIFY_FAX_TOKEN"] = ""
    assert take("fax", "", BUSY, Signed(BUSY, "")) == "forged", "no key at all signs nothing"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff", b"[]", b"{}", b'"busy"', b"[" * 10_000,
        b'{"status": "busy"}',
        b'{"status": "tired", "reference": "r"}',
        b'{"status": ["busy"], "reference": "r"}',
        b'{"status": "busy", "reference": "' + b"r" * 201 + b'"}',
        b'{"status": "delivered", "reference": "r", "pages": -1}',
        b'{"status": "delivered", "reference": "r", "pages": "2"}',
        b'{"status": "delivered", "reference": "r", "pages": true}',
    ],
)  # fmt: skip
def test_a_signed_receipt_that_says_nothing_is_unreadable(take, values, content):
    values["fax"]["NOTIFY_FAX_TOKEN"] = KEY
    assert take("fax", "", content, Signed(content)) == "unreadable"


def test_a_channel_whose_provider_tells_nothing_later_has_no_receipts(take):
    assert take("email", "", b"{}", Signed(b"{}")) == "not_offered"


@pytest.mark.parametrize("status", list(ANSWERS))
def test_a_fax_is_named_by_our_reference_or_its_message_id(status):
    delivery = uuid4()
    by_reference = receipt_of(status, f"{delivery}/{'a' * 12}", "", 2)
    by_id = receipt_of(status, "", f"<fax.{delivery}@mtnet.example>", 2)
    assert by_reference.delivery_id == by_id.delivery_id == delivery
    assert (by_reference.provider_ref, by_id.provider_ref) == (f"{delivery}/{'a' * 12}", None)
    assert by_id.pages == (2 if status == "delivered" else None)
    assert receipt_of(status, "", "", None) is None
    assert receipt_of(status, "", "<mail.1@x>", None) is None


def test_office_hours_are_a_setting():
    hours = office_hours("08:00-18:00")
    assert isinstance(hours, Window)
    friday_evening = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    assert hours.next_open(friday_evening) == datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
    assert office_hours("always") is None


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-02-13T18:00+08:00", "2026-02-23T08:00+08:00"),  # the evening before Lunar New Year
        ("2026-02-17T10:00+08:00", "2026-02-23T08:00+08:00"),
        ("2026-12-31T17:59+08:00", "2026-12-31T17:59+08:00"),
        ("2026-12-31T18:00+08:00", "2027-01-04T08:00+08:00"),  # over the end of the year
        ("2027-12-30T18:00+08:00", "2028-01-03T08:00+08:00"),  # into a year that is not there yet
    ],
)
def test_no_office_is_asked_to_take_a_fax_on_a_public_holiday(moment, opens):
    hours = office_hours("08:00-18:00")
    assert hours.next_open(datetime.fromisoformat(moment)) == datetime.fromisoformat(opens)


@pytest.mark.parametrize("text", ["", "8-18", "18:00-08:00", "08:00-08:00", "08:00-24:00", "never"])
def test_hours_that_are_none_are_noticed(text):
    with pytest.raises(ValueError, match="NOTIFY_FAX_HOURS"):
        office_hours(text)
    assert Failure.BUSY in {failure for _, failure in ANSWERS.values()}
