"""A process that seems to hang tells where it stands, and goes on."""

import signal

import pytest
from mtnet_chassis.testing.pytest_plugin import eventually

pytestmark = pytest.mark.stack

LEDGER = True


@pytest.fixture
def wired(broker):
    from ledger.events import Booked, Cancelled, Paid
    from mtnet_chassis.broker.plan import ServicePlan
    from mtnet_chassis.broker.topology import topology_of
    from mtnet_chassis.runtime.services import plan_of

    broker.apply(topology_of([ServicePlan("tests", (), False), plan_of("ledger")], [Paid, Cancelled, Booked]))


def test_a_service_tells_where_its_green_threads_stand(run_process, wired):
    ledger = run_process("serve", "ledger")
    ledger.send(signal.SIGUSR1)
    eventually(lambda: "reader.py" in ledger.log and " take" in ledger.log, 5)
    assert '"message": "stack dump"' in ledger.log
    assert ledger.ready()


def test_a_relay_tells_where_its_threads_stand(run_process):
    relay = run_process("relay", "tests")
    relay.send(signal.SIGUSR1)
    eventually(lambda: '"thread relay"' in relay.log, 5)
    assert relay.ready()
