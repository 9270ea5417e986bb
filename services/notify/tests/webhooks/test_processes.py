"""From a system's queue to its receiver, with notify as a process of its own: crashes, dead receivers, two of them."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pika
import pytest
from mtnet_chassis.broker.downstream import DownstreamSystem, differences
from mtnet_chassis.failpoints import POINTS_OF_WEBHOOKS
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_contracts.event import new_event_id
from mtnet_contracts.events import AccountActivated, SigningSecret, WebhookChanged
from mtnet_contracts.examples import example_of
from notify.webhooks.rules import AT_ONCE
from notify.webhooks.sending import MOST_UNRECORDED

from .builders import SECRET

SERVICES = ("notify",)
pytestmark = pytest.mark.stack
EVENTS = 30
# What its receiver may have taken and the process had not recorded, wherever it was killed.
MOST_DOUBLES = MOST_UNRECORDED + AT_ONCE
GRANTED = frozenset({("accounts", "AccountActivated")})


@pytest.fixture
def system(topology, publish, receivers, sealed, transactions):
    """`system("vessels")`: its queue, and its webhook at the sandbox's receiver or at `url`."""

    made = []

    def system(name, url=None, **changes):
        made.append(name)
        for difference in differences(
            topology.management, [DownstreamSystem(each, GRANTED, ()) for each in made]
        ):
            difference.mend()
        webhook_id = uuid4()
        publish(
            replace(
                example_of(WebhookChanged),
                event_id=new_event_id(),
                webhook_id=webhook_id,
                name=name,
                url=url or receivers.at(name),
                secrets=(SigningSecret(number=1, sealed=sealed(SECRET, webhook_id)),),
                changed_at=datetime.now(UTC),
                **changes,
            )
        )
        return webhook_id

    with transactions.transaction() as tx:
        tx.execute("TRUNCATE webhook CASCADE")
    yield system
    for difference in differences(topology.management, []):
        difference.mend()


@pytest.fixture
def happen(topology):
    """`happen(n)`: so many events of ten accounts, in the order of each account. Returns their ids by account."""
    connection = pika.BlockingConnection(pika.URLParameters(topology.amqp_url))
    channel = connection.channel()
    channel.confirm_delivery()

    def happen(count):
        ids = {}
        for number in range(count):
            account = f"account/{number % 10}"
            event_id = new_event_id()
            channel.basic_publish(
                "accounts.announced",
                "AccountActivated",
                json.dumps(example_of(AccountActivated).to_payload() | {"number": number}).encode(),
                pika.BasicProperties(
                    delivery_mode=2,
                    content_type="application/json",
                    headers={
                        "cloudEvents_specversion": "1.0",
                        "cloudEvents_id": str(event_id),
                        "cloudEvents_source": "/mtnet/accounts",
                        "cloudEvents_type": "accounts.AccountActivated",
                        "cloudEvents_time": datetime.now(UTC).isoformat(),
                        "cloudEvents_subject": str(number % 10),
                        "cloudEvents_partitionkey": account,
                        "cloudEvents_sequence": f"{number // 10 + 1:020d}",
                    },
                ),
            )
            ids.setdefault(account, []).append(str(event_id))
        return ids

    yield happen
    connection.close()


@pytest.fixture
def environment():
    return {"WEBHOOKS_LOCAL": "yes"}


def all_of(ids):
    return {each for of_account in ids.values() for each in of_account}


def first_seen(came):
    """Ids by account, each where it came first."""
    found = {}
    for each in came:
        seen = found.setdefault(each["headers"]["ce-partitionkey"], [])
        if each["event_id"] not in seen:
            seen.append(each["event_id"])
    return found


def test_from_the_queue_to_the_receiver_signed_in_order_and_once(
    start, system, receivers, happen, environment
):
    process = start(**environment)
    assert "Never in production" in process.log
    system("vessels")
    ids = happen(EVENTS)
    eventually(lambda: len(receivers.state("vessels")["times"]) == EVENTS)
    came = receivers.came("vessels")
    assert all(each["verified"] for each in came)
    assert first_seen(came) == ids
    assert set(receivers.state("vessels")["times"].values()) == {1}
    assert came[0]["headers"]["ce-source"] == "/mtnet/accounts"


@pytest.mark.parametrize("point", POINTS_OF_WEBHOOKS)
def test_nothing_is_lost_and_little_comes_twice_when_the_process_is_killed(
    start, system, receivers, happen, transactions, environment, point
):
    first = start(**environment, FAILPOINT=f"{point}:kill:2")
    system("vessels")
    ids = happen(EVENTS // 2)
    if point.endswith("intake"):
        # The second batch is the one that dies.
        eventually(lambda: receivers.state("vessels")["times"] or not first.alive, seconds=30)
    more = happen(EVENTS // 2)
    ids = {account: [*ids.get(account, []), *more.get(account, [])] for account in {*ids, *more}}
    eventually(lambda: not first.alive, seconds=30)
    start(**environment)
    eventually(lambda: len(receivers.state("vessels")["times"]) == EVENTS, seconds=40)
    assert first_seen(receivers.came("vessels")) == ids
    times = receivers.state("vessels")["times"]
    assert times.keys() == all_of(ids)
    doubles = sum(times.values()) - EVENTS
    assert doubles <= MOST_DOUBLES
    with transactions.transaction() as tx:
        eventually(
            lambda: (
                tx.execute("SELECT count(*) FROM webhook_delivery WHERE state = 'delivered'").fetchone()[0]
                == EVENTS
            )
        )


def test_a_dead_and_a_slow_receiver_delay_nobody_else(start, system, receivers, happen, environment):
    start(**environment)
    receivers.fault("ports", "slow", seconds=10)
    system("crew", url="http://127.0.0.1:9/")
    system("ports")
    system("vessels")
    began = time.monotonic()
    happen(EVENTS)
    eventually(lambda: len(receivers.state("vessels")["times"]) == EVENTS, seconds=60)
    assert receivers.state("ports")["times"] == {}, f"after {time.monotonic() - began:.0f} s"


def test_two_processes_share_the_webhooks_and_none_is_sent_to_by_both(
    start, system, receivers, happen, environment
):
    first, second = start(**environment), start(**environment)
    system("vessels")
    happen(EVENTS)
    eventually(lambda: len(receivers.state("vessels")["times"]) == EVENTS)
    first.kill()
    happen(EVENTS)
    eventually(lambda: len(receivers.state("vessels")["times"]) == 2 * EVENTS, seconds=40)
    assert sum(receivers.state("vessels")["times"].values()) <= 2 * EVENTS + 24
    assert second.alive


def test_a_receiver_that_was_away_gets_what_happened_meanwhile(start, system, receivers, happen, environment):
    start(**environment)
    receivers.fault("vessels", "cut_after", count=3)
    system("vessels")
    ids = happen(EVENTS)
    eventually(lambda: len(receivers.state("vessels")["times"]) == EVENTS, seconds=60)
    assert first_seen(receivers.came("vessels")) == ids


def test_what_is_no_event_becomes_a_dead_letter(start, system, receivers, happen, topology, environment):
    start(**environment)
    system("vessels")
    connection = pika.BlockingConnection(pika.URLParameters(topology.amqp_url))
    connection.channel().basic_publish("", "downstream.vessels", b"rubbish")
    connection.close()
    happen(3)
    eventually(lambda: len(receivers.state("vessels")["times"]) == 3)
    assert topology.wait_for_messages("downstream.vessels.dead", 1)[0][1] == b"rubbish"
