"""What an operator does with dead letters leaves a record, and loses nothing."""

import json
import logging

import pika
import psycopg
import pytest
import structlog
from ledger.events import Booked, Cancelled, Paid
from mtnet_chassis.broker.plan import ServicePlan
from mtnet_chassis.broker.topology import topology_of
from mtnet_chassis.operations.cli import main
from mtnet_chassis.operations.dead_letters import DeadLetters, NoSuchLetter, letters_in
from mtnet_chassis.operations.queues import NoSuchQueue
from mtnet_chassis.operations.record import Operator, Record
from mtnet_chassis.operations.stuck import NotStuck, StuckEvents
from mtnet_chassis.runtime.services import plan_of
from mtnet_chassis.testing.pytest_plugin import eventually

pytestmark = pytest.mark.stack

QUEUE = "ledger.wishes"
LEDGER = True
OPERATOR = Operator("operator1", "a test")


@pytest.fixture
def connection(broker):
    connection = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
    yield connection
    connection.close()


@pytest.fixture
def session(postgres_dsn):
    session = psycopg.connect(postgres_dsn)
    session.execute("DELETE FROM operator_act")
    session.commit()
    yield session
    session.close()


@pytest.fixture
def stuck(connection, session):
    return StuckEvents([plan_of("ledger")], connection, lambda service: session)


@pytest.fixture
def letters(broker, connection, session, postgres_dsn, monkeypatch):
    plans = [ServicePlan("tests", (), False), plan_of("ledger")]
    broker.apply(topology_of(plans, [Paid, Cancelled, Booked]))
    for queue in (QUEUE, f"{QUEUE}.dead"):
        broker.management.call("DELETE", f"/queues/{broker.vhost}/{queue}/contents")
    monkeypatch.setenv("AMQP_OPERATOR_URL", broker.amqp_url)
    monkeypatch.setenv("LEDGER_DATABASE_URL", postgres_dsn)
    monkeypatch.setattr("mtnet_chassis.runtime.services.installed_services", lambda: ("ledger",))
    return DeadLetters(connection, QUEUE, session)


@pytest.fixture
def add_letter(broker, letters):
    def add_letter(event_id, **headers):
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

    return add_letter


def test_letters_are_listed_with_their_reason_and_stay(letters, stuck, add_letter):
    add_letter("one")
    add_letter("two")
    for _ in range(2):
        assert [(x.id, x.event, x.reason) for x in letters.list()] == [
            ("one", "tests.Paid", "Poison: never"),
            ("two", "tests.Paid", "Poison: never"),
        ]
    assert stuck.show(QUEUE, "two").body == b'{"number": 1}'
    with pytest.raises(NotStuck, match="three"):
        stuck.show(QUEUE, "three")


def test_a_retried_letter_is_back_in_its_queue_and_begins_its_retries_anew(
    letters, stuck, add_letter, broker
):
    add_letter("one")
    add_letter("two", **{"x-retry-attempt": 5})
    assert letters.retry("two", Operator("operator1", "repaired")) == 1
    ((headers, body),) = broker.wait_for_messages(QUEUE, 1)
    assert (headers["cloudEvents_id"], body) == ("two", b'{"number": 1}')
    assert not [name for name in headers if name.startswith("x-retry")]
    assert [x.id for x in letters.list()] == ["one"]
    (act,) = stuck.history()
    assert (act.action, act.who, act.why) == ("retried", "operator1", "repaired")


def test_a_discarded_letter_is_recorded_and_counts_as_applied(letters, add_letter, broker):
    add_letter("one")
    assert letters.discard("one", OPERATOR) == 1
    assert letters.list() == []
    ((headers, _),) = broker.wait_for_messages(QUEUE, 1)
    assert headers["x-discarded"] == "operator1: a test"


@pytest.mark.parametrize(("who", "reason"), [("", "why"), ("who", " ")])
def test_nothing_is_done_without_a_name_and_a_reason(letters, add_letter, who, reason, capsys):
    add_letter("one")
    with pytest.raises(ValueError, match="--who"):
        Operator(who, reason)
    assert main(["stuck", "retry", QUEUE, "one", "--who", who, "--reason", reason]) == 1
    assert "--who" in capsys.readouterr().err
    assert len(letters.list()) == 1


def test_a_letter_that_is_not_there_is_said_to_be_missing(letters):
    with pytest.raises(NoSuchLetter):
        letters.retry("nobody", OPERATOR)


def test_retrying_all_ends_although_the_letters_fail_again(letters, stuck, add_letter, monkeypatch):
    """Each is a dead letter again the moment it is back in its queue: a broken handler takes milliseconds."""
    for number in range(5):
        add_letter(f"letter-{number}")
    publish = pika.adapters.blocking_connection.BlockingChannel.basic_publish

    def fails_again(channel, exchange, key, body, properties, mandatory=False):
        publish(channel, exchange, key, body, properties, mandatory)
        if key == QUEUE:
            add_letter(properties.headers["cloudEvents_id"])

    monkeypatch.setattr(pika.adapters.blocking_connection.BlockingChannel, "basic_publish", fails_again)
    assert letters.retry(None, Operator("operator1", "repaired, or so I think")) == 5
    monkeypatch.undo()
    assert len(letters.list()) == 5
    assert len(stuck.history()) == 5


