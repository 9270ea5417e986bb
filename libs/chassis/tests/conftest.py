"""The chassis's tests run the ledger of `stand`, and are otherwise on databases with the chassis's tables only."""

import sys
from pathlib import Path

import pytest

STAND = Path(__file__).parent / "stand"
sys.path[:0] = [str(STAND), str(STAND.parent)]


@pytest.fixture(scope="module")
def migrations(request):
    return (STAND / "migrations",) if getattr(request.module, "LEDGER", False) else ()


@pytest.fixture(scope="session", autouse=True)
def stand_on_path():
    """Processes that tests start find the ledger, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(STAND))
        yield


@pytest.fixture(scope="module")
def source_url(make_database):
    """The database of the service that announces payments."""
    return make_database(())


@pytest.fixture(scope="module")
def wired(broker):
    """The broker with all that the payments and the ledger need."""
    from ledger.events import Booked, Cancelled, Paid
    from mtnet_chassis.broker.plan import ServicePlan
    from mtnet_chassis.broker.topology import topology_of
    from mtnet_chassis.runtime.services import plan_of

    plans = [ServicePlan("tests", (), False), plan_of("ledger")]
    broker.apply(topology_of(plans, [Paid, Cancelled, Booked]))
    return broker


@pytest.fixture
def booked(postgres_dsn):
    """The numbers that a handler of the ledger booked for an account, in its order."""
    import psycopg

    def booked(handler, account_id):
        with psycopg.connect(postgres_dsn) as tx:
            rows = tx.execute(
                "SELECT number FROM booking WHERE handler = %s AND account_id = %s ORDER BY place",
                (handler, account_id),
            ).fetchall()
        return [number for (number,) in rows]

    return booked
