"""An ordered group that is younger than its aggregates begins where an operator says, and nowhere else."""

from uuid import uuid4

import psycopg
import pytest
from ledger.events import Booked, Cancelled, Paid
from mtnet_chassis.broker.plan import ServicePlan
from mtnet_chassis.broker.topology import topology_of
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.events.relay import drain
from mtnet_chassis.operations.parked import ParkedEvents
from mtnet_chassis.runtime.services import plan_of
from mtnet_chassis.testing.pytest_plugin import eventually

pytestmark = pytest.mark.stack

LEDGER = True
WHO = {"who": "operator1", "reason": "a test"}


@pytest.fixture
def parked(postgres_dsn):
    parked = ParkedEvents(postgres_dsn)
    yield parked
    parked.close()


def test_a_group_younger_than_its_aggregates_begins_where_an_operator_says(
    make_database, broker, run_process, postgres_dsn, parked, booked
):
    source = make_database(())
    tests = ServicePlan("tests", (), False)
    contracts = [Paid, Cancelled, Booked]
    old, new = uuid4(), uuid4()

    def announce(account_id, *numbers):
        with psycopg.connect(source) as tx:
            Outbox(tx).announce_many(Paid(account_id=account_id, number=n) for n in numbers)
        drain(service="tests", dsn=source, amqp_url=broker.amqp_url)

    broker.apply(topology_of([tests], contracts))
    announce(old, 1, 2, 3)  # nobody listens yet
    broker.apply(topology_of([tests, plan_of("ledger")], contracts))
    run_process("serve", "ledger")
    announce(old, 4, 5)
    announce(new, 1)
    eventually(lambda: booked("ordered", new) == [1])
    eventually(lambda: len(parked.list()) == 1)
    (waiting,) = parked.list()
    assert (waiting.stream, waiting.reached, waiting.lowest, waiting.events) == (
        f"tests/account/{old}", 0, 4, 2,
    )  # fmt: skip
    with pytest.raises(ValueError, match="--who"):
        parked.begin("ledger.ordered", None, who="", reason="a test")
    assert parked.begin("ledger.ordered", ("tests/account/other",), **WHO) == 0
    assert parked.begin("ledger.ordered", None, **WHO) == 1
    eventually(lambda: booked("ordered", old) == [4, 5], 15)
    assert parked.list() == ()
    announce(old, 6)
    eventually(lambda: booked("ordered", old) == [4, 5, 6])
    with psycopg.connect(postgres_dsn) as tx:
        assert tx.execute("SELECT who, why, stream, sequence FROM stream_begun").fetchall() == [
            ("operator1", "a test", f"tests/account/{old}", 3)
        ]


def test_a_stream_that_has_begun_waits_for_what_is_missing(tx, postgres_dsn, parked):
    with psycopg.connect(postgres_dsn) as session:
        session.execute("INSERT INTO stream_position VALUES ('ledger.ordered', 'tests/account/1', 7)")
        session.execute(
            "INSERT INTO parked_event (handler, stream, sequence, headers, body)"
            " VALUES ('ledger.ordered', 'tests/account/1', 9, '{}', '')"
        )
    assert parked.begin("ledger.ordered", None, **WHO) == 0
    (waiting,) = parked.list()
    assert (waiting.reached, waiting.lowest) == (7, 9)
