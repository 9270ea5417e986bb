"""Accounts, organisations and activation links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

import psycopg
from mtnet_chassis.data.database import Tx
from psycopg.rows import dict_row

from accounts.applications.store import AccountNameTaken
from accounts.registry.rules import Account, State

COLUMNS = (
    "account.account_id, account.account_name, account.name, account.state, account.identity_type, account.roles,"
    " account.email, account.locale, account.password_hash, account.unit, account.organisation_id,"
    " organisation.name_zh AS organisation_name, account.person_key, account.systems,"
    " account.last_login_at, account.mobile, account.name_wanted"
)
FROM = "FROM account LEFT JOIN organisation USING (organisation_id)"


class AccountNotFound(Exception):
    """No account of that id."""


@dataclass(frozen=True)
class ActivationLink:
    account_id: UUID
    issued_at: datetime
    expires_at: datetime


class AccountStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def account(self, account_id: UUID) -> Account:
        """Raises AccountNotFound."""
        found = self._one(f"SELECT {COLUMNS} {FROM} WHERE account_id = %s", account_id)
        if found is None:
            raise AccountNotFound(account_id)
        return found

    def account_named(self, account_name: str) -> Account | None:
        """Whoever logs in under this name; case makes no difference."""
        return self._one(
            f"SELECT {COLUMNS} {FROM} WHERE lower(account_name) = lower(%s) AND state <> 'closed'",
            account_name,
        )

    def account_of_application(self, application_id: UUID) -> Account | None:
        """To look at: no lock, so that a page never waits for a login or a lifecycle run."""
        return self._one(f"SELECT {COLUMNS} {FROM} WHERE application_id = %s", application_id)

    def account_of_application_for_update(self, application_id: UUID) -> Account | None:
        return self._one(
            f"SELECT {COLUMNS} {FROM} WHERE application_id = %s FOR UPDATE OF account", application_id
        )

    def account_for_update(self, account_id: UUID) -> Account:
        """Raises AccountNotFound."""
        found = self._one(f"SELECT {COLUMNS} {FROM} WHERE account_id = %s FOR UPDATE OF account", account_id)
        if found is None:
            raise AccountNotFound(account_id)
        return found

    def _one(self, query: str, value: object) -> Account | None:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(query, (value,)).fetchone()
        if row is None:
            return None
        return Account(
            **row
            | {
                "state": State(row["state"]),
                "roles": tuple(row["roles"]),
                "systems": tuple(row["systems"]),
            }
        )

    def organisation(
        self, unified_business_number: str, name_zh: str, name_en: str | None, now: datetime
    ) -> UUID:
        """The organisation of that number, made when it is its first application."""
        row = self._tx.execute(
            "INSERT INTO organisation (organisation_id, unified_business_number, name_zh, name_en, created_at)"
            " VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (unified_business_number) DO UPDATE SET name_zh = organisation.name_zh"
            " RETURNING organisation_id",
            (uuid4(), unified_business_number, name_zh, name_en, now),
        ).fetchone()
        if row is None:
            raise LookupError(unified_business_number)
        found: UUID = row[0]
        return found

    def has_manager(self, organisation_id: UUID) -> bool:
        row = self._tx.execute(
            "SELECT 1 FROM account WHERE organisation_id = %s AND state <> 'closed'"
            " AND 'organisation_manager' = ANY (roles) LIMIT 1",
            (organisation_id,),
        ).fetchone()
        return row is not None

    def add_account(
        self, account: Account, *, application_id: UUID | None, approved_at: datetime, active_on: date
    ) -> None:
        self._tx.execute(
            "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, unit,"
            " organisation_id, application_id, person_key, systems, email, mobile, locale, password_hash,"
            " name_wanted, approved_at, active_on)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                account.account_id,
                account.account_name,
                account.name,
                account.state,
                account.identity_type,
                list(account.roles),
                account.unit,
                account.organisation_id,
                application_id,
                account.person_key,
                list(account.systems),
                account.email,
                account.mobile,
                account.locale,
                account.password_hash,
                account.name_wanted,
                approved_at,
                active_on,
            ),
        )

    def application_of(self, account_id: UUID) -> UUID | None:
        """The application an account was opened from; staff accounts have none."""
        row = self._tx.execute(
            "SELECT application_id FROM account WHERE account_id = %s", (account_id,)
        ).fetchone()
        return row[0] if row else None

    def replace_activation_link(self, token_hash: bytes, link: ActivationLink) -> None:
        """The newest link is the only one that works."""
        self._tx.execute("DELETE FROM activation_link WHERE account_id = %s", (link.account_id,))
        self._tx.execute(
            "INSERT INTO activation_link (token_hash, account_id, issued_at, expires_at) VALUES (%s, %s, %s, %s)",
            (token_hash, link.account_id, link.issued_at, link.expires_at),
        )

    def activation_link(
        self, token_hash: bytes, *, now: datetime, lock: bool = False
    ) -> ActivationLink | None:
        row = self._tx.execute(
            "SELECT account_id, issued_at, expires_at FROM activation_link"
            f" WHERE token_hash = %s AND used_at IS NULL AND expires_at > %s{' FOR UPDATE' if lock else ''}",
            (token_hash, now),
        ).fetchone()
        return ActivationLink(*row) if row else None

    def link_was_used(self, token_hash: bytes) -> bool:
        row = self._tx.execute(
            "SELECT true FROM activation_link WHERE token_hash = %s AND used_at IS NOT NULL", (token_hash,)
        ).fetchone()
        return row is not None

    def link_used_since(self, token_hash: bytes, since: datetime) -> ActivationLink | None:
        row = self._tx.execute(
            "SELECT account_id, issued_at, expires_at FROM activation_link"
            " WHERE token_hash = %s AND used_at >= %s",
            (token_hash, since),
        ).fetchone()
        return ActivationLink(*row) if row else None

    def link_issued_at(self, account_id: UUID) -> datetime | None:
        row = self._tx.execute(
            "SELECT max(issued_at) FROM activation_link WHERE account_id = %s", (account_id,)
        ).fetchone()
        return row[0] if row else None

    def activate(
        self, account_id: UUID, token_hash: bytes, password_hash: str, *, now: datetime, active_on: date
    ) -> None:
        self._tx.execute("UPDATE activation_link SET used_at = %s WHERE token_hash = %s", (now, token_hash))
        self._tx.execute(
            "UPDATE account SET state = 'active', password_hash = %s, activated_at = %s, active_on = %s"
            " WHERE account_id = %s",
            (password_hash, now, active_on, account_id),
        )

    def rename(self, account_id: UUID, account_name: str) -> None:
        """The name its owner chose. Raises AccountNameTaken."""
        try:
            self._tx.execute(
                "UPDATE account SET account_name = %s, name_wanted = NULL WHERE account_id = %s",
                (account_name, account_id),
            )
        except psycopg.errors.UniqueViolation as problem:
            raise AccountNameTaken from problem

    def save_roles(self, account: Account) -> None:
        self._tx.execute(
            "UPDATE account SET roles = %s, unit = %s WHERE account_id = %s",
            (list(account.roles), account.unit, account.account_id),
        )

    def save_person_key(self, account_id: UUID, person_key: str | None) -> None:
        self._tx.execute("UPDATE account SET person_key = %s WHERE account_id = %s", (person_key, account_id))

    def thaw(self, account_id: UUID, *, active_on: date) -> None:
        """A new cycle begins: what was counted and promised before is over."""
        self._tx.execute(
            "UPDATE account SET state = 'active', frozen_at = NULL, active_on = %s, reminded_days = NULL,"
            " disable_on = NULL WHERE account_id = %s",
            (active_on, account_id),
        )

    def record_login(
        self, account_id: UUID, *, now: datetime, active_on: date, password_hash: str | None
    ) -> None:
        """`password_hash` is given when the old one was made with weaker parameters."""
        self._tx.execute(
            "UPDATE account SET last_login_at = %s, active_on = %s, reminded_days = NULL, disable_on = NULL,"
            " password_hash = coalesce(%s, password_hash) WHERE account_id = %s",
            (now, active_on, password_hash, account_id),
        )
