"""SQL of former passwords, and of the links to set a new one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.passwords.rules import Asked, NewAsk, ResetLink

HOUR = timedelta(hours=1)


class PasswordStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def organisation_names(self, account_id: UUID) -> tuple[str, ...]:
        """What the organisation of an account is called, and its 統一編號."""
        row = self._tx.execute(
            "SELECT organisation.name_zh, organisation.name_en, unified_business_number"
            " FROM account JOIN organisation USING (organisation_id) WHERE account_id = %s",
            (account_id,),
        ).fetchone()
        return tuple(name for name in row or () if name)

    def former_passwords(self, account_id: UUID, most: int) -> list[str]:
        """The hashes before the one in use, newest first."""
        rows = self._tx.execute(
            "SELECT password_hash FROM former_password WHERE account_id = %s ORDER BY position DESC LIMIT %s",
            (account_id, most),
        ).fetchall()
        return [row[0] for row in rows]

    def keep_former_password(
        self, account_id: UUID, password_hash: str, replaced_at: datetime, *, most: int
    ) -> None:
        """Keep a hash that is in use no more, and forget all but the newest `most`."""
        self._tx.execute(
            "INSERT INTO former_password (account_id, password_hash, replaced_at) VALUES (%s, %s, %s)",
            (account_id, password_hash, replaced_at),
        )
        self._tx.execute(
            "DELETE FROM former_password WHERE account_id = %(account_id)s AND position IN"
            " (SELECT position FROM former_password WHERE account_id = %(account_id)s"
            " ORDER BY position DESC OFFSET %(most)s)",
            {"account_id": account_id, "most": most},
        )


class ResetStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def asked_lately(self, ask: NewAsk) -> Asked:
        """What was asked in the hour before, for this name, this mailbox and from this source.

        Under locks, so that two questions cannot both pass; in one order.
        """
        for kind, key in ((4, ask.name_index.hex()), (5, ask.mailbox_index.hex()), (6, ask.source)):
            self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", (key, kind))
        row = self._tx.execute(
            "SELECT count(*) FILTER (WHERE name_index = %(name)s AND NOT known AND source = %(source)s),"
            " count(*) FILTER (WHERE name_index = %(name)s AND NOT known),"
            " count(*) FILTER (WHERE name_index = %(name)s AND known),"
            " count(*) FILTER (WHERE mailbox_index = %(mailbox)s AND NOT known),"
            " count(*) FILTER (WHERE source = %(source)s)"
            " FROM password_reset WHERE asked_at > %(since)s"
            " AND (name_index = %(name)s OR mailbox_index = %(mailbox)s OR source = %(source)s)",
            {
                "name": ask.name_index,
                "mailbox": ask.mailbox_index,
                "source": ask.source,
                "since": ask.asked_at - HOUR,
            },
        ).fetchone()
        return Asked(*row) if row else Asked()

    def add(self, ask: NewAsk, token_hash: bytes, account_id: UUID | None, expires_at: datetime) -> None:
        """Store a question; its token opens something only where `account_id` is given."""
        self._tx.execute(
            "INSERT INTO password_reset (token_hash, account_id, name_index, mailbox_index, source, known,"
            " asked_at, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            (
                token_hash,
                account_id,
                ask.name_index,
                ask.mailbox_index,
                ask.source,
                ask.known,
                ask.asked_at,
                expires_at,
            ),
        )

    @contextmanager
    def done(self, really: bool) -> Iterator[None]:
        """What is written inside stays only `really`; it takes the same time."""
        with self._tx.transaction(force_rollback=not really):
            yield

    def link(self, token_hash: bytes, *, lock: bool = False) -> ResetLink | None:
        row = self._tx.execute(
            "SELECT account_id, expires_at, used_at, voided_at FROM password_reset"
            f" WHERE token_hash = %s AND account_id IS NOT NULL{' FOR UPDATE' if lock else ''}",
            (token_hash,),
        ).fetchone()
        return ResetLink(*row) if row else None

    def use(self, token_hash: bytes, account_id: UUID, now: datetime) -> None:
        """The link is used, and no other link of the account works any more."""
        self._tx.execute("UPDATE password_reset SET used_at = %s WHERE token_hash = %s", (now, token_hash))
        self.void(account_id, now)

    def void(self, account_id: UUID, now: datetime) -> None:
        """No link of the account works any more."""
        self._tx.execute(
            "UPDATE password_reset SET voided_at = %s"
            " WHERE account_id = %s AND used_at IS NULL AND voided_at IS NULL",
            (now, account_id),
        )
