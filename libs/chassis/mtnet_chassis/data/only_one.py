"""Work that one process does while the others stand by."""

from __future__ import annotations

from typing import Any

import psycopg


class OnlyOne:
    """A database session with an advisory lock: whoever has it works, the others wait. It ends with the process.

    `space` is a number of its own for each kind of work, `name` what the session is called in the database.
    """

    def __init__(self, dsn: str, space: int, name: str) -> None:
        self._dsn, self._space, self._name = dsn, space, name
        self._connection: psycopg.Connection[Any] | None = None

    def is_us(self) -> bool:
        """Raises psycopg.Error."""
        try:
            if self._connection is not None:
                self._connection.execute("SELECT 1")
                return True
            connection = psycopg.connect(
                self._dsn,
                autocommit=True,
                connect_timeout=5,
                application_name=self._name,
                options="-c idle_session_timeout=300s",
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
                tcp_user_timeout=20_000,
            )
            row = connection.execute("SELECT pg_try_advisory_lock(%s, 1)", (self._space,)).fetchone()
            if row is None or not row[0]:
                connection.close()
                return False
            self._connection = connection
        except psycopg.Error:
            self.withdraw()
            raise
        return True

    def withdraw(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
