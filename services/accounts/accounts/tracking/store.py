"""What tokens open, looked at many at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row


class GrantStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def opened_by(self, token_hashes: list[bytes], *, now: datetime) -> list[dict[str, Any]]:
        """The application behind each token that opens one, as far as a list shows it."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "SELECT token_hash, application_id, case_number, identity_type, status, application.started_at"
                " FROM application_grant AS opening JOIN application USING (application_id)"
                " WHERE token_hash = ANY (%s) AND opening.expires_at > %s",
                (token_hashes, now),
            ).fetchall()
