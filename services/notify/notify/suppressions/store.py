"""SQL of the suppression list. An entry is never changed but once: when it is lifted."""

from collections.abc import Collection, Sequence
from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.masking import masked_contact
from psycopg.rows import class_row

from notify.suppressions.rules import By, LiftedBy, NewSuppression, Suppression, Wanted

COLUMNS = (
    "position, channel, masked AS address, reason, code, note, since, added_by_name AS added_by, lifted_at,"
    " lifted_how, lifted_by_name AS lifted_by, lifted_note"
)


class SuppressionStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def active_among(self, channels: Sequence[str], addresses: Sequence[str]) -> set[tuple[str, str]]:
        """Of these pairs, those that are on the list."""
        rows = self._tx.execute(
            "SELECT channel, address FROM suppression JOIN unnest(%s::text[], %s::text[]) AS asked (channel, address)"
            " USING (channel, address) WHERE lifted_at IS NULL",
            (list(channels), list(addresses)),
        ).fetchall()
        return {(row[0], row[1]) for row in rows}

    def add(self, new: Collection[NewSuppression], now: datetime) -> list[Suppression]:
        """Those that were not on the list. Of an address twice among the new ones, the first counts."""
        with self._tx.cursor(row_factory=class_row(Suppression)) as cursor:
            return cursor.execute(
                "INSERT INTO suppression (channel, address, masked, reason, code, note, since, added_by, added_by_name)"
                " SELECT channel, address, masked, reason, code, note, %(now)s, added_by, added_by_name"
                " FROM unnest(%(channels)s::text[], %(addresses)s::text[], %(masked)s::text[], %(reasons)s::text[],"
                " %(codes)s::text[], %(notes)s::text[], %(added_by)s::uuid[], %(names)s::text[])"
                " AS new (channel, address, masked, reason, code, note, added_by, added_by_name)"
                " ON CONFLICT (channel, address) WHERE lifted_at IS NULL DO NOTHING"
                f" RETURNING {COLUMNS}",
                {
                    "now": now,
                    "channels": [each.channel for each in new],
                    "addresses": [each.address for each in new],
                    "masked": [masked_contact(each.address) for each in new],
                    "reasons": [each.reason for each in new],
                    "codes": [each.code for each in new],
                    "notes": [each.note for each in new],
                    "added_by": [each.by and each.by.account_id for each in new],
                    "names": [each.by and each.by.account_name for each in new],
                },
            ).fetchall()

    def entry_for_update(self, position: int) -> tuple[Suppression, str | None] | None:
        """An entry and its address, which is None once it has been forgotten."""
        row = self._tx.execute(
            f"SELECT address, {COLUMNS} FROM suppression WHERE position = %s FOR UPDATE", (position,)
        ).fetchone()
        return (Suppression(*row[1:]), row[0]) if row else None

    def lift(self, position: int, by: By, note: str, now: datetime) -> Suppression:
        with self._tx.cursor(row_factory=class_row(Suppression)) as cursor:
            lifted = cursor.execute(
                "UPDATE suppression SET lifted_at = %s, lifted_how = %s, lifted_by = %s, lifted_by_name = %s,"
                f" lifted_note = %s WHERE position = %s RETURNING {COLUMNS}",
                (now, LiftedBy.OPERATOR, by.account_id, by.account_name, note, position),
            ).fetchone()
        assert lifted is not None  # noqa: S101 - locked by whoever calls
        return lifted

    def lift_proved(
        self, channels: Sequence[str], addresses: Sequence[str], proved_at: datetime
    ) -> set[tuple[str, str]]:
        """Their owners read there by now. What was suppressed later stays. Returns whose entries are lifted."""
        rows = self._tx.execute(
            "UPDATE suppression SET lifted_at = %s, lifted_how = %s"
            " FROM unnest(%s::text[], %s::text[]) AS proved (channel, address)"
            " WHERE suppression.channel = proved.channel AND suppression.address = proved.address"
            " AND lifted_at IS NULL AND since < %s RETURNING suppression.channel, suppression.address",
            (proved_at, LiftedBy.OWNER, list(channels), list(addresses), proved_at),
        ).fetchall()
        return {(row[0], row[1]) for row in rows}

    def search(self, wanted: Wanted, limit: int) -> list[Suppression]:
        """Newest first."""
        conditions = ["true"]
        if wanted.address is not None:
            conditions.append("address = %(address)s")
        if wanted.domain is not None:
            conditions.append("split_part(address, '@', 2) = %(domain)s")
        if wanted.channel:
            conditions.append("channel = %(channel)s")
        if wanted.reason:
            conditions.append("reason = %(reason)s")
        if wanted.active is not None:
            conditions.append("lifted_at IS NULL" if wanted.active else "lifted_at IS NOT NULL")
        if wanted.before is not None:
            conditions.append("position < %(before)s")
        with self._tx.cursor(row_factory=class_row(Suppression)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM suppression WHERE {' AND '.join(conditions)}"
                " ORDER BY position DESC LIMIT %(limit)s",
                {
                    "address": wanted.address,
                    "domain": wanted.domain,
                    "channel": wanted.channel,
                    "reason": wanted.reason,
                    "before": wanted.before,
                    "limit": limit,
                },
            ).fetchall()
