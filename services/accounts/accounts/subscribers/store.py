"""SQL of downstream systems, their grants and their secrets."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row

from accounts.subscribers.rules import Grant, Secret, State, Subscriber

COLUMNS = "subscriber_id, name, title, owner, contact_email, system, state, registered_at"


class SubscriberStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def all(self) -> list[Subscriber]:
        """By name; the removed ones are not among them."""
        return self._found("WHERE state <> 'removed' ORDER BY name")

    def named(self, name: str, *, lock: bool = False) -> Subscriber | None:
        found = self._found(f"WHERE name = %s AND state <> 'removed'{' FOR UPDATE' if lock else ''}", name)
        return found[0] if found else None

    def add(self, subscriber: Subscriber) -> bool:
        """False where the name is taken, or was."""
        row = self._tx.execute(
            f"INSERT INTO subscriber ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (name) DO NOTHING RETURNING 1",
            (
                subscriber.subscriber_id,
                subscriber.name,
                subscriber.title,
                subscriber.owner,
                subscriber.contact_email,
                subscriber.system,
                subscriber.state,
                subscriber.registered_at,
            ),
        ).fetchone()
        return row is not None

    def set_state(self, subscriber_id: UUID, state: State, now: datetime) -> None:
        self._tx.execute(
            "UPDATE subscriber SET state = %(state)s, removed_at = CASE WHEN %(state)s = 'removed' THEN %(now)s END"
            " WHERE subscriber_id = %(id)s",
            {"state": state, "now": now, "id": subscriber_id},
        )

    def save_grant(self, subscriber_id: UUID, grant: Grant, now: datetime) -> None:
        """Granted again: the new reason and end count."""
        self._tx.execute(
            "INSERT INTO subscriber_grant (subscriber_id, source, event, reason, ends_on, granted_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (subscriber_id, source, event) DO UPDATE SET reason = EXCLUDED.reason,"
            " ends_on = EXCLUDED.ends_on, granted_at = EXCLUDED.granted_at",
            (subscriber_id, grant.source, grant.event, grant.reason, grant.ends_on, now),
        )

    def remove_grant(self, subscriber_id: UUID, source: str, event: str) -> bool:
        row = self._tx.execute(
            "DELETE FROM subscriber_grant WHERE subscriber_id = %s AND source = %s AND event = %s RETURNING 1",
            (subscriber_id, source, event),
        ).fetchone()
        return row is not None

    def add_secret(self, subscriber_id: UUID, secret: Secret) -> None:
        self._tx.execute(
            "INSERT INTO subscriber_credential (subscriber_id, number, password_hash, issued_at, ends_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            (subscriber_id, secret.number, secret.password_hash, secret.issued_at, secret.ends_at),
        )

    def end_secrets(self, subscriber_id: UUID, below: int, ends_at: datetime) -> None:
        """Those with a lower number end then; one that ends earlier keeps its end."""
        self._tx.execute(
            "UPDATE subscriber_credential SET ends_at = %(at)s"
            " WHERE subscriber_id = %(id)s AND number < %(below)s AND (ends_at IS NULL OR ends_at > %(at)s)",
            {"at": ends_at, "id": subscriber_id, "below": below},
        )

    def _found(self, where: str, *values: str) -> list[Subscriber]:
        """Three questions, whatever the number of systems."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(f"SELECT {COLUMNS} FROM subscriber {where}", values).fetchall()
            ids = [row["subscriber_id"] for row in rows]
            granted = cursor.execute(
                "SELECT subscriber_id, source, event, reason, ends_on FROM subscriber_grant"
                " WHERE subscriber_id = ANY (%s) ORDER BY source, event",
                (ids,),
            ).fetchall()
            issued = cursor.execute(
                "SELECT subscriber_id, number, password_hash, issued_at, ends_at FROM subscriber_credential"
                " WHERE subscriber_id = ANY (%s) ORDER BY number",
                (ids,),
            ).fetchall()
        grants, secrets = _by_system(granted), _by_system(issued)
        return [
            Subscriber(
                **row | {"state": State(row["state"])},
                grants=tuple(Grant(**each) for each in grants.get(row["subscriber_id"], ())),
                secrets=tuple(Secret(**each) for each in secrets.get(row["subscriber_id"], ())),
            )
            for row in rows
        ]


def _by_system(rows: list[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.pop("subscriber_id"), []).append(row)
    return found
