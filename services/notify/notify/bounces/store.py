"""SQL of bounces: one for each delivery, so that a report that comes twice counts once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from mtnet_chassis.data.database import Tx

from notify.bounces.rules import Bounce, Weight

# 'boun' in ASCII.
LOCK_SPACE = 0x626F756E


class BounceStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, bounces: Sequence[Bounce], addresses: Mapping[UUID, str], now: datetime) -> set[UUID]:
        """Deliveries that bounced for the first time, or for good after a bounce that left hope."""
        rows = self._tx.execute(
            "INSERT INTO bounce AS known (delivery_id, address, weight, code, at)"
            " SELECT delivery_id, address, weight, code, %(now)s FROM unnest(%(ids)s::uuid[], %(addresses)s::text[],"
            " %(weights)s::text[], %(codes)s::text[]) AS new (delivery_id, address, weight, code)"
            " ON CONFLICT (delivery_id) DO UPDATE SET weight = EXCLUDED.weight, code = EXCLUDED.code"
            " WHERE known.weight <> %(hard)s AND EXCLUDED.weight = %(hard)s RETURNING delivery_id",
            {
                "now": now,
                "ids": [each.delivery_id for each in bounces],
                "addresses": [addresses[each.delivery_id] for each in bounces],
                "weights": [each.weight for each in bounces],
                "codes": [each.code for each in bounces],
                "hard": Weight.HARD,
            },
        ).fetchall()
        return {row[0] for row in rows}

    def soft_bounces(self, addresses: Sequence[str], since: datetime) -> dict[str, list[datetime]]:
        """When mails to these addresses came back softly since then."""
        rows = self._tx.execute(
            "SELECT address, array_agg(at) FROM bounce WHERE address = ANY(%s) AND weight = %s AND at >= %s"
            " GROUP BY address",
            (list(addresses), Weight.SOFT, since),
        ).fetchall()
        return {row[0]: list(row[1]) for row in rows}


class OnlyReader:
    """A database session with an advisory lock: whoever has it reads. It ends with the process."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
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
                application_name="bounces",
                options="-c idle_session_timeout=300s",
                keepalives_idle=10,
                keepalives_interval=5,
                keepalives_count=3,
                tcp_user_timeout=20_000,
            )
            row = connection.execute("SELECT pg_try_advisory_lock(%s, 1)", (LOCK_SPACE,)).fetchone()
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
