"""Tell other processes that this one is alive, through a database session of its own.

The session holds an advisory lock under the process's id. When the process is killed, the operating system closes the
connection and PostgreSQL frees the lock within milliseconds. When it is frozen or cut off, PostgreSQL ends the session
after 20 s of silence. The clocks of two machines are never compared.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import psycopg

from mtnet_chassis.data.database import Tx

SILENT_SECONDS = 20
# After this long without an answer from PostgreSQL a process assumes that others take it for dead, well before they do.
TRUSTED_SECONDS = 10.0
# A restart of PostgreSQL ends every session; a living process has a new one within this time.
GRACE_SECONDS = 3.0


class Presence:
    """This process's session. Call `show` every second, and rely on it only while `id_if_present` gives an id."""

    def __init__(self, dsn: str, lock_space: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._dsn = dsn
        self._lock_space = lock_space
        self._clock = clock
        self._id = uuid4()
        self._connection: psycopg.Connection[Any] | None = None
        self._shown_at: float | None = None

    def show(self) -> None:
        """Open the session or keep it alive; a new one keeps the id. Raises psycopg.Error."""
        asked_at = self._clock()
        try:
            if self._connection is None:
                self._connection = self._connected()
            else:
                self._connection.execute("SELECT 1")
        except psycopg.Error:
            self.withdraw()
            raise
        self._shown_at = asked_at

    def id_if_present(self) -> UUID | None:
        """Our id, or None when others may take us for dead: then nothing that we held is ours any more."""
        if self._shown_at is None or self._clock() - self._shown_at > TRUSTED_SECONDS:
            return None
        return self._id

    def withdraw(self) -> None:
        connection, self._connection, self._shown_at = self._connection, None, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _connected(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(
            self._dsn,
            autocommit=True,
            connect_timeout=5,
            options=f"-c idle_session_timeout={SILENT_SECONDS}s",
            keepalives_idle=5,
            keepalives_interval=5,
            keepalives_count=2,
            tcp_user_timeout=SILENT_SECONDS * 1000,
        )
        try:
            row = connection.execute(
                "SELECT pg_try_advisory_lock(%s, %s)", (self._lock_space, _key(self._id))
            ).fetchone()
            if row is None or not row[0]:
                # Our own broken session, which PostgreSQL has not noticed yet.
                raise psycopg.OperationalError("the session before this one still holds the lock")
        except psycopg.Error:
            connection.close()
            raise
        return connection


class Absentees:
    """Remembers since when a process has been missing, since one look is not enough."""

    def __init__(self, lock_space: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock_space = lock_space
        self._clock = clock
        self._missed_since: dict[UUID, float] = {}

    def dead(self, tx: Tx, ids: Iterable[UUID]) -> list[UUID]:
        """Those of the ids whose session was missing at every look of the last three seconds."""
        asked = set(ids)
        if not asked:
            self._missed_since.clear()
            return []
        held = {
            row[0]
            for row in tx.execute(
                "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                " AND classid = %s::oid AND objsubid = 2",
                (self._lock_space,),
            ).fetchall()
        }
        now = self._clock()
        missing = {each for each in asked if _key(each) not in held}
        self._missed_since = {each: self._missed_since.get(each, now) for each in missing}
        return sorted(each for each, since in self._missed_since.items() if now - since >= GRACE_SECONDS)


def _key(identity: UUID) -> int:
    """31 random bits: PostgreSQL's lock keys are signed, its list of locks is not."""
    return identity.int & 0x7FFFFFFF
