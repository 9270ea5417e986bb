"""SQL of downstream systems, their grants and their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.broker.downstream import OF_DOWNSTREAM
from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row

from accounts.subscribers.rules import (
    NOTICE_DAYS,
    Applied,
    Ending,
    Grant,
    ScopeGrant,
    Secret,
    State,
    Subscriber,
)

COLUMNS = (
    "subscriber_id, name, title, owner, contact_email, system, state, registered_at, nameko_method,"
    " state_changed_at"
)


class SubscriberStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    @property
    def tx(self) -> Tx:
        """For what belongs to a system and changes with it, in the same transaction."""
        return self._tx

    def all(self) -> list[Subscriber]:
        """By name; the removed ones are not among them."""
        return self._found("WHERE state <> 'removed' ORDER BY name")

    def with_id(self, subscriber_id: UUID) -> Subscriber | None:
        found = self._found("WHERE subscriber_id = %s AND state <> 'removed'", (subscriber_id,))
        return found[0] if found else None

    def named(self, name: str, *, lock: bool = False) -> Subscriber | None:
        found = self._found(f"WHERE name = %s AND state <> 'removed'{' FOR UPDATE' if lock else ''}", (name,))
        return found[0] if found else None

    def ever_named(self, name: str) -> Subscriber | None:
        """Also where it was removed: its record stays."""
        found = self._found("WHERE name = %s", (name,))
        return found[0] if found else None

    def of_ids(self, ids: list[UUID]) -> list[Subscriber]:
        return self._found("WHERE subscriber_id = ANY (%s) ORDER BY name", (ids,))

    def page(
        self, text: str | None, state: str | None, *, limit: int, offset: int
    ) -> tuple[list[Subscriber], int]:
        """By name, and how many there are in all; `text` is a part of what describes them. There are tens of systems:
        no index helps."""
        asked = {"text": text, "state": state, "limit": limit, "offset": offset}
        where = "WHERE CASE WHEN %(state)s::text IS NULL THEN state <> 'removed' ELSE state = %(state)s END"
        if text:
            described = "lower(concat_ws(' ', name, title, owner, contact_email))"
            where += f" AND strpos({described}, lower(%(text)s)) > 0"
        row = self._tx.execute(f"SELECT count(*) FROM subscriber {where}", asked).fetchone()
        found = self._found(f"{where} ORDER BY name LIMIT %(limit)s OFFSET %(offset)s", asked)
        return found, int(row[0]) if row else 0

    def add(self, subscriber: Subscriber) -> bool:
        """False where the name is taken, or was."""
        row = self._tx.execute(
            f"INSERT INTO subscriber ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
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
                subscriber.nameko_method,
                subscriber.registered_at,
            ),
        ).fetchone()
        return row is not None

    def set_state(self, subscriber_id: UUID, state: State, now: datetime) -> None:
        self._tx.execute(
            "UPDATE subscriber SET state = %(state)s, state_changed_at = %(now)s,"
            " removed_at = CASE WHEN %(state)s = 'removed' THEN %(now)s END"
            " WHERE subscriber_id = %(id)s",
            {"state": state, "now": now, "id": subscriber_id},
        )

    def save_owner(self, subscriber: Subscriber) -> None:
        self._tx.execute(
            "UPDATE subscriber SET title = %s, owner = %s, contact_email = %s, system = %s WHERE subscriber_id = %s",
            (
                subscriber.title,
                subscriber.owner,
                subscriber.contact_email,
                subscriber.system,
                subscriber.subscriber_id,
            ),
        )

    def set_nameko_method(self, subscriber_id: UUID, method: str | None) -> None:
        self._tx.execute(
            "UPDATE subscriber SET nameko_method = %s WHERE subscriber_id = %s", (method, subscriber_id)
        )

    def set_by_webhook(self, subscriber_id: UUID, by_webhook: bool) -> None:
        self._tx.execute(
            "UPDATE subscriber SET by_webhook = %s WHERE subscriber_id = %s", (by_webhook, subscriber_id)
        )

    def save_grants(self, subscriber_id: UUID, grants: Sequence[Grant], now: datetime) -> None:
        """Granted again: the new reason and end count."""
        self._tx.execute(
            "INSERT INTO subscriber_grant (subscriber_id, source, event, reason, ends_on, granted_at)"
            " SELECT %s, source, event, reason, ends_on, %s"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::date[]) AS new (source, event, reason, ends_on)"
            " ON CONFLICT (subscriber_id, source, event) DO UPDATE SET reason = EXCLUDED.reason,"
            " ends_on = EXCLUDED.ends_on, granted_at = EXCLUDED.granted_at",
            (
                subscriber_id,
                now,
                [each.source for each in grants],
                [each.event for each in grants],
                [each.reason for each in grants],
                [each.ends_on for each in grants],
            ),
        )

    def remove_grant(self, subscriber_id: UUID, source: str, event: str) -> bool:
        row = self._tx.execute(
            "DELETE FROM subscriber_grant WHERE subscriber_id = %s AND source = %s AND event = %s RETURNING 1",
            (subscriber_id, source, event),
        ).fetchone()
        return row is not None

    def save_scopes(self, subscriber_id: UUID, grants: Sequence[ScopeGrant]) -> None:
        """Granted again: the new reason and end count, and tokens that have it keep it."""
        self._tx.execute(
            "INSERT INTO subscriber_scope (subscriber_id, scope, reason, ends_on, granted_at)"
            " SELECT %s, scope, reason, ends_on, granted_at"
            " FROM unnest(%s::text[], %s::text[], %s::date[], %s::timestamptz[])"
            "  AS new (scope, reason, ends_on, granted_at)"
            " ON CONFLICT (subscriber_id, scope) DO UPDATE SET reason = EXCLUDED.reason, ends_on = EXCLUDED.ends_on",
            (
                subscriber_id,
                [each.scope for each in grants],
                [each.reason for each in grants],
                [each.ends_on for each in grants],
                [each.granted_at for each in grants],
            ),
        )

    def remove_scope(self, subscriber_id: UUID, scope: str) -> bool:
        row = self._tx.execute(
            "DELETE FROM subscriber_scope WHERE subscriber_id = %s AND scope = %s RETURNING 1",
            (subscriber_id, scope),
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

    def _found(self, where: str, values: tuple[Any, ...] | dict[str, Any] = ()) -> list[Subscriber]:
        """Four questions, whatever the number of systems."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(f"SELECT {COLUMNS}, by_webhook FROM subscriber {where}", values).fetchall()
            ids = [row["subscriber_id"] for row in rows]
            granted = cursor.execute(
                "SELECT subscriber_id, source, event, reason, ends_on, granted_at FROM subscriber_grant"
                " WHERE subscriber_id = ANY (%s) ORDER BY source, event",
                (ids,),
            ).fetchall()
            issued = cursor.execute(
                "SELECT subscriber_id, number, password_hash, issued_at, ends_at FROM subscriber_credential"
                " WHERE subscriber_id = ANY (%s) ORDER BY number",
                (ids,),
            ).fetchall()
            scoped = cursor.execute(
                "SELECT subscriber_id, scope, reason, ends_on, granted_at FROM subscriber_scope"
                " WHERE subscriber_id = ANY (%s) ORDER BY scope",
                (ids,),
            ).fetchall()
        grants, secrets, scopes = _by_system(granted), _by_system(issued), _by_system(scoped)
        return [
            Subscriber(
                **row | {"state": State(row["state"])},
                grants=tuple(Grant(**each) for each in grants.get(row["subscriber_id"], ())),
                secrets=tuple(Secret(**each) for each in secrets.get(row["subscriber_id"], ())),
                scopes=tuple(ScopeGrant(**each) for each in scopes.get(row["subscriber_id"], ())),
            )
            for row in rows
        ]


