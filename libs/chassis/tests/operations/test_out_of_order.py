"""An ordered group that is younger than its aggregates begins where an operator says, and nowhere else."""

from uuid import uuid4

import psycopg
import pytest
from ledger.events import Booked, Cancelled, Paid
from mtnet_chassis.broker.plan import ServicePlan
from mtnet_chassis.broker.topology import topology_of
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.operations.out_of_order import OutOfOrder
from mtnet_chassis.operations.record import Operator
from mtnet_chassis.runtime.services import plan_of
from mtnet_chassis.testing.pytest_plugin import eventually
from mtnet_chassis.testing.relaying import drain

pytestmark = pytest.mark.stack

LEDGER = True
OPERATOR = Operator("operator1", "a test")


@pytest.fixture
def early(postgres_dsn):
    session = psycopg.connect(postgres_dsn)
    yield OutOfOrder("ledger.ordered", session)
    session.close()


def test_a_group_younger_than_its_aggregates_begins_where_an_operator_says(
    make_database, broker, run_process, postgres_dsn, early, booked
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
    eventually(lambda: len(early.streams()) == 1)
    (waiting,) = early.streams()
    assert (waiting.stream, waiting.reached, waiting.lowest, waiting.events) == (
        f"tests/account/{old}", 0, 4, 2,
    )  # fmt: skip
    (stuck,) = early.list()
    assert (stuck.kind, stuck.place, stuck.id, stuck.sequence) == (
        "out-of-order", "ledger.ordered", f"tests/account/{old}", 4,
    )  # fmt: skip
    assert early.begin(("tests/account/other",), OPERATOR) == 0
    assert early.begin(None, OPERATOR) == 1
    eventually(lambda: booked("ordered", old) == [4, 5], 15)
    assert early.streams() == []
    announce(old, 6)
    eventually(lambda: booked("ordered", old) == [4, 5, 6])
    with psycopg.connect(postgres_dsn) as tx:
        assert tx.execute("SELECT who, why, action, stream, sequence FROM operator_act").fetchall() == [
            ("operator1", "a test", "begun", f"tests/account/{old}", 4)
        ]


def test_a_stream_that_has_begun_waits_for_what_is_missing(tx, postgres_dsn, early):
    with psycopg.connect(postgres_dsn) as session:
        session.execute("INSERT INTO stream_position VALUES ('ledger.ordered', 'tests/account/1', 7)")
        session.execute(
            "INSERT INTO parked_event (handler, stream, sequence, headers, body)"
            " VALUES ('ledger.ordered', 'tests/account/1', 9, '{}', '')"
        )
    assert early.begin(None, OPERATOR) == 0
    (waiting,) = early.streams()
    assert (waiting.reached, waiting.lowest) == (7, 9)
