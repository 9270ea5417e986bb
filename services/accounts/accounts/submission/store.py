"""SQL of submissions: what was submitted when, and what else there is of the same person or organisation."""

from __future__ import annotations

from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.types.json import Jsonb

from accounts.applications.rules import Application
from accounts.submission.rules import Duplicate


class SubmissionStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def add_submission(self, application: Application) -> None:
        self._tx.execute(
            "INSERT INTO submission (application_id, submission, answers, file_id, submitted_at)"
            " VALUES (%s, %s, %s, %s, %s)",
            (
                application.application_id,
                application.submission,
                Jsonb(application.answers.stored()),
                application.form.file_id if application.form else None,
                application.submitted_at,
            ),
        )

    def form_submitted(self, application_id: UUID, submission: int) -> UUID | None:
        """The file of the form of that submission."""
        row = self._tx.execute(
            "SELECT file_id FROM submission WHERE application_id = %s AND submission = %s",
            (application_id, submission),
        ).fetchone()
        return row[0] if row else None

    def duplicates_of(
        self, application: Application, person_index: bytes, person_key: str
    ) -> list[Duplicate]:
        """Other live applications and accounts of the same person, organisation or e-mail, in one question."""
        company, applicant = application.answers.company, application.answers.applicant
        rows = self._tx.execute(
            """
            SELECT 'identity.id_number', case_number, NULL FROM application
            WHERE person_index = %(person)s AND application_id <> %(own)s
              AND status IN ('submitted', 'in_review', 'returned')
            UNION ALL
            SELECT 'identity.id_number', NULL, account_name FROM account
            WHERE person_key = %(person_key)s AND state <> 'closed'
            UNION ALL
            SELECT 'company.unified_business_number', case_number, NULL FROM application
            WHERE answers -> 'company' ->> 'unified_business_number' = %(organisation)s
              AND application_id <> %(own)s AND status IN ('submitted', 'in_review', 'returned')
            UNION ALL
            SELECT 'applicant.email', case_number, NULL FROM application
            WHERE lower(answers -> 'applicant' ->> 'email') = lower(%(email)s)
              AND application_id <> %(own)s AND status IN ('submitted', 'in_review', 'returned')
            LIMIT 50
            """,
            {
                "person": person_index,
                "person_key": person_key,
                "own": application.application_id,
                "organisation": company.unified_business_number if company else None,
                "email": applicant.email if applicant else None,
            },
        ).fetchall()
        return [Duplicate(*row) for row in rows]
