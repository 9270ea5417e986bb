"""SQL of applications with their contacts and steps, and of the tokens that open them."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from mtnet_chassis.data.database import Tx
from mtnet_contracts.vocabulary.answers import Answers
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from accounts.applications.rules import (
    Application,
    ApplicationNotFound,
    Contact,
    Form,
    Mark,
    Status,
    Step,
)
from accounts.registry.rules import AccountNameTaken
from accounts.vault import SealedNumber

COLUMNS = (
    "application_id, case_number, identity_type, status, submission, locale, answers, started_at, updated_at,"
    " expires_at, submitted_at, unit, stage, stages, due_on, expected_on, marks, note,"
    " resubmit_by"
)


# Rejected and withdrawn ones after five years; approved ones when their account is gone, too (accounts/retention.py).
KEPT_NO_LONGER: LiteralString = (
    "status IN ('rejected', 'withdrawn', 'approved') AND updated_at < %(now)s - interval '5 years'"
    " AND NOT EXISTS (SELECT 1 FROM account WHERE account.application_id = application.application_id)"
)
FORM_COLUMNS = ", ".join(field.name for field in fields(Form))


class ApplicationStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def started_since(self, source: str, since: datetime) -> int:
        """How many applications were begun from this address since then."""
        row = self._tx.execute(
            "SELECT count(*) FROM application WHERE started_from = %s AND started_at >= %s", (source, since)
        ).fetchone()
        return int(row[0]) if row else 0

    def started_from(self, application_id: UUID) -> str | None:
        """The address an application was begun from."""
        row = self._tx.execute(
            "SELECT started_from FROM application WHERE application_id = %s", (application_id,)
        ).fetchone()
        return row[0] if row else None

    def add_application(self, application: Application, *, source: str | None) -> None:
        self._tx.execute(
            "INSERT INTO application (application_id, case_number, identity_type, status, submission, locale,"
            " answers, started_at, updated_at, expires_at, started_from)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                application.application_id,
                application.case_number,
                application.identity_type,
                application.status,
                application.submission,
                application.locale,
                Jsonb(application.answers.stored()),
                application.started_at,
                application.updated_at,
                application.expires_at,
                source,
            ),
        )

    def application(self, application_id: UUID) -> Application:
        """Raises ApplicationNotFound."""
        return self._one(f"SELECT {COLUMNS} FROM application WHERE application_id = %s", application_id)

    def application_for_update(self, application_id: UUID) -> Application:
        """The application, locked until the transaction ends. Raises ApplicationNotFound.

        The lock leaves its key alone: a code for the case may be noted meanwhile, else whoever holds the limits of
        a mailbox and whoever holds the case could wait for each other.
        """
        return self._one(
            f"SELECT {COLUMNS} FROM application WHERE application_id = %s FOR NO KEY UPDATE", application_id
        )

    def _one(self, query: str, application_id: UUID) -> Application:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(query, (application_id,)).fetchone()
        if row is None:
            raise ApplicationNotFound(application_id)
        return self._built([row])[0]

    def _many(self, query: str, *values: Any) -> list[Application]:
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return self._built(cursor.execute(query, values).fetchall())

    def _built(self, rows: list[dict[str, Any]]) -> list[Application]:
        found = [row["application_id"] for row in rows]
        contacts: dict[UUID, list[Contact]] = {application_id: [] for application_id in found}
        for application_id, *contact in self._tx.execute(
            "SELECT application_id, contact, value, compared, verified_at FROM contact WHERE application_id = ANY (%s)"
            " ORDER BY contact",
            (found,),
        ):
            contacts[application_id].append(Contact(*contact))
        forms = {
            application_id: Form(*form)
            for application_id, *form in self._tx.execute(
                f"SELECT application_id, {FORM_COLUMNS} FROM form_file"
                " WHERE application_id = ANY (%s) AND replaced_at IS NULL",
                (found,),
            )
        }
        return [
            Application(
                **row
                | {
                    "status": Status(row["status"]),
                    "answers": Answers.read(row["answers"]),
                    "marks": tuple(Mark(**mark) for mark in row["marks"]),
                    "contacts": tuple(contacts[row["application_id"]]),
                    "form": forms.get(row["application_id"]),
                }
            )
            for row in rows
        ]

    def applications_submitted_by(self, person_index: bytes) -> list[Application]:
        """What was handed in under an ID number, by whomever, newest first; of too many the approved ones stay."""
        return self._many(
            f"SELECT {COLUMNS} FROM (SELECT * FROM application WHERE person_index = %s AND status <> 'draft'"
            " ORDER BY (status = 'approved') DESC, submitted_at DESC LIMIT 50) AS kept ORDER BY submitted_at DESC",
            person_index,
        )

    def application_numbered(self, case_number: str) -> Application | None:
        found = self._many(f"SELECT {COLUMNS} FROM application WHERE case_number = %s", case_number)
        return found[0] if found else None

    def lapsed_returns(self, before: date) -> list[Application]:
        """Returned cases that were to be corrected before this day, a batch of them locked."""
        return self._many(
            f"SELECT {COLUMNS} FROM application WHERE status = 'returned' AND resubmit_by < %s"
            " ORDER BY resubmit_by LIMIT 500 FOR UPDATE SKIP LOCKED",
            before,
        )

    def save_application(self, application: Application) -> None:
        """Raises AccountNameTaken when another live application reserved the name meanwhile."""
        try:
            self._tx.execute(
                "UPDATE application SET status = %s, submission = %s, answers = %s, updated_at = %s,"
                " expires_at = %s, submitted_at = %s, unit = %s, stage = %s, stages = %s, due_on = %s,"
                " expected_on = %s, marks = %s, note = %s, resubmit_by = %s, account_name = %s"
                " WHERE application_id = %s",
                (
                    application.status,
                    application.submission,
                    Jsonb(application.answers.stored()),
                    application.updated_at,
                    application.expires_at,
                    application.submitted_at,
                    application.unit,
                    application.stage,
                    application.stages,
                    application.due_on,
                    application.expected_on,
                    Jsonb([asdict(mark) for mark in application.marks]),
                    application.note,
                    application.resubmit_by,
                    application.answers.account_name,
                    application.application_id,
                ),
            )
        except psycopg.errors.UniqueViolation as problem:
            raise AccountNameTaken from problem

    def save_contacts(self, application: Application) -> None:
        self._tx.execute("DELETE FROM contact WHERE application_id = %s", (application.application_id,))
        self._tx.execute(
            "INSERT INTO contact (application_id, contact, value, compared, verified_at)"
            " SELECT %s, contact, value, compared, verified_at"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[])"
            " AS given (contact, value, compared, verified_at)",
            (
                application.application_id,
                [c.contact for c in application.contacts],
                [c.value for c in application.contacts],
                [c.compared for c in application.contacts],
                [c.verified_at for c in application.contacts],
            ),
        )

    def save_id_number(self, application_id: UUID, sealed: SealedNumber) -> None:
        self._tx.execute(
            "UPDATE application SET id_number = %s, id_number_key = %s, person_index = %s WHERE application_id = %s",
            (sealed.ciphertext, sealed.key_id, sealed.index, application_id),
        )

    def sealed_id_number(self, application_id: UUID) -> SealedNumber | None:
        row = self._tx.execute(
            "SELECT id_number, id_number_key, person_index FROM application"
            " WHERE application_id = %s AND id_number IS NOT NULL",
            (application_id,),
        ).fetchone()
        return SealedNumber(bytes(row[0]), row[1], bytes(row[2])) if row else None

    def answers_submitted(self, application_id: UUID, submission: int) -> Answers:
        """The answers of that submission; empty when there was none."""
        row = self._tx.execute(
            "SELECT answers FROM submission WHERE application_id = %s AND submission = %s",
            (application_id, submission),
        ).fetchone()
        return Answers.read(row[0] if row else {})

    def add_step(self, application_id: UUID, step: Step) -> None:
        self._tx.execute(
            "INSERT INTO step (application_id, at, status, unit, stage, stages, submission, marks, note)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                application_id,
                step.at,
                step.status,
                step.unit,
                step.stage,
                step.stages,
                step.submission,
                Jsonb([asdict(mark) for mark in step.marks]),
                step.note,
            ),
        )

    def steps(self, application_id: UUID) -> list[Step]:
        rows = self._tx.execute(
            "SELECT at, status, unit, stage, stages, submission, marks, note FROM step"
            " WHERE application_id = %s ORDER BY position",
            (application_id,),
        ).fetchall()
        return [
            Step(at, status, unit, stage, stages, submission, tuple(Mark(**mark) for mark in marks), note)
            for at, status, unit, stage, stages, submission, marks, note in rows
        ]

    def add_holder(self, application_id: UUID, unit: str) -> None:
        self._tx.execute(
            "INSERT INTO case_holder (application_id, unit) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (application_id, unit),
        )

    def was_held_by(self, application_id: UUID, unit: str) -> bool:
        row = self._tx.execute(
            "SELECT 1 FROM case_holder WHERE application_id = %s AND unit = %s", (application_id, unit)
        ).fetchone()
        return row is not None

    def expired_drafts(self, now: datetime) -> list[UUID]:
        """Drafts that nobody resumed for 30 days, a batch of them locked."""
        drafts = self._tx.execute(
            "SELECT application_id FROM application WHERE status = 'draft' AND expires_at <= %s"
            " ORDER BY expires_at LIMIT 500 FOR UPDATE SKIP LOCKED",
            (now,),
        ).fetchall()
        return [row[0] for row in drafts]

    def kept_no_longer(self, now: datetime, most: int) -> list[UUID]:
        """Decided applications whose time is over, up to `most` of them, locked."""
        rows = self._tx.execute(
            f"SELECT application_id FROM application WHERE {KEPT_NO_LONGER}"
            " ORDER BY updated_at LIMIT %(most)s FOR UPDATE SKIP LOCKED",
            {"now": now, "most": most},
        ).fetchall()
        return [row[0] for row in rows]

    def remove_applications(self, application_ids: list[UUID]) -> None:
        self._tx.execute("DELETE FROM application WHERE application_id = ANY (%s)", (application_ids,))


class GrantStore:
    """Tokens that open applications, stored as hashes."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add(self, token_hash: bytes, application_id: UUID, expires_at: datetime) -> None:
        self._tx.execute(
            "INSERT INTO application_grant (token_hash, application_id, expires_at) VALUES (%s, %s, %s)",
            (token_hash, application_id, expires_at),
        )

    def extend(self, token_hash: bytes, until: datetime) -> None:
        """Let a token live longer; never shorter."""
        self._tx.execute(
            "UPDATE application_grant SET expires_at = %s WHERE token_hash = %s AND expires_at < %s",
            (until, token_hash, until),
        )

    def remove(self, token_hash: bytes) -> None:
        self._tx.execute("DELETE FROM application_grant WHERE token_hash = %s", (token_hash,))

    def remove_all_of(self, application_id: UUID) -> None:
        self._tx.execute("DELETE FROM application_grant WHERE application_id = %s", (application_id,))

    def opens(self, token_hash: bytes, *, now: datetime) -> UUID | None:
        """The application that this token opens."""
        row = self._tx.execute(
            "SELECT application_id FROM application_grant WHERE token_hash = %s AND expires_at > %s",
            (token_hash, now),
        ).fetchone()
        return row[0] if row else None

    def shorten_all_of(self, application_id: UUID, until: datetime) -> None:
        """No token of this application lives longer than that."""
        self._tx.execute(
            "UPDATE application_grant SET expires_at = %(until)s"
            " WHERE application_id = %(application_id)s AND expires_at > %(until)s",
            {"application_id": application_id, "until": until},
        )

    def opened_by(self, token_hashes: list[bytes], *, now: datetime) -> list[dict[str, Any]]:
        """The application behind each token that opens one, as far as a list shows it."""
        with self._tx.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(
                "SELECT token_hash, application_id, case_number, identity_type, status, application.started_at"
                " FROM application_grant AS opening JOIN application USING (application_id)"
                " WHERE token_hash = ANY (%s) AND opening.expires_at > %s",
                (token_hashes, now),
            ).fetchall()
