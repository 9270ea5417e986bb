"""SQL of the card."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row


class AccountCardStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def card(self, account_id: UUID) -> dict[str, Any] | None:
        """How the account stands. None where there is none."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "SELECT a.account_id, a.account_name, a.state, a.identity_type, o.name_zh AS organisation, a.systems,"
                " a.last_login_at FROM account a LEFT JOIN organisation o USING (organisation_id)"
                " WHERE a.account_id = %s",
                (account_id,),
            ).fetchone()

    def cases(self, account_id: UUID, most: int) -> list[dict[str, Any]]:
        """The one that it was opened on, and others of the same person (index application_of_person)."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "WITH own AS (SELECT application_id, person_index FROM application"
                " WHERE application_id = (SELECT application_id FROM account WHERE account_id = %(account)s))"
                " SELECT case_number, status, submitted_at FROM application WHERE submitted_at IS NOT NULL"
                " AND application_id IN (SELECT application_id FROM own"
                " UNION SELECT p.application_id FROM application p JOIN own ON p.person_index = own.person_index)"
                " ORDER BY submitted_at DESC LIMIT %(most)s",
                {"account": account_id, "most": most},
            ).fetchall()