def test_the_history_tells_who_did_what_and_why(letters, stuck, add_letter):
    add_letter("one")
    add_letter("two")
    letters.retry("one", Operator("operator1", "repaired"))
    letters.discard("two", Operator("operator2", "a test"))
    for _ in range(2):
        assert [(x.who, x.action, x.place, x.id, x.why) for x in stuck.history(QUEUE)] == [
            ("operator1", "retried", QUEUE, "one", "repaired"),
            ("operator2", "discarded", QUEUE, "two", "a test"),
        ]
    assert stuck.history("ledger.batch") == ()


def test_the_record_keeps_the_letter_whatever_is_in_it(letters, session, broker):
    headers = {
        "cloudEvents_id": "odd\0one",
        "x-dead-reason": "no\0use",
        "price": 2**70 // 2**64,
        "list": [b"\xff"],
    }
    channel = pika.BlockingConnection(pika.URLParameters(broker.amqp_url)).channel()
    channel.basic_publish("", f"{QUEUE}.dead", b"\xff\0", pika.BasicProperties(headers=headers))
    channel.connection.close()
    eventually(lambda: letters.list())
    assert letters.discard("odd\0one", OPERATOR) == 1
    row = session.execute("SELECT event_id, reason, body, headers ->> 'price' FROM operator_act").fetchone()
    assert row == ("oddone", "nouse", b"\xff\0", "64")


def test_a_letter_beyond_the_first_thousand_is_shown(letters, stuck, broker):
    connection = pika.BlockingConnection(pika.URLParameters(broker.amqp_url))
    channel = connection.channel()
    for number in range(1100):
        headers = {"cloudEvents_id": f"letter-{number}"}
        channel.basic_publish("", f"{QUEUE}.dead", b"{}", pika.BasicProperties(headers=headers))
    connection.close()
    eventually(lambda: len(letters.list()) == 1100)
    assert stuck.show(QUEUE, "letter-1099").id == "letter-1099"


def test_a_mistyped_queue_is_said_not_to_be_there(letters, connection, session):
    with pytest.raises(NoSuchQueue, match=r"ledger\.whishes\.dead"):
        letters_in(connection, "ledger.whishes")
    with pytest.raises(NoSuchQueue, match=r"ledger\.whishes\.dead"):
        DeadLetters(connection, "ledger.whishes", session).retry(None, OPERATOR)


def test_a_crash_between_publish_and_acknowledgement_leaves_the_letter_dead(
    letters, session, add_letter, broker, monkeypatch
):
    add_letter("one")

    def crash(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(pika.adapters.blocking_connection.BlockingChannel, "basic_ack", crash)
    with pytest.raises(KeyboardInterrupt):
        letters.retry("one", OPERATOR)
    monkeypatch.undo()
    assert len(broker.wait_for_messages(QUEUE, 1)) == 1
    assert [x.id for x in letters.list()] == ["one"]
    assert [act.action for act in Record(session).history()] == ["retried"]


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
def test_the_command_lists_retries_and_tells_what_was_done(letters, add_letter, capsys):
    assert main(["stuck", "list", QUEUE]) == 0
    assert capsys.readouterr() == ("", "Nothing is stuck.\n")
    assert main(["stuck", "history"]) == 0
    assert capsys.readouterr() == ("", "No operator has done anything here yet.\n")
    add_letter("one")
    assert main(["stuck", "list", QUEUE]) == 0
    assert "dead-letter  ledger.wishes  one  tests.Paid" in capsys.readouterr().out
    assert main(["stuck", "show", QUEUE, "one"]) == 0
    assert json.loads(capsys.readouterr().out)["body"] == '{"number": 1}'
    assert main(["stuck", "retry", QUEUE, "one", "--who", "operator1", "--reason", "repaired"]) == 0
    assert capsys.readouterr().out == "1 on their way again\n"
    assert main(["stuck", "retry", QUEUE, "one"]) == 1
    assert "--who" in capsys.readouterr().err
    assert main(["stuck", "history"]) == 0
    assert "operator1  retried  dead-letter  ledger.wishes  one  repaired" in capsys.readouterr().out


def test_a_letter_that_the_broker_put_there_is_counted(add_letter, run_process, broker):
    ledger = run_process("serve", "ledger", AMQP_URL=broker.amqp_url)
    eventually(lambda: f'mtnet_dead_letters{{queue="{QUEUE}"}} 0.0' in ledger.get("/metrics")[1])
    add_letter("one")
    add_letter("two")
    eventually(lambda: f'mtnet_dead_letters{{queue="{QUEUE}"}} 2.0' in ledger.get("/metrics")[1])
