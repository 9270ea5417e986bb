"""SQL of messages: what is written, and own copies of contacts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from notify.messages.rules import Contact, Message
from notify.templates.rules import Kind


class MessageStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def keep_applicant(
        self, application_id: UUID, case_number: str, contact: Contact, submission: int
    ) -> None:
        """The contact of the latest submission stays, in whatever order the events arrive."""
        self._tx.execute(
            "INSERT INTO application_contact AS known"
            " (application_id, case_number, name, email, locale, submission)"
            " VALUES (%s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (application_id) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email,"
            " locale = EXCLUDED.locale, submission = EXCLUDED.submission, heard_at = now()"
            " WHERE known.submission <= EXCLUDED.submission",
            (application_id, case_number, contact.name, contact.email, contact.locale, submission),
        )

    def keep_account(self, account_id: UUID, contact: Contact) -> None:
        self._tx.execute(
            "INSERT INTO account_contact (account_id, name, email, locale) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (account_id) DO UPDATE SET name = EXCLUDED.name, email = EXCLUDED.email,"
            " locale = EXCLUDED.locale",
            (account_id, contact.name, contact.email, contact.locale),
        )

    def applicant(self, application_id: UUID) -> Contact | None:
        with self._tx.cursor(row_factory=class_row(Contact)) as cursor:
            return cursor.execute(
                "SELECT name, email, locale FROM application_contact WHERE application_id = %s",
                (application_id,),
            ).fetchone()

    def account_contacts(self, account_ids: Sequence[UUID]) -> Mapping[UUID, Contact]:
        rows = self._tx.execute(
            "SELECT account_id, name, email, locale FROM account_contact WHERE account_id = ANY(%s)",
            (list(account_ids),),
        ).fetchall()
        return {row[0]: Contact(*row[1:]) for row in rows}

    def add_messages(
        self, messages: Sequence[Message], versions: Mapping[Kind, int], created_at: datetime
    ) -> None:
        """A message that is there already stays as it is: an event makes one message for good."""
        with self._tx.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version,"
                " details, sealed_secret, secret_context, created_at, expires_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (message_id) DO NOTHING",
                [
                    (
                        message.message_id,
                        message.event_id,
                        message.kind,
                        message.subject_id,
                        message.locale,
                        versions[message.kind],
                        Jsonb(message.details),
                        message.sealed_secret,
                        message.secret_context,
                        created_at,
                        message.expires_at,
                    )
                    for message in messages
                ],
            )
