"""SQL of logins whose second step is missing."""

from __future__ import annotations

from mtnet_chassis.data.database import Tx

from accounts.login.rules import MOST_PENDING, PendingLogin


class PendingStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, token_hash: bytes, pending: PendingLogin) -> None:
        """Of too many of an account the oldest goes."""
        self._tx.execute(
            "INSERT INTO pending_login (token_hash, account_id, password_mark, expires_at) VALUES (%s, %s, %s, %s)",
            (token_hash, pending.account_id, pending.password_mark, pending.expires_at),
        )
        self._tx.execute(
            "DELETE FROM pending_login WHERE token_hash IN (SELECT token_hash FROM pending_login"
            " WHERE account_id = %s ORDER BY expires_at DESC, token_hash OFFSET %s)",
            (pending.account_id, MOST_PENDING),
        )

    def pending(self, token_hash: bytes) -> PendingLogin | None:
        row = self._tx.execute(
            "SELECT account_id, password_mark, expires_at FROM pending_login WHERE token_hash = %s FOR UPDATE",
            (token_hash,),
        ).fetchone()
        return PendingLogin(row[0], bytes(row[1]), row[2]) if row else None

    def remove(self, token_hash: bytes) -> None:
        self._tx.execute("DELETE FROM pending_login WHERE token_hash = %s", (token_hash,))
