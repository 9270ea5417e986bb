"""Events reach a running service over a real broker, once in effect, in order where that is asked."""

import json
import signal
import time
from types import SimpleNamespace
from uuid import uuid4

import pika
import psycopg
import pytest
from ledger.events import Cancelled, Paid
from mtnet_chassis.broker.reader import Delivery
from mtnet_chassis.events.consumer import GroupConsumer
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.events.retries import dead_letter
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_chassis.testing.relaying import drain
from mtnet_chassis.testing.running import RunningProcess
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.stack

LEDGER = True


@pytest.fixture
def announce(source_url, wired):
    def announce(*events):
        with psycopg.connect(source_url) as tx:
            Outbox(tx).announce_many(events)
        drain(service="tests", dsn=source_url, amqp_url=wired.amqp_url)

    return announce


@pytest.fixture
def ledger(run_process, wired):
    return run_process("serve", "ledger")


def paid(account_id, *numbers, wish=""):
    return [Paid(account_id=account_id, number=number, wish=wish) for number in numbers]


def republish(wired, queue, headers, body, times=1):
    connection = pika.BlockingConnection(pika.URLParameters(wired.amqp_url))
    channel = connection.channel()
    for _ in range(times):
        channel.basic_publish("", queue, body, pika.BasicProperties(headers=headers, delivery_mode=2))
    connection.close()


def waiting_in(wired, queue):
    """How many messages are in a queue, not counting those in a process's hands."""
    with pika.BlockingConnection(pika.URLParameters(wired.amqp_url)) as connection:
        return connection.channel().queue_declare(queue, passive=True).method.message_count


def handled(process, group, result):
    """How many events of a group the process has done with, by its own count."""
    known = {(f["group"], f["result"]): count for f, count in samples(process, "mtnet_events_handled_total")}
    return known.get((group, result), 0)


def samples(process, name):
    families = text_string_to_metric_families(process.get("/metrics")[1])
    return [(each.labels, each.value) for family in families for each in family.samples if each.name == name]


def message_of(event, sequence):
    headers = {
        "cloudEvents_id": str(event.event_id),
        "cloudEvents_type": f"{event.source}.{event.event_name()}",
        "cloudEvents_partitionkey": f"{event.aggregate}/{event.aggregate_id}",
        "cloudEvents_sequence": f"{sequence:020d}",
        "cloudEvents_time": event.occurred_at.isoformat(),
    }
    return headers, json.dumps(event.to_payload()).encode()


def test_every_group_applies_every_event_once_and_in_order(ledger, announce, booked, postgres_dsn):
    one, other = uuid4(), uuid4()
    announce(*paid(one, *range(300)), Cancelled(account_id=one), *paid(other, 0, 1), *paid(one, 300))
    eventually(lambda: len(booked("ordered", one)) == 301)
    assert booked("ordered", one) == list(range(301))
    assert booked("ordered", other) == [0, 1]
    for handler in ("batch", "wishes"):
        eventually(lambda handler=handler: len(booked(handler, one)) == 301)
        assert sorted(booked(handler, one)) == list(range(301))
    with psycopg.connect(postgres_dsn) as tx:
        announced = tx.execute("SELECT count(*) FROM outbox WHERE subject = %s", (str(one),)).fetchone()[0]
    assert announced == 301, "the batch handler's own announcements belong to the same transaction"


def test_an_event_that_comes_again_changes_nothing(ledger, wired, booked):
    """At once, and when it has been applied."""
    event = paid(uuid4(), 7)[0]
    headers, body = message_of(event, 1)
    queues = ("ledger.batch", "ledger.ordered", "ledger.wishes")
    for times, duplicates in ((2, 1), (1, 2)):
        for queue in queues:
            republish(wired, queue, headers, body, times=times)
        for queue in queues:
            eventually(lambda queue=queue, known=duplicates: handled(ledger, queue, "duplicate") == known)
    assert [booked(h, event.account_id) for h in ("batch", "ordered", "wishes")] == [[7], [7], [7]]


def test_an_ordered_group_keeps_what_comes_too_early(ledger, wired, booked, postgres_dsn):
    events = paid(uuid4(), 1, 2, 3, 4)
    for place in (4, 2, 3):
        republish(wired, "ledger.ordered", *message_of(events[place - 1], place))

    def waiting():
        with psycopg.connect(postgres_dsn) as tx:
            return tx.execute("SELECT count(*) FROM parked_event").fetchone()[0]

    eventually(lambda: waiting() == 3)
    assert booked("ordered", events[0].account_id) == []
    republish(wired, "ledger.ordered", *message_of(events[0], 1))
    eventually(lambda: booked("ordered", events[0].account_id) == [1, 2, 3, 4])
    assert waiting() == 0


