"""SQL of access tokens; of each only a hash is kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.api_clients.rules import ApiToken


class ApiTokenStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, token_hash: bytes, token: ApiToken) -> None:
        self._tx.execute(
            "INSERT INTO api_token (token_hash, subscriber_id, secret_number, scopes, issued_at, expires_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (
                token_hash,
                token.subscriber_id,
                token.secret_number,
                list(token.scopes),
                token.issued_at,
                token.expires_at,
            ),
        )

    def token(self, token_hash: bytes) -> ApiToken | None:
        row = self._tx.execute(
            "SELECT subscriber_id, secret_number, scopes, issued_at, expires_at FROM api_token"
            " WHERE token_hash = %s",
            (token_hash,),
        ).fetchone()
        return ApiToken(row[0], row[1], tuple(row[2]), row[3], row[4]) if row else None

    def keep_newest(self, subscriber_id: UUID, most: int, now: datetime) -> None:
        """Of its tokens that have not expired, no more than so many; and none that have."""
        self._tx.execute(
            "DELETE FROM api_token WHERE subscriber_id = %(id)s AND (expires_at <= %(now)s OR token_hash IN"
            " (SELECT token_hash FROM api_token WHERE subscriber_id = %(id)s ORDER BY issued_at DESC OFFSET %(most)s))",
            {"id": subscriber_id, "now": now, "most": most},
        )

    def remove(self, token_hash: bytes, subscriber_id: UUID) -> bool:
        row = self._tx.execute(
            "DELETE FROM api_token WHERE token_hash = %s AND subscriber_id = %s RETURNING 1",
            (token_hash, subscriber_id),
        ).fetchone()
        return row is not None
