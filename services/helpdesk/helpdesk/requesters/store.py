"""SQL of requesters: who an address is, what accounts say of addresses, who is joined to whom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from helpdesk.requesters.rules import TOLD_APART, AddressKey, Requester

COLUMNS = "r.requester_id, r.name, r.locale, r.account_id, r.joined_to, r.first_seen_at"


class RequesterStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    # Who it is.

    def lock_addresses(self, keys: Sequence[AddressKey]) -> None:
        """Two messages of an unknown address make one requester. Sorted, so that two never wait for each other."""
        self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(%s::text[]) AS name",
            ([f"requester/{channel}/{address_key}" for channel, address_key in keys],),
        )

    def requesters_at(self, keys: Sequence[AddressKey], now: datetime) -> dict[AddressKey, Requester]:
        """Who has written from there before; they are seen again now."""
        rows = self._tx.execute(
            "WITH used AS (UPDATE requester_address a SET last_used_at = %(now)s"
            " FROM unnest(%(channels)s::text[], %(keys)s::text[]) AS asked (channel, address_key)"
            " WHERE a.channel = asked.channel AND a.address_key = asked.address_key"
            " RETURNING a.channel, a.address_key, a.requester_id),"
            " seen AS (UPDATE requester r SET last_seen_at = %(now)s FROM used"
            " WHERE r.requester_id = used.requester_id)"
            f" SELECT used.channel, used.address_key, {COLUMNS} FROM requester r JOIN used USING (requester_id)",
            {"now": now, **_asked(keys)},
        ).fetchall()
        return {(channel, key): Requester(*values) for channel, key, *values in rows}

    def accounts_at(self, keys: Sequence[AddressKey]) -> dict[AddressKey, list[tuple[UUID, str, str]]]:
        """Accounts in use that have these addresses: id, name, locale. More than one is nobody."""
        found: dict[AddressKey, list[tuple[UUID, str, str]]] = {}
        if not keys:
            return found
        rows = self._tx.execute(
            "SELECT a.channel, a.address_key, a.account_id, k.name, k.locale"
            " FROM unnest(%(channels)s::text[], %(keys)s::text[]) AS asked (channel, address_key)"
            " CROSS JOIN LATERAL (SELECT * FROM account_address a WHERE a.channel = asked.channel"
            " AND a.address_key = asked.address_key ORDER BY a.account_id LIMIT 10) a"
            " JOIN account_known k USING (account_id) WHERE NOT k.closed ORDER BY a.account_id",
            _asked(keys),
        ).fetchall()
        for channel, key, *account in rows:
            found.setdefault((channel, key), []).append((account[0], account[1], account[2]))
        return found

    def requester_of_account(self, account_id: UUID) -> Requester | None:
        with self._tx.cursor(row_factory=class_row(Requester)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM requester r WHERE r.account_id = %s", (account_id,)
            ).fetchone()

    def add(self, requester: Requester) -> bool:
        """False where another transaction has just made one for the same account."""
        return (
            self._tx.execute(
                "INSERT INTO requester (requester_id, name, locale, account_id, first_seen_at, last_seen_at)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (account_id) DO NOTHING RETURNING 1",
                (
                    requester.requester_id,
                    requester.name,
                    requester.locale,
                    requester.account_id,
                    requester.first_seen_at,
                    requester.first_seen_at,
                ),
            ).fetchone()
            is not None
        )

    def give_account(self, requester_id: UUID, account_id: UUID) -> None:
        """Where nobody else here is the account's owner: else an agent may join the two."""
        self._tx.execute(
            "UPDATE requester SET account_id = %(account)s WHERE requester_id = %(requester)s AND account_id IS NULL"
            " AND NOT EXISTS (SELECT FROM requester WHERE account_id = %(account)s)",
            {"account": account_id, "requester": requester_id},
        )

    def add_strangers(self, requesters: Sequence[Requester]) -> None:
        """Without an account."""
        if requesters:
            self._tx.execute(
                "INSERT INTO requester (requester_id, name, locale, first_seen_at, last_seen_at)"
                " SELECT made.id, made.name, made.locale, made.at, made.at"
                " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[]) AS made (id, name, locale, at)",
                (
                    [each.requester_id for each in requesters],
                    [each.name for each in requesters],
                    [each.locale for each in requesters],
                    [each.first_seen_at for each in requesters],
                ),
            )

    def add_addresses(self, addresses: Sequence[tuple[UUID, AddressKey, str]], now: datetime) -> None:
        """Whose, which, and as it was written. One that is somebody's already stays theirs."""
        if addresses:
            self._tx.execute(
                "INSERT INTO requester_address (channel, address_key, address, requester_id, last_used_at)"
                " SELECT made.channel, made.key, made.address, made.requester_id, %(now)s"
                " FROM unnest(%(channels)s::text[], %(keys)s::text[], %(addresses)s::text[], %(requesters)s::uuid[])"
                " AS made (channel, key, address, requester_id) ON CONFLICT (channel, address_key) DO NOTHING",
                {
                    "now": now,
                    "addresses": [address for _, _, address in addresses],
                    "requesters": [requester_id for requester_id, _, _ in addresses],
                    **_asked([key for _, key, _ in addresses]),
                },
            )

    def people(self, person_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
        """Of each person all requesters that they are, the one under whose name they stand first."""
        found: dict[UUID, list[UUID]] = {each: [each] for each in person_ids}
        rows = self._tx.execute(
            "SELECT joined_to, requester_id FROM requester WHERE joined_to = ANY(%s) ORDER BY first_seen_at",
            (list(found),),
        ).fetchall()
        for person_id, requester_id in rows:
            found[person_id].append(requester_id)
        return found

    def requester(self, requester_id: UUID) -> Requester | None:
        return self._one(requester_id, "")

    def requester_for_update(self, requester_id: UUID) -> Requester | None:
        return self._one(requester_id, " FOR UPDATE")

    def _one(self, requester_id: UUID, lock: str) -> Requester | None:
        with self._tx.cursor(row_factory=class_row(Requester)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM requester r WHERE r.requester_id = %s{lock}", (requester_id,)
            ).fetchone()

    def joined_with(self, person_id: UUID) -> list[Requester]:
        """Those that were found to be this one, without it."""
        with self._tx.cursor(row_factory=class_row(Requester)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM requester r WHERE r.joined_to = %s ORDER BY r.first_seen_at",
                (person_id,),
            ).fetchall()

    def addresses_of(self, requester_ids: Sequence[UUID]) -> list[tuple[str, str]]:
        """Channel and address, last used first."""
        rows: list[tuple[str, str]] = self._tx.execute(
            "SELECT channel, address FROM requester_address WHERE requester_id = ANY(%s)"
            " ORDER BY last_used_at DESC LIMIT 50",
            (list(requester_ids),),
        ).fetchall()
        return rows

    # Joining.

    def join(self, requester_id: UUID, into: UUID) -> None:
        """With everybody that was joined to it before."""
        self._tx.execute(
            "UPDATE requester SET joined_to = %(into)s,"
            " came_with = CASE WHEN requester_id <> %(gone)s THEN %(gone)s END"
            " WHERE requester_id = %(gone)s OR joined_to = %(gone)s",
            {"into": into, "gone": requester_id},
        )

    def undo_join(self, requester_id: UUID) -> None:
        """With everybody that came with it."""
        self._tx.execute(
            "UPDATE requester SET joined_to = CASE WHEN requester_id <> %(back)s THEN %(back)s END,"
            " came_with = NULL WHERE requester_id = %(back)s OR came_with = %(back)s",
            {"back": requester_id},
        )

    # What accounts and notify say.

    def keep_account(
        self,
        account_id: UUID,
        name: str,
        locale: str,
        addresses: Sequence[tuple[str, str]],
        as_of: datetime,
    ) -> bool:
        """These and no others, but those that are told apart. False when something later is known."""
        kept = self._tx.execute(
            "INSERT INTO account_known AS known (account_id, name, locale, as_of) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (account_id) DO UPDATE SET name = EXCLUDED.name, locale = EXCLUDED.locale,"
            " as_of = EXCLUDED.as_of WHERE known.as_of <= EXCLUDED.as_of AND NOT known.closed RETURNING 1",
            (account_id, name, locale, as_of),
        ).fetchone()
        if kept is None:
            return False
        values = {
            "account": account_id,
            "channels": [channel for channel, _ in addresses],
            "keys": [key for _, key in addresses],
            "apart": list(TOLD_APART),
        }
        self._tx.execute(
            "DELETE FROM account_address WHERE account_id = %(account)s AND channel <> ALL(%(apart)s)"
            " AND (channel, address_key) NOT IN"
            " (SELECT * FROM unnest(%(channels)s::text[], %(keys)s::text[]))",
            values,
        )
        self._tx.execute(
            "INSERT INTO account_address (account_id, channel, address_key)"
            " SELECT %(account)s, * FROM unnest(%(channels)s::text[], %(keys)s::text[]) ON CONFLICT DO NOTHING",
            values,
        )
        return True

    def addresses_of_account(self, account_id: UUID) -> set[tuple[str, str]]:
        """Channel and key, as they are known now; at most a handful."""
        rows: list[tuple[str, str]] = self._tx.execute(
            "SELECT channel, address_key FROM account_address WHERE account_id = %s", (account_id,)
        ).fetchall()
        return set(rows)

    def address_at(
        self, account_id: UUID, channel: str, address_key: str
    ) -> tuple[str, str, UUID, bool] | None:
        """The address as it was written, and the language and id of whoever wrote from there and is taken for the
        account's owner; whether they were joined to the owner."""
        row: tuple[str, str, UUID, bool] | None = self._tx.execute(
            "SELECT a.address, r.locale, r.requester_id, r.account_id IS NULL FROM requester_address a"
            " JOIN requester r USING (requester_id) LEFT JOIN requester o ON o.requester_id = r.joined_to"
            " WHERE a.channel = %s AND a.address_key = %s AND %s IN (r.account_id, o.account_id)",
            (channel, address_key, account_id),
        ).fetchone()
        return row

    def requester_at(self, key: AddressKey) -> Requester | None:
        """Who has written from there before."""
        with self._tx.cursor(row_factory=class_row(Requester)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM requester_address a JOIN requester r USING (requester_id)"
                " WHERE a.channel = %s AND a.address_key = %s",
                key,
            ).fetchone()

    def give_address(self, channel: str, address_key: str, requester_id: UUID) -> None:
        self._tx.execute(
            "UPDATE requester_address SET requester_id = %s WHERE channel = %s AND address_key = %s",
            (requester_id, channel, address_key),
        )

    def keep_one(self, account_id: UUID, channel: str, address_key: str | None, as_of: datetime) -> bool:
        """The one address of a channel that is told apart; None: there is none any more.

        False when something later is known.
        """
        if channel not in TOLD_APART:
            raise ValueError(channel)
        kept = self._tx.execute(
            f"INSERT INTO account_known AS known (account_id, name, locale, as_of, {channel}_as_of)"
            " VALUES (%s, '', 'zh-Hant', '-infinity', %s)"
            f" ON CONFLICT (account_id) DO UPDATE SET {channel}_as_of = EXCLUDED.{channel}_as_of"
            f" WHERE known.{channel}_as_of <= EXCLUDED.{channel}_as_of AND NOT known.closed RETURNING 1",
            (account_id, as_of),
        ).fetchone()
        if kept is None:
            return False
        self._tx.execute(
            "DELETE FROM account_address WHERE account_id = %s AND channel = %s", (account_id, channel)
        )
        if address_key:
            self._tx.execute(
                "INSERT INTO account_address (account_id, channel, address_key) VALUES (%s, %s, %s)",
                (account_id, channel, address_key),
            )
        return True

    def forget_account(self, account_id: UUID, as_of: datetime) -> None:
        """Closed: nothing is kept of it, and nobody is taken for its owner."""
        self._tx.execute(
            "INSERT INTO account_known AS known (account_id, name, locale, as_of, closed)"
            " VALUES (%s, '', 'zh-Hant', %s, true) ON CONFLICT (account_id)"
            " DO UPDATE SET name = '', closed = true, as_of = EXCLUDED.as_of",
            (account_id, as_of),
        )
        self._tx.execute("DELETE FROM account_address WHERE account_id = %s", (account_id,))
        self._tx.execute("UPDATE requester SET account_id = NULL WHERE account_id = %s", (account_id,))


def _asked(keys: Sequence[AddressKey]) -> dict[str, list[str]]:
    return {"channels": [channel for channel, _ in keys], "keys": [key for _, key in keys]}
