"""What an operator does with dead letters leaves a record, and loses nothing."""

import logging

import pika
import pytest
import structlog
from ledger.events import Booked, Cancelled, Paid
from mtnet_chassis.broker.plan import ServicePlan
from mtnet_chassis.broker.topology import HISTORY, topology_of
from mtnet_chassis.operations import dead_letters as module
from mtnet_chassis.operations.cli import main
from mtnet_chassis.operations.dead_letters import DeadLetters, NoSuchLetter, NoSuchQueue
from mtnet_chassis.runtime.services import plan_of
from mtnet_chassis.testing.pytest_plugin import eventually

pytestmark = pytest.mark.stack

QUEUE = "ledger.wishes"
LEDGER = True


@pytest.fixture
def letters(broker, monkeypatch):
    plans = [ServicePlan("tests", (), False), plan_of("ledger")]
    broker.apply(topology_of(plans, [Paid, Cancelled, Booked]))
    for queue in (QUEUE, f"{QUEUE}.dead", HISTORY):
        broker.management.call("DELETE", f"/queues/{broker.vhost}/{queue}/contents")
    monkeypatch.setenv("AMQP_OPERATOR_URL", broker.amqp_url)
    letters = DeadLetters(broker.amqp_url)
    yield letters
    letters.close()


@pytest.fixture
def bury(broker, letters):
    def bury(event_id, **headers):
        connection = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
        channel = connection.channel()
        channel.confirm_delivery()
        facts = {
            "cloudEvents_id": event_id,
            "cloudEvents_type": "tests.Paid",
            "x-dead-reason": "Poison: never",
        }
        channel.basic_publish(
            "",
            f"{QUEUE}.dead",
            b'{"number": 1}',
            pika.BasicProperties(headers=facts | headers, delivery_mode=2),
        )
        connection.close()

    return bury


def test_letters_are_listed_with_their_reason_and_stay(letters, bury):
    bury("one")
    bury("two")
    for _ in range(2):
        assert [(x.event_id, x.event, x.reason) for x in letters.list(QUEUE)] == [
            ("one", "tests.Paid", "Poison: never"),
            ("two", "tests.Paid", "Poison: never"),
        ]
    assert letters.show(QUEUE, "two").body == '{"number": 1}'


def test_a_replayed_letter_is_back_in_its_queue_with_a_fresh_ladder(letters, bury, broker):
    bury("one")
    bury("two", **{"x-retry-attempt": 5})
    assert letters.replay(QUEUE, "two", who="operator1", reason="repaired") == 1
    ((headers, body),) = broker.wait_for_messages(QUEUE, 1)
    assert (headers["cloudEvents_id"], body) == ("two", b'{"number": 1}')
    assert not [name for name in headers if name.startswith("x-retry")]
    assert [x.event_id for x in letters.list(QUEUE)] == ["one"]
    ((record, _),) = broker.wait_for_messages(HISTORY, 1)
    assert (record["x-action"], record["x-who"], record["x-why"]) == ("replayed", "operator1", "repaired")


def test_a_discarded_letter_is_recorded_and_counts_as_applied(letters, bury, broker):
    bury("one")
    assert letters.discard(QUEUE, "one", who="operator1", reason="a test") == 1
    assert letters.list(QUEUE) == []
    ((headers, _),) = broker.wait_for_messages(QUEUE, 1)
    assert headers["x-discarded"] == "operator1: a test"


@pytest.mark.parametrize(("who", "reason"), [("", "why"), ("who", " ")])
def test_nothing_is_done_without_a_name_and_a_reason(letters, bury, who, reason):
    bury("one")
    with pytest.raises(ValueError, match="--who"):
        letters.replay(QUEUE, "one", who=who, reason=reason)
    assert len(letters.list(QUEUE)) == 1


def test_a_letter_that_is_not_there_is_said_to_be_missing(letters):
    with pytest.raises(NoSuchLetter):
        letters.replay(QUEUE, "nobody", who="operator1", reason="a test")


