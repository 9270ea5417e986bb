"""SQL of the privacy notice and of consents to it, of applications and of accounts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from accounts.consents.rules import Consent, How, Notice, PublishedNotice
from accounts.sources import known_address

# The one in force on a day: the latest that has begun.
IN_FORCE = "WHERE effective_on <= %(on)s ORDER BY effective_on DESC, version DESC LIMIT 1"


class ConsentStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def notice_in_force(self, on: date) -> Notice:
        row = self._tx.execute(
            f"SELECT version, effective_on, title, body FROM privacy_notice {IN_FORCE}", {"on": on}
        ).fetchone()
        if row is None:
            raise LookupError("no privacy notice is in force")
        return Notice(*row)

    def has_agreed(self, account_id: UUID, on: date) -> bool:
        """Whether the account's owner has agreed to the notice in force on that day."""
        row = self._tx.execute(
            "SELECT EXISTS (SELECT 1 FROM account_consent WHERE account_id = %(account_id)s"
            f" AND notice_version = (SELECT version FROM privacy_notice {IN_FORCE}))",
            {"account_id": account_id, "on": on},
        ).fetchone()
        return bool(row and row[0])

    def consents_of(self, account_id: UUID, *, most: int) -> list[Consent]:
        with self._tx.cursor(row_factory=class_row(Consent)) as cursor:
            return cursor.execute(
                "SELECT notice_version, agreed_at, how FROM account_consent WHERE account_id = %s"
                " ORDER BY agreed_at DESC LIMIT %s",
                (account_id, most),
            ).fetchall()

    def add_application_consent(
        self, application_id: UUID, version: str, at: datetime, ip: str | None
    ) -> None:
        self._tx.execute(
            "INSERT INTO consent (application_id, notice_version, agreed_at, ip) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (application_id, version, at, known_address(ip)),
        )

    def add_account_consent(
        self, account_id: UUID, version: str, at: datetime, how: How, ip: str | None
    ) -> bool:
        """Whether it is new."""
        added = self._tx.execute(
            "INSERT INTO account_consent (account_id, notice_version, agreed_at, how, ip)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (account_id, version, at, how, known_address(ip)),
        )
        return added.rowcount == 1

    def copy_consents(self, application_id: UUID, account_id: UUID) -> None:
        """What was agreed to in the application was agreed to by the owner of the account that came of it."""
        self._tx.execute(
            "INSERT INTO account_consent (account_id, notice_version, agreed_at, how, ip)"
            " SELECT %s, notice_version, agreed_at, 'application', ip FROM consent WHERE application_id = %s"
            " ON CONFLICT DO NOTHING",
            (account_id, application_id),
        )

    def notices(self, *, lock: bool = False) -> tuple[PublishedNotice, ...]:
        """All versions, the latest first."""
        if lock:
            self._tx.execute("LOCK TABLE privacy_notice IN SHARE ROW EXCLUSIVE MODE")
        with self._tx.cursor(row_factory=class_row(PublishedNotice)) as cursor:
            return tuple(
                cursor.execute(
                    "SELECT version, effective_on, count(account.account_id) AS agreed FROM privacy_notice"
                    " LEFT JOIN account_consent ON notice_version = version"
                    " LEFT JOIN account ON account.account_id = account_consent.account_id"
                    " AND account.state <> 'closed'"
                    " GROUP BY version, effective_on ORDER BY effective_on DESC, version DESC"
                ).fetchall()
            )

    def add_notice(self, notice: Notice) -> None:
        self._tx.execute(
            "INSERT INTO privacy_notice (version, effective_on, title, body) VALUES (%s, %s, %s, %s)",
            (notice.version, notice.effective_on, Jsonb(notice.title), Jsonb(notice.body)),
        )

    def remove_notice(self, version: str, *, today: date) -> bool:
        """Only while it is not in force, so that nobody can have agreed to it. Whether there was one."""
        removed = self._tx.execute(
            "DELETE FROM privacy_notice WHERE version = %s AND effective_on > %s", (version, today)
        )
        return removed.rowcount == 1
