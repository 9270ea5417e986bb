"""The hourly run: what is due for accounts, and the removal of what no longer serves anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.audit.store import AuditStore
from accounts.documents.endpoints import documents_of
from accounts.lifecycle import actions
from accounts.lifecycle.actions import LifecycleStores
from accounts.lifecycle.store import LifecycleStore, RunStore
from accounts.registry.store import AccountStore
from accounts.submission.actions import close_lapsed_returns
from accounts.submission.endpoints import submission_stores


class LifecycleEndpoints:
    database: Transactions

    @timer_once(3600, variable="ACCOUNTS_LIFECYCLE_SECONDS")
    def run_lifecycle(self, tx: Tx) -> None:
        """The lock of `tx` keeps other replicas out; each step has transactions of its own."""
        run_each(hourly_steps(self.database, datetime.now(UTC)))


def hourly_steps(database: Transactions, now: datetime) -> tuple[Callable[[], object], ...]:
    """What is done in each hour. No step needs another one."""

    def close_lapsed() -> None:
        with database.transaction() as tx:
            close_lapsed_returns(submission_stores(tx), now)

    return (
        lambda: actions.run(stores_of(database), taipei_day(now)),
        close_lapsed,
        lambda: documents_of(database).tidy(),
    )


def run_each(steps: Iterable[Callable[[], object]]) -> None:
    """Run every step, also after one that failed. Raises ExceptionGroup with all failures."""
    failures = []
    for step in steps:
        try:
            step()
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("steps of the hourly run failed", failures)


def stores_of(transactions: Transactions) -> Callable[[], AbstractContextManager[LifecycleStores]]:
    """Opens a transaction for each step of a run."""

    @contextmanager
    def stores() -> Iterator[LifecycleStores]:
        with transactions.transaction() as tx:
            yield stores_in(tx)

    return stores


def stores_in(tx: Tx) -> LifecycleStores:
    return LifecycleStores(LifecycleStore(tx), RunStore(tx), AccountStore(tx), AuditStore(tx), Outbox(tx))