def test_a_poisoned_event_is_a_dead_letter_with_its_reason_and_holds_nobody_up(
    ledger, announce, wired, booked
):
    account_id = uuid4()
    announce(*paid(account_id, 1), *paid(account_id, 2, wish="poison"), *paid(account_id, 3))
    ((headers, _),) = wired.wait_for_messages("ledger.wishes.dead", 1)
    assert headers["x-dead-reason"] == "Poison: never"
    eventually(lambda: sorted(booked("wishes", account_id)) == [1, 3])


def test_an_event_that_fails_once_comes_back_after_five_seconds(ledger, announce, wired, booked):
    account_id = uuid4()
    announce(*paid(account_id, 1, wish="fail 1"))
    eventually(lambda: waiting_in(wired, "ledger.retry.5s") == 1)
    assert booked("wishes", account_id) == []
    eventually(lambda: booked("wishes", account_id) == [1], 10)


def test_an_event_that_failed_after_every_delay_is_a_dead_letter(ledger, wired):
    headers, body = message_of(paid(uuid4(), 1, wish="fail")[0], 1)
    republish(wired, "ledger.wishes", headers | {"x-retry-attempt": 5}, body)
    ((headers, _),) = wired.wait_for_messages("ledger.wishes.dead", 1)
    assert headers["x-dead-reason"] == "ValueError: always"


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({}, b"{}", "headers"),
        ({"cloudEvents_type": "tests.Paid"}, b"not json", "body"),
        ({"cloudEvents_type": "tests.Paid"}, b'{"number": 1}', "body"),
        ({"cloudEvents_type": "tests.Paid"}, b"[]", "body"),
    ],
)
def test_what_cannot_be_read_is_a_dead_letter_at_once(ledger, wired, headers, body, reason):
    if headers:
        headers = message_of(paid(uuid4(), 1)[0], 1)[0] | headers
    republish(wired, "ledger.batch", headers, body)
    ((found, kept),) = wired.wait_for_messages("ledger.batch.dead", 1)
    assert found["x-dead-reason"].startswith(reason)
    assert kept == body


def test_an_event_that_nobody_here_knows_is_passed_over(ledger, wired, booked):
    """A newer catalogue binds it to ordered groups while older replicas still run."""
    account_id = uuid4()
    events = paid(account_id, 1, 2, 3)
    unheard = message_of(events[1], 2)[0] | {"cloudEvents_type": "tests.Unheard"}
    republish(wired, "ledger.ordered", *message_of(events[0], 1))
    republish(wired, "ledger.ordered", unheard, b"a body that only a newer version reads")
    republish(wired, "ledger.ordered", *message_of(events[2], 3))
    eventually(lambda: booked("ordered", account_id) == [1, 3])
    assert waiting_in(wired, "ledger.ordered.dead") == 0


def test_what_was_discarded_is_passed_over_unread(ledger, wired, booked):
    account_id = uuid4()
    events = paid(account_id, 1, 2)
    discarded = message_of(events[0], 1)[0] | {"x-discarded": "operator1: a test"}
    republish(wired, "ledger.ordered", *message_of(events[1], 2))
    republish(wired, "ledger.ordered", discarded, b"not json")
    eventually(lambda: booked("ordered", account_id) == [2])


def test_what_cannot_be_read_does_not_bring_back_the_batch_it_came_in(ledger, announce, wired, booked):
    """The last of a batch is dead-lettered and acknowledged by itself; acknowledging it again would end the channel."""
    account_id = uuid4()
    events = paid(account_id, *range(50))
    connection = pika.BlockingConnection(pika.URLParameters(wired.amqp_url))
    channel = connection.channel()
    channel.tx_select()  # all come at once
    for number, event in enumerate(events, 1):
        headers, body = message_of(event, number)
        for content in (body, b"not json"):
            channel.basic_publish("", "ledger.batch", content, pika.BasicProperties(headers=headers))
    channel.tx_commit()
    connection.close()
    found = wired.wait_for_messages("ledger.batch.dead", 50)
    assert not [headers for headers, _ in found if "x-delivery-count" in headers]
    eventually(lambda: sorted(booked("batch", account_id)) == list(range(50)))
    assert "connection lost" not in ledger.log


