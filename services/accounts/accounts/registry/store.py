"""SQL of accounts and organisations, and of the account names that applications reserve."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import psycopg
from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row, dict_row

from accounts.inactivity.rules import InactivityDates
from accounts.registry.contacts import first_contacts
from accounts.registry.rules import (
    Account,
    AccountContact,
    AccountNameTaken,
    AccountNotFound,
    NameHold,
    State,
    first_of,
)
from accounts.vault import SealedNumber

COLUMNS = (
    "account.account_id, account.account_name, account.name, account.state, account.identity_type, account.roles,"
    " account.email, account.locale, account.password_hash, account.unit, account.organisation_id,"
    " organisation.name_zh AS organisation_name, account.person_key, account.systems,"
    " account.last_login_at, account.mobile, account.name_wanted,"
    " account.new_password_required_at IS NOT NULL AS new_password_required, account.password_set_at"
)
FROM = "FROM account LEFT JOIN organisation USING (organisation_id)"


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
        self, account: Account, *, application_id: UUID | None, approved_at: datetime, dates: InactivityDates
    ) -> None:
        self._tx.execute(
            "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, unit,"
            " organisation_id, application_id, person_key, systems, email, mobile, locale, password_hash,"
            " name_wanted, approved_at, active_on, freeze_on, remind_on, disable_on)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
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
                dates.active_on,
                dates.freeze_on,
                dates.remind_on,
                dates.disable_on,
            ),
        )
        self.save_contacts(account.account_id, first_contacts(account, approved_at))

    def application_id(self, account_id: UUID) -> UUID | None:
        """The application that the account came of; staff may have none."""
        row = self._tx.execute(
            "SELECT application_id FROM account WHERE account_id = %s", (account_id,)
        ).fetchone()
        return row[0] if row else None

    def units(self, account_ids: list[UUID]) -> dict[UUID, str | None]:
        rows = self._tx.execute(
            "SELECT account_id, unit FROM account WHERE account_id = ANY (%s)", (account_ids,)
        ).fetchall()
        return dict(rows)

    def contacts(self, account_id: UUID) -> tuple[AccountContact, ...]:
        """Mail before telephones, the first of a kind before the second."""
        with self._tx.cursor(row_factory=class_row(AccountContact)) as cursor:
            return tuple(
                cursor.execute(
                    "SELECT contact_id, kind, value, compared, is_primary, verified_at FROM account_contact"
                    " WHERE account_id = %s ORDER BY kind, is_primary DESC, verified_at",
                    (account_id,),
                )
            )

    def save_contacts(self, account_id: UUID, contacts: tuple[AccountContact, ...]) -> None:
        """These and no others; the account's own columns repeat the first ones."""
        self._tx.execute("DELETE FROM account_contact WHERE account_id = %s", (account_id,))
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO account_contact (contact_id, account_id, kind, value, compared, is_primary,"
                " verified_at) VALUES (%(contact_id)s, %(account_id)s, %(kind)s, %(value)s, %(compared)s,"
                " %(is_primary)s, %(verified_at)s)",
                [{"account_id": account_id, **vars(contact)} for contact in contacts],
            )
        self._tx.execute(
            "UPDATE account SET email = coalesce(%s, email), mobile = %s WHERE account_id = %s",
            (first_of(contacts, "email"), first_of(contacts, "mobile"), account_id),
        )

    def save_locale(self, account_id: UUID, locale: str) -> None:
        self._tx.execute("UPDATE account SET locale = %s WHERE account_id = %s", (locale, account_id))

    def sealed_id_number(self, account_id: UUID) -> tuple[UUID, SealedNumber] | None:
        """The ID number of the owner, and the application it is sealed for; staff accounts have none."""
        row = self._tx.execute(
            "SELECT application_id, id_number, id_number_key, person_index"
            " FROM account JOIN application USING (application_id)"
            " WHERE account_id = %s AND id_number IS NOT NULL",
            (account_id,),
        ).fetchone()
        return (row[0], SealedNumber(bytes(row[1]), row[2], bytes(row[3]))) if row else None

    def name_in_use(self, account_name: str) -> bool:
        row = self._tx.execute(
            "SELECT 1 FROM account WHERE lower(account_name) = lower(%s) AND state <> 'closed'",
            (account_name,),
        ).fetchone()
        return row is not None

    def end_sessions(self, account_ids: list[UUID], now: datetime) -> None:
        self._tx.execute(
            "UPDATE session SET ended_at = %s WHERE account_id = ANY (%s) AND ended_at IS NULL",
            (now, account_ids),
        )

    def end_other_sessions(self, account_id: UUID, session_id: UUID, now: datetime) -> int:
        """How many there were."""
        return self._tx.execute(
            "UPDATE session SET ended_at = %s WHERE account_id = %s AND session_id <> %s AND ended_at IS NULL",
            (now, account_id, session_id),
        ).rowcount

    def activate(self, account_id: UUID, *, now: datetime) -> None:
        self._tx.execute(
            "UPDATE account SET state = 'active', activated_at = %s WHERE account_id = %s", (now, account_id)
        )

    def set_password(self, account_id: UUID, password_hash: str, now: datetime) -> None:
        """Replace the password; a demand for a new one is met."""
        self._tx.execute(
            "UPDATE account SET password_hash = %s, password_set_at = %s, new_password_required_at = NULL"
            " WHERE account_id = %s",
            (password_hash, now, account_id),
        )

    def require_new_password(self, account_ids: list[UUID], now: datetime) -> None:
        """Links to set one that are on their way are void as well: who asked for them may be who knows the password."""
        self._tx.execute(
            "UPDATE password_reset SET voided_at = %s"
            " WHERE account_id = ANY (%s) AND used_at IS NULL AND voided_at IS NULL",
            (now, account_ids),
        )
        self._tx.execute(
            "UPDATE account SET new_password_required_at = %s WHERE account_id = ANY (%s)", (now, account_ids)
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

    def save_dates(self, account_id: UUID, dates: InactivityDates) -> None:
        """The days that follow from the owner's last activity; earlier reminders are void."""
        self._tx.execute(
            "UPDATE account SET active_on = %s, freeze_on = %s, remind_on = %s, disable_on = %s, reminded_days = %s"
            " WHERE account_id = %s",
            (
                dates.active_on,
                dates.freeze_on,
                dates.remind_on,
                dates.disable_on,
                dates.reminded_days,
                account_id,
            ),
        )

    def reactivate(self, account_id: UUID) -> None:
        self._tx.execute(
            "UPDATE account SET state = 'active', frozen_at = NULL, disabled_at = NULL WHERE account_id = %s",
            (account_id,),
        )

    def close(self, account_id: UUID, *, now: datetime) -> None:
        """The password goes with the account: nothing can be proved with it any more."""
        self._tx.execute(
            "UPDATE account SET state = 'closed', closed_at = %s, password_hash = NULL WHERE account_id = %s",
            (now, account_id),
        )

    def renew_password_hash(self, account_id: UUID, password_hash: str) -> None:
        self._tx.execute(
            "UPDATE account SET password_hash = %s WHERE account_id = %s", (password_hash, account_id)
        )

    def record_login(self, account_id: UUID, *, now: datetime) -> None:
        self._tx.execute("UPDATE account SET last_login_at = %s WHERE account_id = %s", (now, account_id))


class NameStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def hold(self, hold: NameHold, now: datetime) -> UUID:
        """Reserve a name, unless another application holds it. Returns the application that holds it now.

        Who comes second waits until the first commits. A hold that lapsed, or whose draft did, is nobody's.
        """
        row = self._tx.execute(
            "INSERT INTO account_name_hold AS held (name, application_id, holder, held_at, until)"
            " VALUES (lower(%(name)s), %(application_id)s, %(holder)s, %(now)s, %(until)s)"
            " ON CONFLICT (name) DO UPDATE SET application_id = excluded.application_id, holder = excluded.holder,"
            " held_at = excluded.held_at, until = excluded.until"
            " WHERE held.application_id = excluded.application_id OR held.until <= %(now)s OR EXISTS (SELECT 1"
            " FROM application WHERE application.application_id = held.application_id AND status = 'draft'"
            " AND expires_at <= %(now)s)"
            " RETURNING application_id",
            {**vars(hold), "now": now},
        ).fetchone()
        if row is None:
            row = self._tx.execute(
                "SELECT application_id FROM account_name_hold WHERE name = lower(%s)", (hold.name,)
            ).fetchone()
        if row is None:
            raise LookupError(hold.name)
        found: UUID = row[0]
        return found

    def is_held(self, name: str) -> bool:
        row = self._tx.execute("SELECT 1 FROM account_name_hold WHERE name = lower(%s)", (name,)).fetchone()
        return row is not None

    def release(self, application_id: UUID, *, but: str = "") -> None:
        """Free what the application held, but for one name."""
        self._tx.execute(
            "DELETE FROM account_name_hold WHERE application_id = %s AND name <> lower(%s)",
            (application_id, but),
        )

    def keep(self, application_id: UUID, holder: str) -> None:
        """Hold its name as long as the application lives, counted for another holder from now on."""
        self._tx.execute(
            "UPDATE account_name_hold SET until = NULL, holder = %s WHERE application_id = %s",
            (holder, application_id),
        )

    def keep_newest(self, holder: str, most: int) -> None:
        """Free all but the newest `most` names of a holder."""
        self._tx.execute(
            "DELETE FROM account_name_hold WHERE name IN (SELECT name FROM account_name_hold WHERE holder = %s"
            " ORDER BY held_at DESC OFFSET %s)",
            (holder, most),
        )