def _by_system(rows: list[dict[str, Any]]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.pop("subscriber_id"), []).append(row)
    return found


class BrokerStore:
    """Whether the broker has what the records say. Triggers count each change of the records (migration 0125)."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def state(self) -> Applied:
        row = self._tx.execute(
            "SELECT changed, applied, applied_at, failed_at, failure FROM subscriber_broker"
        ).fetchone()
        assert row is not None  # noqa: S101 - the migration made it
        return Applied(*row)

    def lock(self) -> None:
        """One process at a time brings the broker in line; the others wait."""
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('accounts.subscribers.broker', 0))")

    def note_applied(self, changed: int, now: datetime) -> None:
        """What had been changed until then is on the broker."""
        self._tx.execute(
            "UPDATE subscriber_broker"
            " SET applied = greatest(applied, %s), applied_at = %s, failed_at = NULL, failure = ''",
            (changed, now),
        )

    def note_failed(self, failure: str, now: datetime) -> None:
        self._tx.execute("UPDATE subscriber_broker SET failed_at = %s, failure = %s", (now, failure))


class NoticeStore:
    """What the owners were told already, so that each thing is told once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def newly_ending(self, today: date, now: datetime) -> list[Ending]:
        """What ends within a time of notice and was not told with it yet, by system and day; it counts as told now."""
        rows = self._tx.execute(
            "WITH ending AS ("
            " SELECT subscriber_id, 'grant' AS what, source || '.' || event AS item, ends_on FROM subscriber_grant"
            " WHERE ends_on BETWEEN %(today)s AND %(today)s + %(first)s"
            " UNION ALL"
            " SELECT subscriber_id, 'scope', scope, ends_on FROM subscriber_scope"
            " WHERE ends_on BETWEEN %(today)s AND %(today)s + %(first)s"
            " UNION ALL"
            " SELECT subscriber_id, 'secret', %(prefix)s || name || '.' || number,"
            "  (ends_at AT TIME ZONE 'Asia/Taipei')::date"
            " FROM subscriber_credential JOIN subscriber USING (subscriber_id)"
            " WHERE ends_at > %(now)s AND (ends_at AT TIME ZONE 'Asia/Taipei')::date <= %(today)s + %(first)s"
            "), told AS ("
            " INSERT INTO subscriber_notice AS known (subscriber_id, what, item, ends_on, days)"
            " SELECT subscriber_id, what, item, ends_on,"
            "  CASE WHEN ends_on <= %(today)s + %(last)s THEN %(last)s ELSE %(first)s END"
            " FROM ending JOIN subscriber USING (subscriber_id) WHERE state <> 'removed'"
            " ON CONFLICT (subscriber_id, what, item, ends_on) DO UPDATE SET days = EXCLUDED.days"
            " WHERE known.days > EXCLUDED.days RETURNING subscriber_id, what, item, ends_on"
            ") SELECT subscriber_id, name, title, contact_email, what, array_agg(item ORDER BY item), ends_on"
            " FROM told JOIN subscriber USING (subscriber_id)"
            " GROUP BY subscriber_id, name, title, contact_email, what, ends_on ORDER BY name, ends_on, what",
            {
                "today": today,
                "now": now,
                "first": NOTICE_DAYS[0],
                "last": NOTICE_DAYS[1],
                "prefix": OF_DOWNSTREAM,
            },
        ).fetchall()
        return [
            Ending(subscriber_id, name, title, email, what, tuple(items), ends_on)
            for subscriber_id, name, title, email, what, items, ends_on in rows
        ]

    def forget_past(self, today: date) -> None:
        self._tx.execute("DELETE FROM subscriber_notice WHERE ends_on < %s", (today,))

    def newly_filling(self, full: list[str], empty: list[str], now: datetime) -> list[Subscriber]:
        """Those of the names in `full` whose owner was not told yet; it counts as told now. Of `empty` it is over."""
        self._tx.execute(
            "DELETE FROM subscriber_alarm USING subscriber"
            " WHERE subscriber_alarm.subscriber_id = subscriber.subscriber_id AND name = ANY (%s)",
            (empty,),
        )
        told = self._tx.execute(
            "INSERT INTO subscriber_alarm (subscriber_id, raised_at)"
            " SELECT subscriber_id, %s FROM subscriber WHERE state <> 'removed' AND name = ANY (%s)"
            " ON CONFLICT (subscriber_id) DO NOTHING RETURNING subscriber_id",
            (now, full),
        ).fetchall()
        return SubscriberStore(self._tx).of_ids([subscriber_id for (subscriber_id,) in told])
