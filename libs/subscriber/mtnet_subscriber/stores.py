"""The subscriber's own database: SQLite or PostgreSQL behind the few operations that the ledger needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import psycopg

# ? stands for a parameter; BYTES and BIGINT are replaced where a database names them otherwise.
TABLES = (
    """CREATE TABLE IF NOT EXISTS mtnet_inbox (
        system TEXT NOT NULL, event_id TEXT NOT NULL, occurred_ms BIGINT NOT NULL, PRIMARY KEY (system, event_id))""",
    "CREATE INDEX IF NOT EXISTS mtnet_inbox_age ON mtnet_inbox (system, occurred_ms)",
    """CREATE TABLE IF NOT EXISTS mtnet_position (
        system TEXT NOT NULL, stream TEXT NOT NULL, sequence BIGINT NOT NULL, PRIMARY KEY (system, stream))""",
    """CREATE TABLE IF NOT EXISTS mtnet_kept (
        system TEXT NOT NULL, event_id TEXT NOT NULL, stream TEXT NOT NULL, sequence BIGINT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('retrying', 'waiting', 'dead')),
        attempts INTEGER NOT NULL, next_ms BIGINT, kept_ms BIGINT NOT NULL, reason TEXT NOT NULL,
        headers TEXT NOT NULL, body BYTES NOT NULL, PRIMARY KEY (system, event_id))""",
    "CREATE INDEX IF NOT EXISTS mtnet_kept_order ON mtnet_kept (system, stream, sequence)",
    "CREATE INDEX IF NOT EXISTS mtnet_kept_due ON mtnet_kept (system, next_ms) WHERE next_ms IS NOT NULL",
    """CREATE TABLE IF NOT EXISTS mtnet_stream (
        system TEXT NOT NULL, stream TEXT NOT NULL, since TEXT NOT NULL, reached BIGINT NOT NULL,
        PRIMARY KEY (system, stream))""",
    """CREATE TABLE IF NOT EXISTS mtnet_read (
        system TEXT NOT NULL, stream TEXT NOT NULL, sequence BIGINT NOT NULL, event_id TEXT NOT NULL,
        beyond INTEGER NOT NULL, headers TEXT NOT NULL, body BYTES NOT NULL,
        PRIMARY KEY (system, stream, sequence, event_id))""",
)


try:
    from psycopg import Error as _PsycopgError
except ImportError:  # SQLite needs no psycopg
    DATABASE_ERRORS: tuple[type[Exception], ...] = (sqlite3.Error,)
else:
    DATABASE_ERRORS = (sqlite3.Error, _PsycopgError)


class TransactionEnded(RuntimeError):
    """A handler committed or rolled back; that is not its to do, since its effect and the inbox belong together."""


class Store(Protocol):
    """One connection, used by one thread."""

    locks: str
    """What a SELECT ends with to lock its rows until the transaction ends."""

    def prepare(self) -> None:
        """Make the tables that are missing."""

    def transaction(self) -> Any:
        """A context manager that gives the connection, for handlers; commits at its end."""

    def check_transaction(self) -> None:
        """Raises TransactionEnded when a handler has ended it."""

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        """Returns how many rows it changed."""

    def run_many(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None: ...

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...

    def away(self, problem: Exception) -> bool:
        """Whether the database, and not the work, was the reason: then the same is worth trying again."""

    def close(self) -> None: ...


class _HandlersConnection(sqlite3.Connection):
    """A connection on which handlers cannot end the transaction by mistake."""

    def commit(self) -> None:
        raise TransactionEnded("The subscriber commits; leave it out.")

    def rollback(self) -> None:
        raise TransactionEnded("The subscriber rolls back when a handler raises; leave it out.")

    def executescript(self, sql_script: str) -> sqlite3.Cursor:
        raise TransactionEnded("executescript commits first; use execute for each statement.")

    def __exit__(self, *_: object) -> bool:  # type: ignore[override]
        raise TransactionEnded("`with db:` commits; use db directly.")


class SqliteStore:
    """A file. Many processes may use it, one at a time."""

    locks = ""

    def __init__(self, file: str | Path, *, busy_seconds: float = 5.0) -> None:
        self._file = str(file)
        self._busy_seconds = busy_seconds
        self._opened: sqlite3.Connection | None = None

    @property
    def _db(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = sqlite3.connect(
                self._file, timeout=self._busy_seconds, isolation_level=None, factory=_HandlersConnection
            )
            self._opened.execute("PRAGMA journal_mode = WAL")
            # NORMAL could forget the last commits when the power fails, whose messages were acknowledged.
            self._opened.execute("PRAGMA synchronous = FULL")
        return self._opened

    def prepare(self) -> None:
        with self.transaction() as db:
            for statement in TABLES:
                db.execute(statement.replace("BYTES", "BLOB"))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                if db.in_transaction:
                    db.execute("ROLLBACK")
            raise

    def check_transaction(self) -> None:
        if not self._db.in_transaction:
            raise TransactionEnded("A handler ended the transaction.")

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        return self._db.execute(statement, parameters).rowcount

    def run_many(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        self._db.executemany(statement, parameters)

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(statement, parameters).fetchall()

    def away(self, problem: Exception) -> bool:
        code = getattr(problem, "sqlite_errorcode", None)
        if not isinstance(problem, sqlite3.OperationalError) or code is None:
            return False
        # 5 busy, 6 locked, 10 input or output, 13 full; the upper bits say more. 14: our own file cannot be opened.
        return code & 0xFF in {5, 6, 10, 13} or self._opened is None

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None


class PostgresStore:
    """A PostgreSQL database; the tables are made in the first schema of its search path."""

    locks = " FOR UPDATE"

    def __init__(self, dsn: str) -> None:
        try:
            import psycopg
        except ImportError as problem:
            raise ImportError(
                "PostgresStore needs psycopg: pip install 'mtnet-subscriber[postgres]'"
            ) from problem
        self._psycopg = psycopg
        self._dsn = dsn
        self._opened: psycopg.Connection[tuple[Any, ...]] | None = None

    @property
    def _db(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._opened is None or self._opened.closed:
            self._opened = self._psycopg.connect(
                self._dsn,
                autocommit=True,  # transactions are begun and ended below
                connect_timeout=10,
                application_name="mtnet-subscriber",
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
            )
        return self._opened

    def prepare(self) -> None:
        with self.transaction():
            # Two processes that begin at once would both find nothing.
            self.rows("SELECT pg_advisory_xact_lock(hashtext('mtnet_subscriber'))")
            for statement in TABLES:
                self.run(statement.replace("BYTES", "BYTEA"))

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        db = self._db
        with db.transaction():
            yield db

    def check_transaction(self) -> None:
        if self._db.info.transaction_status == self._psycopg.pq.TransactionStatus.IDLE:
            raise TransactionEnded("A handler ended the transaction.")

    def run(self, statement: str, parameters: Sequence[Any] = ()) -> int:
        return self._db.execute(_numbered(statement), parameters).rowcount

    def run_many(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        with self._db.cursor() as cursor:
            cursor.executemany(_numbered(statement), parameters)

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(_numbered(statement), parameters).fetchall()

    def away(self, problem: Exception) -> bool:
        if not isinstance(problem, self._psycopg.Error):
            return False
        state = problem.sqlstate or ""
        if state == "25006":  # a standby now; the address may lead to another server when it is asked anew
            self.close()
        # Never reached or lost; resources used up; a deadlock, a serialisation failure.
        return self._opened is None or self._opened.closed or state[:2] == "53" or state in {"40001", "40P01"}

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None


def _numbered(statement: str) -> Any:
    return statement.replace("?", "%s")
