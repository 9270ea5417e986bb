"""The hourly run and the hourly clean-up; what an operator sees of runs; closing an account."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, caller_of, endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.accounts import lifecycle as calls
from mtnet_contracts.vocabulary.choices import ROLES, Role
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.audit.store import AuditStore
from accounts.documents.endpoints import documents_of
from accounts.lifecycle import actions
from accounts.lifecycle.actions import LifecycleStores
from accounts.lifecycle.rules import (
    RUN_SECONDS,
    AccountNameDiffers,
    By,
    OwnAccount,
    RunNotFound,
    StaffAccount,
    Step,
)
from accounts.lifecycle.shapes import changes_view, preview_view, run_view
from accounts.lifecycle.store import LifecycleStore, RunStore
from accounts.registry.rules import AccountNotFound
from accounts.registry.store import AccountStore
from accounts.submission.actions import close_lapsed_returns
from accounts.submission.endpoints import submission_stores

Request = dict[str, Any]
OPERATORS: tuple[Role, ...] = ("operator",)
CONFIRMED = timedelta(minutes=10)


def signed_in(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """The role is all that is asked for. Returns the caller."""
    return caller_of(actor)


class LifecycleEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        RunNotFound: "LIFECYCLE_RUN_NOT_FOUND",
        AccountNameDiffers: lambda _: _at_name("ACCOUNT_NAME_DIFFERS"),
        StaffAccount: "STAFF_ACCOUNT",
        OwnAccount: lambda _: _at_name("OWN_ACCOUNT"),
        AccountNotFound: lambda _: _at_name("ACCOUNT_NOT_FOUND"),
    }

    database: Transactions

    @timer_once(3600, variable="ACCOUNTS_LIFECYCLE_SECONDS")
    def run_lifecycle(self, tx: Tx) -> None:
        """The lock of `tx` keeps other replicas out; each step has transactions of its own."""
        run_each(hourly_steps(self.database, datetime.now(UTC)))

    @endpoint(calls.LIFECYCLE_PREVIEW, roles=OPERATORS)
    def lifecycle_preview(self, tx: Tx, actor: Actor, request: Request) -> Any:
        as_of, paging = request.pop("as_of") or taipei_day(datetime.now(UTC)), paging_of(request)
        step, name = request["step"] and Step(request["step"]), request["account_name"]
        found, total = actions.planned(LifecycleStore(tx), as_of, step=step, name=name, **paging)
        return preview_view(as_of, actions.preview(LifecycleStore(tx), as_of), found, total=total, **paging)

    @endpoint(calls.RUN_LIFECYCLE, roles=OPERATORS, transaction=False, authorise=signed_in)
    def run_lifecycle_now(self, actor: Actor, request: Request) -> Any:
        """Time is short: somebody waits. A second call finds nothing to do."""
        today, ends = taipei_day(datetime.now(UTC)), time.monotonic() + RUN_SECONDS
        is_over = partial(_is_past, ends)
        return vars(
            actions.run(stores_of(self.database), today, started_by=actor.account_name, until=is_over)
        )

    @endpoint(calls.LIFECYCLE_RUNS, roles=OPERATORS)
    def lifecycle_runs(self, tx: Tx, actor: Actor, request: Request) -> Any:
        found, total = actions.past_runs(RunStore(tx), **request)
        return {"items": [run_view(run, datetime.now(UTC)) for run in found], "total": total, **request}

    @endpoint(calls.LIFECYCLE_CHANGES, roles=OPERATORS)
    def lifecycle_changes(self, tx: Tx, actor: Actor, request: Request) -> Any:
        run, changes = actions.changes_of_run(RunStore(tx), **request)
        return changes_view(run, changes, limit=request["limit"], now=datetime.now(UTC))

    @endpoint(
        calls.CLOSE_OWN_ACCOUNT,
        roles=ROLES,
        authorise=signed_in,
        confirmed_within=CONFIRMED,
        before_consent=True,
    )
    def close_own_account(self, tx: Tx, actor: Actor, request: Request) -> Any:
        by = By(None, actor.account_id, actor.ip)
        actions.close_own_account(stores_in(tx), request["account_name"], by=by, now=datetime.now(UTC))

    @endpoint(calls.CLOSE_ACCOUNT, roles=OPERATORS, authorise=signed_in, confirmed_within=CONFIRMED)
    def close_account(self, tx: Tx, actor: Actor, request: Request) -> Any:
        by = By(actor.account_name, actor.account_id, actor.ip)
        actions.close_account(stores_in(tx), **request, by=by, now=datetime.now(UTC))


def _at_name(refusal: str) -> Refused:
    return Refused(refusal, fields={"account_name": [refusal]})


def _is_past(moment: float) -> bool:
    return time.monotonic() >= moment


def paging_of(request: Request) -> dict[str, int]:
    return {name: request[name] for name in ("page", "page_size")}


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
