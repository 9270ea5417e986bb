"""A subscriber against a real broker, with the rights of a registered system and no more."""

import logging
from urllib.parse import quote

import pika
import pytest
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_subscriber.cli import main
from subscriber_stand import Running, Sent, assert_once_in_order, effects, many, send

# What has little to do with the store is tried with one kind.
one_store = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def test_events_are_applied_once_whatever_comes_twice_and_connections_close(portal, place, store):
    events = many(300)
    with Running(portal, place):
        send(portal, *events[:150], *events[100:150])
        eventually(lambda: len(effects(store)) == 150)
        for consumer in portal.management.call("GET", f"/queues/{portal.management.vhost}/{portal.queue}")[
            "consumer_details"
        ]:
            name = quote(consumer["channel_details"]["connection_name"], safe="")
            portal.management.call("DELETE", f"/connections/{name}")
        send(portal, *events[150:], *events[:50])
        eventually(lambda: len(effects(store)) == 300, 60)
        eventually(lambda: portal.ready() == 0)
    assert_once_in_order(store, events)
    assert portal.ready() == 0


@one_store
def test_what_cannot_be_read_goes_to_the_brokers_dead_letters_and_can_be_seen_and_removed(
    portal, place, store, capsys
):
    good, unread = Sent("a", 1), Sent("b", 1)
    with Running(portal, place):
        portal.send_raw({"cloudEvents_id": "nonsense"}, b"{}", "AccountActivated")
        portal.send_raw(unread.headers, b"not json", "AccountActivated")
        send(portal, good)
        eventually(lambda: effects(store) == [good.row])
        eventually(lambda: portal.ready(f"{portal.queue}.dead") == 2)
    settings = ["--system", portal.name, "--store", place, "--url", portal.url]
    assert main([*settings, "dead"]) == 0
    said = capsys.readouterr().out
    assert str(unread.id) in said
    assert "nonsense" in said
    assert "this program could not read it" in said
    assert main([*settings, "retry", str(unread.id)]) == 0
    eventually(lambda: portal.ready() == 1)
    assert main([*settings, "discard", "--all"]) == 0
    eventually(lambda: portal.ready(f"{portal.queue}.dead") == 0)
    assert main([*settings, "retry", str(unread.id)]) == 1
    assert "No dead letter" in capsys.readouterr().err


@one_store
def test_a_dead_letter_is_told_of_and_tried_again_from_the_command_line(portal, place, store, capsys):
    bad, later = Sent("a", 1), Sent("a", 2)
    with Running(portal, place, delays=(0.1,)) as running:
        running.bad.add(bad.id)
        send(portal, bad, later)
        eventually(lambda: store.rows("SELECT count(*) FROM mtnet_kept WHERE state = 'dead'") == [(1,)])
        eventually(lambda: store.rows("SELECT count(*) FROM mtnet_kept") == [(2,)])
        assert main(["--system", portal.name, "--store", place, "--url", portal.url, "status"]) == 0
        said = capsys.readouterr().out
        assert "dead letters            1" in said
        assert "waiting behind another  1" in said
        running.bad.clear()
        assert main(["--system", portal.name, "--store", place, "retry", "--all"]) == 0
        eventually(lambda: effects(store) == [bad.row, later.row])


@one_store
def test_a_broker_whose_name_is_unknown_is_said_in_a_sentence(place, store, capsys):
    assert (
        main(["--system", "vessels", "--store", place, "--url", "amqp://u:p@broker.invalid/", "status"]) == 2
    )
    assert "The broker cannot be reached" in capsys.readouterr().err


@one_store
def test_too_many_kept_events_leave_the_rest_in_the_queue(portal, place, store):
    events = [Sent("a", number) for number in range(1, 41)]
    with Running(portal, place, most_kept=5, prefetch=5, delays=(0.1, 0.1)) as running:
        running.bad.add(events[0].id)
        send(portal, *events)
        eventually(lambda: store.rows("SELECT count(*) FROM mtnet_kept WHERE state = 'dead'") == [(1,)])
        eventually(lambda: portal.ready() > 0)
        assert store.rows("SELECT count(*) FROM mtnet_kept")[0][0] < 40
        running.bad.clear()
        assert main(["--system", portal.name, "--store", place, "discard", str(events[0].id)]) == 0
        eventually(lambda: len(effects(store)) == 39, 60)
    assert_once_in_order(store, events[1:])


@one_store
def test_a_secret_rotated_while_it_reads_is_asked_for_anew(portal, place, store):
    urls = ["amqp://nobody:nothing@" + portal.url.rpartition("@")[2], portal.url]
    asked = []

    def url():
        asked.append(1)
        return urls[min(len(asked), len(urls)) - 1]

    with Running(portal, place, url=url):
        event = Sent("a", 1)
        send(portal, event)
        eventually(lambda: effects(store) == [event.row])
    assert len(asked) >= 2


@one_store
def test_who_was_away_until_the_queue_was_full_is_told_and_finds_what_was_dropped_in_the_streams(
    portal, place, store, streams, caplog, capsys
):
    events = many(50)
    portal.limit(20)
    eventually(lambda: _limit_of(portal) == 20)
    try:
        send(portal, *events)
        eventually(lambda: portal.ready() == 20 and portal.ready(f"{portal.queue}.dead") == 30)
        with caplog.at_level(logging.ERROR, "mtnet_subscriber"):
            running = Running(portal, place)
            assert running.subscriber.catch_up().applied == 50
            with Running(portal, place):
                eventually(lambda: portal.ready() == 0)
                eventually(lambda: f"{portal.queue}.dead holds 30 events" in caplog.text)
    finally:
        portal.no_limit()
    assert_once_in_order(store, events)
    settings = ["--system", portal.name, "--store", place, "--url", portal.url]
    assert main([*settings, "dead"]) == 0
    assert "the queue was full and dropped it" in capsys.readouterr().out
    # What is put back now is known already.
    assert main([*settings, "retry", "--all"]) == 0
    with Running(portal, place) as running:
        eventually(lambda: portal.ready() == 0 and portal.ready(f"{portal.queue}.dead") == 0)
    assert_once_in_order(store, events)
    assert store.rows("SELECT count(*) FROM mtnet_kept") == [(0,)]


def _limit_of(portal):
    queue = portal.management.call("GET", f"/queues/{portal.management.vhost}/{portal.queue}")
    return (queue.get("effective_policy_definition") or {}).get("max-length")


def test_the_system_may_read_its_queues_and_nothing_else(portal):
    """What the registration gives is enough for all the above, and these are tried and refused."""
    refused = [
        lambda channel: channel.basic_get("accounts.events.mirror"),
        lambda channel: channel.queue_declare("mine"),
        lambda channel: channel.queue_bind(portal.queue, "accounts.events", "PasswordResetRequested"),
    ]
    for attempt in refused:
        connection = pika.BlockingConnection(pika.URLParameters(portal.url))
        with pytest.raises(pika.exceptions.ChannelClosedByBroker):
            attempt(connection.channel())
        connection.close()
