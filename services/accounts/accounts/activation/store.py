"""SQL of activation links: opaque tokens, stored as hashes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.activation.rules import ActivationLink


class LinkStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def replace(self, token_hash: bytes, link: ActivationLink) -> None:
        """The newest link is the only one that works."""
        self._tx.execute("DELETE FROM activation_link WHERE account_id = %s", (link.account_id,))
        self._tx.execute(
            "INSERT INTO activation_link (token_hash, account_id, issued_at, expires_at) VALUES (%s, %s, %s, %s)",
            (token_hash, link.account_id, link.issued_at, link.expires_at),
        )

    def valid_link(self, token_hash: bytes, *, now: datetime, lock: bool = False) -> ActivationLink | None:
        row = self._tx.execute(
            "SELECT account_id, issued_at, expires_at FROM activation_link"
            f" WHERE token_hash = %s AND used_at IS NULL AND expires_at > %s{' FOR UPDATE' if lock else ''}",
            (token_hash, now),
        ).fetchone()
        return ActivationLink(*row) if row else None

    def use(self, token_hash: bytes, now: datetime) -> None:
        self._tx.execute("UPDATE activation_link SET used_at = %s WHERE token_hash = %s", (now, token_hash))

    def was_used(self, token_hash: bytes) -> bool:
        row = self._tx.execute(
            "SELECT true FROM activation_link WHERE token_hash = %s AND used_at IS NOT NULL", (token_hash,)
        ).fetchone()
        return row is not None

    def used_since(self, token_hash: bytes, since: datetime) -> ActivationLink | None:
        row = self._tx.execute(
            "SELECT account_id, issued_at, expires_at FROM activation_link"
            " WHERE token_hash = %s AND used_at >= %s",
            (token_hash, since),
        ).fetchone()
        return ActivationLink(*row) if row else None

    def issued_at(self, account_id: UUID) -> datetime | None:
        row = self._tx.execute(
            "SELECT max(issued_at) FROM activation_link WHERE account_id = %s", (account_id,)
        ).fetchone()
        return row[0] if row else None
