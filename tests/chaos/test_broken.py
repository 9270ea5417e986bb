"""The proof of the proof: a relay and an inbox with ordinary mistakes are found guilty by the same checker."""

import contextlib
import threading
import time
from uuid import UUID

import psycopg
import pytest

from tests.chaos.broken import CursorRelay, EagerRelay, forgetful_inbox
from tests.chaos.checker import Applied, check
from tests.chaos.producer import pay
from tests.chaos.world import World

pytestmark = [pytest.mark.stack, pytest.mark.timeout(120)]

QUEUE = "ledger.batch"


@pytest.fixture
def bare(chaos_servers, request):
    """A world without a relay and without a ledger."""
    return World(chaos_servers, vhost=request.node.name.split("[")[0][5:45])


def pay_for(world, *numbers):
    with psycopg.connect(world.source_url) as tx:
        for number in numbers:
            pay(tx, [UUID(int=number)])


def verdict(world, *, ordered=False):
    committed, _ = world.history()
    applied = [Applied(*row) for row in world._rows(world.ledger_url, "broken")]
    return check(committed, applied, ordered=ordered)


def consume(world, **mistake):
    options = {"fails_at": 0, "remember": False} | mistake
    forgetful_inbox(world.ledger_url, world.amqp_url, QUEUE, **options)


def test_without_a_mistake_the_broken_parts_are_not_guilty(bare):
    relay = CursorRelay(bare.source_url, bare.amqp_url)
    pay_for(bare, 1, 2, 1, 2)
    relay.send()
    consume(bare)
    relay.close()
    assert verdict(bare, ordered=True).good


def test_a_cursor_loses_what_commits_late(bare):
    relay = CursorRelay(bare.source_url, bare.amqp_url)
    entered, leave = threading.Event(), threading.Event()

    def late():
        with psycopg.connect(bare.source_url) as tx:
            pay(tx, [UUID(int=9)])
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=late)
    thread.start()
    entered.wait(10)
    pay_for(bare, 1, 2)
    relay.send()
    leave.set()
    thread.join()
    relay.send()
    consume(bare)
    relay.close()
    assert len(verdict(bare).lost) == 1


def test_deleting_before_publishing_loses_on_a_crash_and_the_wrong_end_swaps(bare):
    relay = EagerRelay(bare.source_url, bare.amqp_url, dies_after=4)
    pay_for(bare, 1, 1, 1, 2, 2, 2)
    with contextlib.suppress(ConnectionError):
        relay.send()
    consume(bare)
    relay.close()
    found = verdict(bare, ordered=True)
    assert len(found.lost) == 2
    assert found.swapped


def test_an_inbox_that_does_not_remember_doubles(bare):
    relay = CursorRelay(bare.source_url, bare.amqp_url)
    pay_for(bare, 1, 2, 3)
    relay.send()
    consume(bare, fails_at=2)
    relay.close()
    assert len(verdict(bare).doubled) == 1


def test_an_inbox_that_remembers_in_a_transaction_of_its_own_loses(bare):
    relay = CursorRelay(bare.source_url, bare.amqp_url)
    pay_for(bare, 1, 2, 3)
    relay.send()
    consume(bare, fails_at=2, remember=True)
    relay.close()
    assert len(verdict(bare).lost) == 1


def test_an_effect_whose_change_was_rolled_back_is_invented(bare):
    relay = CursorRelay(bare.source_url, bare.amqp_url)
    with psycopg.connect(bare.source_url) as tx:
        pay(tx, [UUID(int=1)])
        row = tx.execute(
            "SELECT position, event_id, name, aggregate, subject, sequence, occurred_at, traceparent, payload"
            " FROM outbox"
        ).fetchone()
        relay.publish(row)  # before the commit that never comes
        tx.rollback()
    time.sleep(0.2)
    consume(bare)
    relay.close()
    assert len(verdict(bare).invented) == 1
