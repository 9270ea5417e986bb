"""PostgreSQL: one pool for each process, one transaction for each piece of work, safe under eventlet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from eventlet.patcher import is_monkey_patched, original

# psycopg picks its wait function when it is imported; the C one would block every green thread
# (docs/adr/0005). `require_cooperative_wait` makes sure that nobody imported it earlier. A relay has no green threads,
# and waiting in C costs it less.
if is_monkey_patched("select"):
    os.environ.setdefault("PSYCOPG_WAIT_FUNC", "wait_select")

import psycopg
import psycopg.waiting
from nameko.extensions import DependencyProvider
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg_pool import ConnectionPool

from mtnet_chassis.failpoints import failpoint
from mtnet_chassis.fastpath import arrays
from mtnet_chassis.settings import env, env_int

Tx = psycopg.Connection[Any]

# The system's own, which eventlet takes out of the module: it is asked without waiting.
_poll = original("select").poll
_SOMETHING = original("select").POLLIN

SILENT_MILLISECONDS = 20_000


class _ArrayDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: arrays.Array) -> bytes:
        return obj.packed


for _kind in arrays.KINDS:
    psycopg.adapters.register_dumper(
        _kind, type(f"{_kind.__name__}Dumper", (_ArrayDumper,), {"oid": _kind.oid})
    )


class WaitNotCooperative(RuntimeError):
    """psycopg would block all green threads while one waits for PostgreSQL."""


def require_cooperative_wait() -> None:
    """Refuse to start where waiting for the database would stop the whole process. Raises WaitNotCooperative."""
    if psycopg.waiting.wait is not psycopg.waiting.wait_select:
        raise WaitNotCooperative("Set PSYCOPG_WAIT_FUNC=wait_select before psycopg is imported.")


def worth_repeating(problem: psycopg.Error) -> bool:
    """A deadlock or a serialisation failure: the same work may succeed at once."""
    return problem.sqlstate in ("40001", "40P01")


def database_is_away(problem: psycopg.Error) -> bool:
    """The server cannot be reached, is stopping, or has no resources left: nothing is wrong with the work itself.

    The classes are 08 (connection), 53 (resources) and 57P (shutdown); no state at all means that the
    connection broke or the pool had none.
    """
    state = problem.sqlstate
    if state is None:
        return isinstance(problem, psycopg.OperationalError)
    return state.startswith(("08", "53", "57P"))


def ask_where_something_came(connection: Tx) -> None:
    """A connection that lies in the pool is silent until the server ends it: then its goodbye, or the end of the
    stream, can be read, and the connection is asked whether it still works. Raises psycopg.Error when it does not.

    To ask each time would be one more round trip to the server for every transaction.
    """
    came = _poll()
    came.register(connection.fileno(), _SOMETHING)
    if came.poll(0):
        ConnectionPool.check_connection(connection)


def _end_autocommit(connection: Tx) -> None:
    """The next one who gets it from the pool begins a transaction again."""
    try:
        connection.autocommit = False
    except psycopg.Error:  # in the middle of a statement, or gone: the pool makes a new one
        connection.close()


class Transactions:
    """A pool of connections that hands out transactions."""

    def __init__(self, dsn: str, *, size: int = 10) -> None:
        self._after_commit: dict[int, list[Callable[[], None]]] = {}
        self._pool = ConnectionPool(
            dsn,
            min_size=1,
            max_size=size,
            timeout=5.0,
            open=True,
            check=ask_where_something_came,
            kwargs={
                "connect_timeout": 5,
                "keepalives_idle": 15,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                # Keepalives only notice a dead network while the connection is idle. Without this, a statement sent
                # into a dead network waits for a quarter of an hour, and its green thread with it.
                "tcp_user_timeout": SILENT_MILLISECONDS,
            },
        )

    @contextmanager
    def transaction(self, *, autocommit: bool = False) -> Iterator[Tx]:
        """Commit when the block ends, roll back when it raises.

        With `autocommit` each statement is a transaction of its own, which saves the trips to the server for BEGIN and
        COMMIT: for what asks, and need not be one with anything else.
        """
        acts: list[Callable[[], None]] = []
        with self._pool.connection() as connection:
            self._after_commit[id(connection)] = acts
            if autocommit:
                connection.autocommit = True
            try:
                yield connection
            finally:
                del self._after_commit[id(connection)]
                if autocommit:
                    _end_autocommit(connection)
        failpoint("outbox.after_commit")
        for act in acts:
            act()

    def after_commit(self, tx: Tx, act: Callable[[], None]) -> None:
        """Call `act` after the commit, and not at all after a rollback. It must be quick and must not raise.

        Only for what may be lost: a process that dies after the commit does not call it.
        """
        self._after_commit[id(tx)].append(act)

    def close(self) -> None:
        self._pool.close()


def connect_transactions(dsn: str, size: int = 4) -> Transactions:
    """Transactions for a command or a test, without Nameko."""
    return Transactions(dsn, size=size)


class Database(DependencyProvider):  # type: ignore[misc]
    """Gives a Nameko service its transactions: `database = Database()`."""

    transactions: Transactions

    def setup(self) -> None:
        require_cooperative_wait()
        # A call with an idempotency key and transactions of its own takes two connections at a time.
        size = env_int("DATABASE_POOL_SIZE", 2 * env_int("WORKERS", 10) + 4)
        self.transactions = Transactions(env("DATABASE_URL"), size=size)

    def stop(self) -> None:
        self.transactions.close()

    def get_dependency(self, worker_ctx: Any) -> Transactions:
        return self.transactions