def test_replaying_all_ends_although_the_letters_fail_again(letters, bury, monkeypatch):
    """Each is buried anew the moment it is back in its queue, which a broken handler does within milliseconds."""
    for number in range(5):
        bury(f"letter-{number}")
    publish = pika.adapters.blocking_connection.BlockingChannel.basic_publish

    def fails_again(channel, exchange, key, body, properties, mandatory=False):
        publish(channel, exchange, key, body, properties, mandatory)
        if key == QUEUE:
            bury(properties.headers["cloudEvents_id"])

    monkeypatch.setattr(pika.adapters.blocking_connection.BlockingChannel, "basic_publish", fails_again)
    assert letters.replay(QUEUE, None, who="operator1", reason="repaired, or so I think") == 5
    monkeypatch.undo()
    assert len(letters.list(QUEUE)) == 5
    assert len(letters.history()) == 5


def test_the_history_tells_who_did_what_and_why(letters, bury):
    bury("one")
    bury("two")
    letters.replay(QUEUE, "one", who="operator1", reason="repaired")
    letters.discard(QUEUE, "two", who="operator2", reason="a test")
    for _ in range(2):
        assert [(x.who, x.action, x.queue, x.event_id, x.why) for x in letters.history(QUEUE)] == [
            ("operator1", "replayed", QUEUE, "one", "repaired"),
            ("operator2", "discarded", QUEUE, "two", "a test"),
        ]
    assert letters.history("ledger.batch") == ()


def test_a_letter_beyond_the_first_thousand_is_shown(letters, broker):
    connection = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
    channel = connection.channel()
    for number in range(1100):
        headers = {"cloudEvents_id": f"letter-{number}"}
        channel.basic_publish("", f"{QUEUE}.dead", b"{}", pika.BasicProperties(headers=headers))
    connection.close()
    eventually(lambda: len(letters.list(QUEUE)) == 1100)
    assert letters.show(QUEUE, "letter-1099").event_id == "letter-1099"


def test_a_mistyped_queue_is_said_not_to_be_there(letters):
    with pytest.raises(NoSuchQueue, match=r"ledger\.whishes\.dead"):
        letters.list("ledger.whishes")
    with pytest.raises(NoSuchQueue, match=r"ledger\.whishes\.dead"):
        letters.replay("ledger.whishes", None, who="operator1", reason="a test")


def test_a_crash_between_publish_and_acknowledgement_leaves_the_letter_dead(
    letters, bury, broker, monkeypatch
):
    bury("one")

    def crash(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module.log, "info", crash)
    monkeypatch.setattr(pika.adapters.blocking_connection.BlockingChannel, "basic_ack", crash)
    with pytest.raises(KeyboardInterrupt):
        letters.replay(QUEUE, "one", who="operator1", reason="a test")
    monkeypatch.undo()
    assert len(broker.wait_for_messages(QUEUE, 1)) == 1
    again = DeadLetters(broker.amqp_url)
    assert [x.event_id for x in again.list(QUEUE)] == ["one"]
    again.close()


@pytest.fixture
def logging_as_before():
    """The command sets up the logs of its process, which here is pytest's."""
    root, settings = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**settings)


@pytest.mark.usefixtures("logging_as_before")
def test_the_command_lists_and_replays(bury, capsys, monkeypatch):
    bury("one")
    assert main(["dead-letters", "list", QUEUE]) == 0
    assert "one  tests.Paid" in capsys.readouterr().out
    assert main(["dead-letters", "replay", QUEUE, "one", "--who", "operator1", "--reason", "repaired"]) == 0
    assert capsys.readouterr().out.endswith("1 replayed\n")
    assert main(["dead-letters", "replay", QUEUE, "one"]) == 1
    assert "--who" in capsys.readouterr().err


def test_a_letter_that_the_broker_buried_itself_is_counted(bury, run_process, broker):
    ledger = run_process("serve", "ledger", AMQP_URL=broker.amqp_url)
    eventually(lambda: f'mtnet_dead_letters{{queue="{QUEUE}"}} 0.0' in ledger.get("/metrics")[1])
    bury("one")
    bury("two")
    eventually(lambda: f'mtnet_dead_letters{{queue="{QUEUE}"}} 2.0' in ledger.get("/metrics")[1])
