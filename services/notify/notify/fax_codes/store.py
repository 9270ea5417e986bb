"""SQL of codes by fax."""

from datetime import datetime, timedelta
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row

from notify.fax_codes.rules import FaxCode, SentOfDay

COLUMNS = "challenge_id, account_id, number, code_hash, sent_at, expires_at, tries, used_at"
DAY = timedelta(days=1)


class FaxCodeStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def sent_of_day(self, account_id: UUID, number: str, now: datetime) -> SentOfDay:
        """Whoever else asks for a code to this number waits until the transaction ends."""
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended('fax code ' || %s, 0))", (number,))
        row = self._tx.execute(
            "SELECT count(*) FILTER (WHERE account_id = %(account_id)s), count(*) FILTER (WHERE number = %(number)s),"
            " max(sent_at) FILTER (WHERE account_id = %(account_id)s) FROM fax_code"
            " WHERE (account_id = %(account_id)s OR number = %(number)s) AND sent_at > %(since)s",
            {"account_id": account_id, "number": number, "since": now - DAY},
        ).fetchone()
        return SentOfDay(*row) if row else SentOfDay(0, 0, None)

    def add(self, code: FaxCode) -> None:
        """Codes for this account that wait are of no use any more."""
        self._tx.execute(
            "UPDATE fax_code SET expires_at = %s WHERE account_id = %s AND used_at IS NULL AND expires_at > %s",
            (code.sent_at, code.account_id, code.sent_at),
        )
        self._tx.execute(
            "INSERT INTO fax_code (challenge_id, account_id, number, code_hash, sent_at, expires_at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (
                code.challenge_id,
                code.account_id,
                code.number,
                code.code_hash,
                code.sent_at,
                code.expires_at,
            ),
        )

    def code_for_update(self, account_id: UUID, challenge_id: UUID) -> FaxCode | None:
        with self._tx.cursor(row_factory=class_row(FaxCode)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM fax_code WHERE challenge_id = %s AND account_id = %s FOR UPDATE",
                (challenge_id, account_id),
            ).fetchone()

    def newest(self, account_id: UUID) -> FaxCode | None:
        with self._tx.cursor(row_factory=class_row(FaxCode)) as cursor:
            return cursor.execute(
                f"SELECT {COLUMNS} FROM fax_code WHERE account_id = %s ORDER BY sent_at DESC LIMIT 1",
                (account_id,),
            ).fetchone()

    def count_try(self, challenge_id: UUID) -> None:
        self._tx.execute("UPDATE fax_code SET tries = tries + 1 WHERE challenge_id = %s", (challenge_id,))

    def mark_used(self, challenge_id: UUID, at: datetime) -> None:
        self._tx.execute("UPDATE fax_code SET used_at = %s WHERE challenge_id = %s", (at, challenge_id))