def test_what_waits_is_counted_and_what_a_crash_left_behind_is_cleared(ledger, wired, booked, postgres_dsn):
    account_id = uuid4()
    events = paid(account_id, 1, 2, 3)
    republish(wired, "ledger.ordered", *message_of(events[2], 3))
    with psycopg.connect(postgres_dsn, autocommit=True) as tx:
        eventually(lambda: tx.execute("SELECT count(*) FROM parked_event").fetchone() == (1,))
        # As if its turn had come while nobody lived to apply it, and an applied one had been left.
        tx.execute(
            "UPDATE stream_position SET sequence = 2 WHERE stream = %s", (f"tests/account/{account_id}",)
        )
        tx.execute(
            "INSERT INTO parked_event (handler, stream, sequence, headers, body)"
            " SELECT handler, stream, 1, headers, body FROM parked_event"
        )
        eventually(lambda: booked("ordered", account_id) == [3], 10)
        assert tx.execute("SELECT count(*) FROM parked_event").fetchone() == (0,)


def test_sigterm_under_load_finishes_what_is_in_hand_and_redelivers_nothing(
    run_process, announce, wired, booked
):
    account_id = uuid4()
    announce(*paid(account_id, *range(3000)))
    process = run_process("serve", "ledger")
    eventually(lambda: booked("batch", account_id))
    assert process.stop() == 0
    left = {
        queue: wired.wait_for_messages(queue, 3000, seconds=1)
        for queue in ("ledger.batch", "ledger.ordered", "ledger.wishes")
    }
    for handler in ("batch", "ordered", "wishes"):
        found = left[f"ledger.{handler}"]
        assert not [h for h, _ in found if h.get("x-delivery-count")], "delivered before, not acknowledged"
        assert len(found) + len(booked(handler, account_id)) == 3000


def test_a_killed_service_loses_nothing_and_does_nothing_twice(run_process, announce, booked):
    account_id = uuid4()
    process = run_process("serve", "ledger")
    announce(*paid(account_id, *range(2000)))
    eventually(lambda: booked("ordered", account_id))
    process.send(signal.SIGKILL)
    process.wait()
    run_process("serve", "ledger")
    for handler in ("batch", "wishes", "ordered"):
        eventually(lambda handler=handler: len(booked(handler, account_id)) >= 2000, 40)
        assert sorted(booked(handler, account_id)) == list(range(2000))
    assert booked("ordered", account_id) == list(range(2000))


# Events whose handling ends the process


def restarted_until(start_ledger, done, most=14):
    """Start the ledger again whenever it died, as a supervisor does; tells how often it died."""
    deaths = 0
    process = start_ledger()
    deadline = time.monotonic() + 120
    while not done():
        assert time.monotonic() < deadline
        if not process.alive:
            deaths += 1
            assert deaths <= most, "it goes on dying"
            process = start_ledger()
        time.sleep(0.05)
    assert process.alive
    return deaths


