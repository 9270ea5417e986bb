"""What was announced long ago, read from the portal's streams, and then the live queue: no gap, nothing twice."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from mtnet_chassis.testing.downstream import STREAM
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_subscriber import StreamRefused, catching_up
from mtnet_subscriber.ledger import Ledger
from subscriber_stand import Running, Sent, assert_once_in_order, effects, many, send

one_store = pytest.mark.parametrize("place", ["sqlite"], indirect=True)


def test_a_subscriber_that_lost_its_database_catches_up_and_goes_over_without_gap_or_double(
    portal, place, store, streams
):
    events = many(400)
    send(portal, *events[:350])
    portal.channel.queue_purge(portal.queue)  # read by the program whose database is lost
    send(portal, *events[350:380], *events[340:350])
    caught = Running(portal, place).subscriber.catch_up(since=datetime.now(UTC) - timedelta(hours=1))
    assert (caught.applied, caught.doubles, caught.earlier, caught.kept) == (380, 0, 0, 0)
    assert sum(caught.reached.values()) == 390 - len(streams)
    with Running(portal, place):
        send(portal, *events[380:])
        eventually(lambda: len(effects(store)) == 400)
        eventually(lambda: portal.ready() == 0)
    assert_once_in_order(store, events)


@one_store
def test_what_is_announced_while_it_reads_is_neither_skipped_nor_out_of_order(portal, place, store, streams):
    """The streams end at different moments: number 7 may be before the end of one, number 6 behind that of another."""
    events = many(1500)
    send(portal, *events[:300])
    portal.channel.queue_purge(portal.queue)
    sending = threading.Thread(target=lambda: send(portal, *events[300:]))
    sending.start()
    caught = Running(portal, place).subscriber.catch_up()
    sending.join()
    assert caught.applied >= 300
    assert caught.earlier == 0
    with Running(portal, place):
        eventually(lambda: len(effects(store)) == 1500, 60)
    assert_once_in_order(store, events)
    assert store.rows("SELECT count(*) FROM mtnet_kept") == [(0,)]


@pytest.mark.parametrize("ends", [2, 3])
def test_of_what_lies_beyond_the_ends_only_predecessors_are_kept(store, ends):
    """Account a: 3 of one stream lies before its end, 2 of another was announced before it and is read later."""
    ledger = Ledger(store, "vessels")
    inside, predecessor, later, other = Sent("a", 3), Sent("a", 2), Sent("a", 4), Sent("b", 1)
    with store.transaction():
        ledger.save_read([(inside.message, False)])
        ledger.save_read([(each.message, True) for each in (predecessor, later, other)])
        for _ in range(ends - 1):  # the second time nothing is beyond any more
            ledger.end_reading()
        assert [m.id for m in ledger.read_so_far(10)] == [predecessor.id, inside.id]


@one_store
def test_called_again_it_goes_on_where_it_was_and_begins_anew_with_another_time(
    portal, place, store, streams, monkeypatch
):
    monkeypatch.setattr(catching_up, "SILENT_SECONDS", 0.5)
    events = many(60)
    send(portal, *events[:40])
    assert Running(portal, place).subscriber.catch_up().applied == 40
    send(portal, *events[40:])
    again = Running(portal, place).subscriber.catch_up()
    assert (again.applied, again.doubles) == (20, 0)
    assert Running(portal, place).subscriber.catch_up(since=datetime(2026, 1, 1, tzinfo=UTC)).doubles == 60
    later = Running(portal, place).subscriber.catch_up(since=datetime.now(UTC) + timedelta(hours=1))
    assert (later.applied, later.doubles) == (0, 0)
    from_offset = Running(portal, place).subscriber.catch_up(streams[0], since=5)
    assert from_offset.doubles == from_offset.reached[streams[0]] - 4
    assert_once_in_order(store, events)


@one_store
def test_empty_streams_are_caught_up_with(portal, place, store, streams):
    caught = Running(portal, place).subscriber.catch_up()
    assert caught.reached == dict.fromkeys(streams, -1)


@one_store
def test_a_broker_that_needs_longer_for_its_first_message_than_anybody_waits_is_read_all_the_same(
    portal, place, store, streams, monkeypatch
):
    """Each new connection is given more time than the one before."""
    monkeypatch.setattr(catching_up, "LOOK_SECONDS", 0.0001)
    monkeypatch.setattr(catching_up, "SILENT_SECONDS", 0.0001)
    events = many(60)
    send(portal, *events)
    assert Running(portal, place).subscriber.catch_up().applied == 60
    assert_once_in_order(store, events)


@one_store
def test_a_stream_that_was_made_anew_is_read_from_its_beginning(portal, place, store, streams):
    events = many(60)
    send(portal, *events[:50])
    Running(portal, place).subscriber.catch_up()
    portal.make_streams()
    send(portal, *events[50:])
    assert Running(portal, place).subscriber.catch_up().applied == 10
    assert_once_in_order(store, events)


@one_store
def test_a_stream_that_was_cut_under_the_reader_is_told(portal, place, store, streams):
    send(portal, *many(30))
    with store.transaction():
        Ledger(store, portal.name).save_stream(streams[0], "None", 3)
    reader = catching_up._Reader(streams[0], None, 100, Running(portal, place).subscriber._applying, None)
    assert reader.begin_at() == 4
    reader._note_removed([9, 10, 12])
    assert reader.removed == 6


@one_store
def test_a_failing_event_holds_its_account_and_the_others_are_caught_up_with(portal, place, store, streams):
    events = many(28)
    send(portal, *events)
    running = Running(portal, place, delays=(3600,))
    running.bad.add(events[7].id)  # the second of account a0
    caught = running.subscriber.catch_up()
    assert (caught.applied, caught.kept) == (25, 3)
    running.bad.clear()
    store.run("UPDATE mtnet_kept SET next_ms = 0 WHERE next_ms IS NOT NULL")  # the hour is over
    with running:
        eventually(lambda: len(effects(store)) == 28)
    assert_once_in_order(store, events)


@one_store
def test_a_stream_that_was_not_granted_or_is_not_there_is_refused_in_words(portal, place, store, streams):
    catch_up = Running(portal, place).subscriber.catch_up
    another = "accounts.ApplicationApproved.stream"
    with pytest.raises(StreamRefused, match=another):
        catch_up(another)
    portal.channel.queue_declare(another, durable=True, arguments=STREAM)
    with pytest.raises(StreamRefused, match=f"access to queue '{another}'"):
        catch_up(another)
    with pytest.raises(ValueError, match="one stream"):
        catch_up(since=7)
    with pytest.raises(ValueError, match="time zone"):
        catch_up(since=datetime(2026, 1, 1))


def test_asked_to_stop_it_says_so_and_goes_on_there_the_next_time(portal, place, store, streams):
    send(portal, *many(40))
    portal.channel.queue_purge(portal.queue)
    first = Running(portal, place).subscriber
    first.stop()
    caught = first.catch_up()
    assert caught.stopped
    assert caught.kept is None
    first.run()  # returns at once
    whole = Running(portal, place).subscriber.catch_up()
    assert not whole.stopped
    assert caught.applied + whole.applied == 40
