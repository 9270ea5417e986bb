"""SQL of requests for personal data, and of all that is copied for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row, dict_row

from accounts.privacy_rights.rules import PrivacyRequest, State

COLUMNS = (
    "request_id, request_number, account_id, kind, state, words, received_at, due_on, extended, closed_at, reminded_on,"
    " version"
)


@dataclass(frozen=True)
class Step:
    """What happened to a request; `note` was told to the person."""

    request_id: UUID
    at: datetime
    what: str
    note: str


class PrivacyStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def next_number(self) -> int:
        row = self._tx.execute("SELECT nextval('privacy_request_number')").fetchone()
        return int(row[0]) if row else 0

    def add(self, request: PrivacyRequest) -> None:
        self._tx.execute(
            f"INSERT INTO privacy_request ({COLUMNS}) VALUES (%(request_id)s, %(request_number)s, %(account_id)s,"
            " %(kind)s, %(state)s, %(words)s, %(received_at)s, %(due_on)s, %(extended)s, %(closed_at)s,"
            " %(reminded_on)s, %(version)s)",
            vars(request),
        )

    def save(self, request: PrivacyRequest) -> None:
        self._tx.execute(
            "UPDATE privacy_request SET state = %(state)s, due_on = %(due_on)s, extended = %(extended)s,"
            " closed_at = %(closed_at)s, reminded_on = %(reminded_on)s, version = %(version)s"
            " WHERE request_id = %(request_id)s",
            vars(request),
        )

    def add_step(self, request_id: UUID, at: datetime, what: str, by: UUID | None, note: str) -> None:
        self._tx.execute(
            "INSERT INTO privacy_step (request_id, at, what, by_account, note) VALUES (%s, %s, %s, %s, %s)",
            (request_id, at, what, by, note),
        )

    def request(self, request_id: UUID, *, lock: bool = False) -> PrivacyRequest | None:
        found = self._some(f"WHERE request_id = %s{' FOR UPDATE' if lock else ''}", request_id)
        return found[0] if found else None

    def requests_of(self, account_id: UUID, *, most: int) -> list[PrivacyRequest]:
        return self._some("WHERE account_id = %s ORDER BY received_at DESC LIMIT %s", account_id, most)

    def has_open(self, account_id: UUID, kind: str) -> bool:
        return bool(self._some("WHERE account_id = %s AND kind = %s AND state = 'open'", account_id, kind))

    def asked_since(self, account_id: UUID, since: datetime) -> int:
        row = self._tx.execute(
            "SELECT count(*) FROM privacy_request WHERE account_id = %s AND received_at > %s",
            (account_id, since),
        ).fetchone()
        return int(row[0]) if row else 0

    def steps_of(self, request_ids: list[UUID]) -> list[Step]:
        with self._tx.cursor(row_factory=class_row(Step)) as cursor:
            return cursor.execute(
                "SELECT request_id, at, what, note FROM privacy_step WHERE request_id = ANY (%s) ORDER BY position",
                (request_ids,),
            ).fetchall()

    def desk(
        self, *, state: str | None, kind: str | None, late_on: date | None, limit: int, offset: int
    ) -> tuple[list[tuple[PrivacyRequest, str]], int]:
        """Requests with the account's name, the open ones by the day they are due, and how many there are."""
        asked = {"state": state, "kind": kind, "late_on": late_on, "limit": limit, "offset": offset}
        where = (
            " WHERE (%(state)s::text IS NULL OR privacy_request.state = %(state)s)"
            " AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
            " AND (%(late_on)s::date IS NULL OR (privacy_request.state = 'open' AND due_on < %(late_on)s))"
        )
        row = self._tx.execute(f"SELECT count(*) FROM privacy_request{where}", asked).fetchone()
        columns = ", ".join(f"privacy_request.{name}" for name in COLUMNS.split(", "))
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                f"SELECT {columns}, account_name FROM privacy_request JOIN account USING (account_id){where}"
                " ORDER BY privacy_request.state <> 'open', CASE WHEN privacy_request.state = 'open' THEN due_on END,"
                " closed_at DESC, received_at LIMIT %(limit)s OFFSET %(offset)s",
                asked,
            ).fetchall()
        names = [row.pop("account_name") for row in rows]
        found = [_request(row) for row in rows]
        return list(zip(found, names, strict=True)), int(row[0]) if row else 0

    def count_late(self, today: date) -> int:
        row = self._tx.execute(
            "SELECT count(*) FROM privacy_request WHERE state = 'open' AND due_on < %s", (today,)
        ).fetchone()
        return int(row[0]) if row else 0

    def due_before(self, day: date, *, most: int) -> list[PrivacyRequest]:
        """Open ones, locked; those that another run looks at are left to it."""
        return self._some(
            "WHERE state = 'open' AND due_on <= %s ORDER BY due_on LIMIT %s FOR UPDATE SKIP LOCKED", day, most
        )

    def operators_emails(self, most: int) -> tuple[str, ...]:
        rows = self._tx.execute(
            "SELECT email FROM account WHERE state = 'active' AND 'operator' = ANY (roles) ORDER BY account_name"
            " LIMIT %s",
            (most,),
        ).fetchall()
        return tuple(email for (email,) in rows)

    def rows_of(self, account_id: UUID, application_id: UUID | None) -> dict[str, list[dict[str, Any]]]:
        """What is kept of a person besides profile and contacts: as rows, by what they are."""
        questions = {
            "account": (
                "SELECT account_name, name, state, identity_type, roles, unit, systems, locale, approved_at,"
                " activated_at, last_login_at FROM account WHERE account_id = %s",
                account_id,
            ),
            "organisation": (
                "SELECT unified_business_number, name_zh, name_en FROM organisation JOIN account"
                " USING (organisation_id) WHERE account_id = %s",
                account_id,
            ),
            "sessions": (
                "SELECT started_at, ended_at, host(ip) AS ip, user_agent FROM session WHERE account_id = %s"
                " ORDER BY started_at DESC LIMIT 200",
                account_id,
            ),
            "application": (
                "SELECT case_number, status, submission, submitted_at, answers FROM application"
                " WHERE application_id = %s",
                application_id,
            ),
            "consents": (
                "SELECT notice_version, agreed_at, how, host(ip) AS ip FROM account_consent WHERE account_id = %s"
                " ORDER BY agreed_at DESC",
                account_id,
            ),
        }
        found = {}
        with self._tx.cursor(row_factory=dict_row) as cursor:
            for name, (query, value) in questions.items():
                found[name] = cursor.execute(query, (value,)).fetchall()
        return found

    def pseudonymise(self, account_id: UUID, *, pseudonym: str, name: str) -> None:
        """Nothing of the person stays in the account; its rows keep their ids, so that cases and log still fit."""
        self._tx.execute(
            "UPDATE account SET account_name = %s, name = %s, email = '', mobile = NULL, password_hash = NULL,"
            " person_key = NULL, name_wanted = NULL, roles = '{}', unit = NULL, systems = '{}'"
            " WHERE account_id = %s",
            (pseudonym, name, account_id),
        )
        for query in (
            "DELETE FROM account_contact WHERE account_id = %s",
            "DELETE FROM account_profile WHERE account_id = %s",
            "DELETE FROM contact_change WHERE account_id = %s",
            "DELETE FROM activation_link WHERE account_id = %s",
            "DELETE FROM challenge WHERE account_id = %s",
            "DELETE FROM former_password WHERE account_id = %s",
            "DELETE FROM password_reset WHERE account_id = %s",
            "DELETE FROM totp WHERE account_id = %s",
            "DELETE FROM recovery_code WHERE account_id = %s",
            "DELETE FROM passkey WHERE account_id = %s",
            "DELETE FROM passkey_challenge WHERE account_id = %s",
            "DELETE FROM pending_login WHERE account_id = %s",
            "DELETE FROM login_notice WHERE account_id = %s",
            "UPDATE account_consent SET ip = NULL WHERE account_id = %s",
            "UPDATE session SET ip = NULL, user_agent = NULL WHERE account_id = %s",
        ):
            self._tx.execute(query, (account_id,))

    def save_name(self, account_id: UUID, name: str) -> None:
        self._tx.execute("UPDATE account SET name = %s WHERE account_id = %s", (name, account_id))

    def _some(self, rest: str, *values: object) -> list[PrivacyRequest]:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(f"SELECT {COLUMNS} FROM privacy_request {rest}", values).fetchall()
        return [_request(row) for row in rows]


def _request(row: dict[str, Any]) -> PrivacyRequest:
    return PrivacyRequest(**row | {"state": State(row["state"])})