@pytest.fixture
def start_ledger(postgres_dsn, wired):
    started = []

    def start():
        environment = {"DATABASE_URL": postgres_dsn, "AMQP_URL": wired.amqp_url}
        started.append(RunningProcess("serve", "ledger", environment=environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def begun(dsn):
    with psycopg.connect(dsn) as tx:
        return tx.execute("SELECT handler, times FROM begun_attempt").fetchall()


@pytest.mark.parametrize("wish", ["die", "leave"])
def test_an_event_that_ends_the_process_is_put_off_and_its_neighbours_are_applied(
    start_ledger, announce, wired, booked, postgres_dsn, wish
):
    account_id = uuid4()
    (fatal,) = paid(account_id, 3, wish=wish)
    announce(*paid(account_id, 1, 2), fatal, *paid(account_id, 4, 5))
    put_off = []

    def done():
        put_off.extend(wired.wait_for_messages("ledger.retry.5s", 1, seconds=0.2))
        return put_off and sorted(booked("wishes", account_id)) == [1, 2, 4, 5]

    deaths = restarted_until(start_ledger, done)
    # Once unseen, once in a batch, three times alone; more only where the broker had to hand it out twice.
    assert deaths in (5, 6)
    assert {headers["cloudEvents_id"] for headers, _ in put_off} == {str(fatal.event_id)}
    headers, _ = put_off[0]
    assert headers["x-retry-attempt"] == 1
    assert headers["x-last-error"] == "ProcessEnded: the process ended 4 times while this event was handled"
    assert ("ledger.wishes", 3) in begun(postgres_dsn), "back from the schedule it is tried once"
    for handler in ("ordered", "batch"):
        eventually(lambda handler=handler: sorted(booked(handler, account_id)) == [1, 2, 3, 4, 5])
    with psycopg.connect(postgres_dsn) as tx:
        tx.execute("DELETE FROM begun_attempt")


def test_an_event_that_ended_the_process_each_time_is_a_dead_letter(
    start_ledger, wired, booked, postgres_dsn
):
    (fatal,) = paid(uuid4(), 1, wish="die")
    (healthy,) = paid(uuid4(), 1)
    headers, body = message_of(fatal, 1)
    republish(wired, "ledger.wishes", headers | {"x-retry-attempt": 3}, body)
    republish(wired, "ledger.wishes", *message_of(healthy, 1))
    dead = []

    def done():
        dead.extend(wired.wait_for_messages("ledger.wishes.dead", 1, seconds=0.2))
        return dead

    assert restarted_until(start_ledger, done) == 4
    assert dead[0][0]["x-dead-reason"].startswith("ProcessEnded: ")
    assert dead[0][0]["cloudEvents_id"] == str(fatal.event_id)
    eventually(lambda: booked("wishes", healthy.account_id) == [1])
    eventually(lambda: begun(postgres_dsn) == [])
    # Replayed, it begins anew.
    republish(wired, "ledger.wishes", *message_of(paid(uuid4(), 1)[0], 1))


def test_an_out_of_order_event_that_ends_the_process_is_blamed_and_not_the_one_that_set_it_free(
    start_ledger, wired, booked, postgres_dsn
):
    account_id = uuid4()
    one, two, three = paid(account_id, 1) + paid(account_id, 2, wish="die in order") + paid(account_id, 3)
    for event, sequence in ((three, 3), (two, 2), (one, 1)):
        republish(wired, "ledger.ordered", *message_of(event, sequence))
    put_off = []

    def done():
        put_off.extend(wired.wait_for_messages("ledger.retry.5s", 1, seconds=0.2))
        return put_off and booked("ordered", account_id) == [1]

    restarted_until(start_ledger, done)
    ((headers, body),) = put_off
    assert headers["cloudEvents_id"] == str(two.event_id)
    assert headers["x-last-error"].startswith("ProcessEnded: ")
    with psycopg.connect(postgres_dsn) as tx:
        tx.execute("DELETE FROM begun_attempt")
    # An operator who lets it pass sets the stream going again.
    republish(wired, "ledger.ordered", headers | {"x-discarded": "operator1: a test"}, body)
    eventually(lambda: booked("ordered", account_id) == [1, 3])


def test_an_event_in_hand_when_a_process_was_killed_is_applied_all_the_same(
    start_ledger, wired, booked, postgres_dsn
):
    """Nothing is wrong with it: it waited for the database, and the process was killed as often as happens."""
    events = paid(uuid4(), 1, 2, 3)
    with psycopg.connect(postgres_dsn) as blocker:
        blocker.execute("LOCK TABLE booking IN ACCESS EXCLUSIVE MODE")
        for sequence, event in enumerate(events, 1):
            republish(wired, "ledger.ordered", *message_of(event, sequence))
        for _ in range(3):
            process = start_ledger()
            eventually(lambda: waiting_for_booking(postgres_dsn))
            process.kill()
            # PostgreSQL notices the end of a session that waits for a lock only when it writes to it.
            for pid in waiting_for_booking(postgres_dsn):
                blocker.execute("SELECT pg_terminate_backend(%s)", (pid,))
            eventually(lambda: not waiting_for_booking(postgres_dsn))
    start_ledger()
    eventually(lambda: booked("ordered", events[0].account_id) == [1, 2, 3])
    eventually(lambda: begun(postgres_dsn) == [])
    assert waiting_in(wired, "ledger.ordered.dead") == 0


def waiting_for_booking(dsn):
    """Sessions of the ledger that wait for the table."""
    with psycopg.connect(dsn) as tx:
        rows = tx.execute(
            "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'booking'::regclass"
        ).fetchall()
    return [pid for (pid,) in rows]


# What cannot be read any more


def send_two_too_early_and_spoil_one(wired, dsn, events):
    for place in (2, 3):
        republish(wired, "ledger.ordered", *message_of(events[place - 1], place))
    stream = f"tests/account/{events[0].account_id}"

    def waiting():
        with psycopg.connect(dsn) as tx:
            (count,) = tx.execute("SELECT count(*) FROM parked_event WHERE stream = %s", (stream,)).fetchone()
        return count

    eventually(lambda: waiting() == 2)
    with psycopg.connect(dsn) as tx:
        tx.execute(
            "UPDATE parked_event SET body = 'no JSON any more' WHERE stream = %s AND sequence = 2", (stream,)
        )
    return stream


def test_an_unreadable_out_of_order_event_is_a_dead_letter_when_its_turn_comes(
    ledger, wired, booked, postgres_dsn
):
    events = paid(uuid4(), 1, 2, 3)
    send_two_too_early_and_spoil_one(wired, postgres_dsn, events)
    republish(wired, "ledger.ordered", *message_of(events[0], 1))
    ((headers, body),) = wired.wait_for_messages("ledger.ordered.dead", 1)
    assert headers["x-dead-reason"].startswith("body: ")
    assert body == b"no JSON any more"
    eventually(lambda: booked("ordered", events[0].account_id) == [1])
    republish(wired, "ledger.ordered", *message_of(events[1], 2))  # repaired by hand
    eventually(lambda: booked("ordered", events[0].account_id) == [1, 2, 3])


def test_looking_at_what_waits_never_ends_the_service(ledger, wired, booked, postgres_dsn):
    """The look of every five seconds applies what a crash left behind; here it finds what nobody can read."""
    events = paid(uuid4(), 1, 2, 3)
    stream = send_two_too_early_and_spoil_one(wired, postgres_dsn, events)
    with psycopg.connect(postgres_dsn) as tx:
        tx.execute("UPDATE stream_position SET sequence = 1 WHERE stream = %s", (stream,))
    ((headers, _),) = wired.wait_for_messages("ledger.ordered.dead", 1)
    assert headers["cloudEvents_id"] == str(events[1].event_id)
    other = paid(uuid4(), 1)[0]
    republish(wired, "ledger.ordered", *message_of(other, 1))
    eventually(lambda: booked("ordered", other.account_id) == [1])
    assert ledger.alive


def test_a_measurement_that_fails_is_done_again(monkeypatch):
    looked = []
    consumer = GroupConsumer("batch")
    consumer.container = SimpleNamespace(service_name="ledger")
    consumer._stopping = SimpleNamespace(ready=lambda: len(looked) >= 3, wait=lambda timeout: None)

    def fail():
        looked.append(1)
        raise ZeroDivisionError

    monkeypatch.setattr(consumer, "_measure_once", fail)
    consumer._measure()
    assert len(looked) == 3


@pytest.mark.parametrize("attempt", ["many", [1], 10**9])
def test_a_count_of_attempts_that_is_none_is_the_last_one(ledger, wired, attempt):
    headers, body = message_of(paid(uuid4(), 1, wish="fail")[0], 1)
    republish(wired, "ledger.wishes", headers | {"x-retry-attempt": attempt}, body)
    ((headers, _),) = wired.wait_for_messages("ledger.wishes.dead", 1)
    assert headers["x-dead-reason"] == "ValueError: always"


def test_a_handler_that_runs_out_of_time_fails_like_any_other(ledger, wired, booked):
    """eventlet's Timeout is no Exception."""
    headers, body = message_of(paid(uuid4(), 1, wish="time out")[0], 1)
    republish(wired, "ledger.wishes", headers | {"x-retry-attempt": 5}, body)
    ((headers, _),) = wired.wait_for_messages("ledger.wishes.dead", 1)
    assert headers["x-dead-reason"].startswith("TimeoutError")
    assert ledger.alive


class Sent:
    """A connection that keeps what it is told to publish and to acknowledge."""

    def __init__(self):
        self.published = []
        self.acknowledged = []

    def publish_confirmed(self, exchange, routing_key, body, properties):
        self.published.append((exchange, routing_key, body, properties["application_headers"]))

    def ack(self, tag):
        self.acknowledged.append(tag)


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        (None, {}),  # no header frame that anybody could read
        ({"cloudEvents_id": "1", "price": object()}, {"cloudEvents_id": "1"}),
        ({"cloudEvents_id": "1", "count": 2**70}, {"cloudEvents_id": "1"}),
        ({"cloudEvents_id": "1", "count": 2}, {"cloudEvents_id": "1", "count": 2}),
    ],
)
def test_whatever_its_headers_are_a_message_can_be_dead_lettered(headers, kept):
    connection = Sent()
    known = None if headers is None else {"application_headers": headers}
    delivery = Delivery(connection, 7, "ledger.wishes", b"\x00<\x00\x00\xff", b"{}", known=known)
    dead_letter(delivery, "ledger.wishes", "no use")
    assert connection.published == [
        ("ledger.dead", "ledger.wishes", b"{}", kept | {"x-dead-reason": "no use"})
    ]
    assert connection.acknowledged == [7]
