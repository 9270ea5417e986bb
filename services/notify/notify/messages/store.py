"""SQL of messages: what is written, and own copies of contacts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.fastpath.arrays import texts, uuids
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from notify.messages.rules import Contact, Message
from notify.routing.rules import Planned
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

    def keep_account(self, account_id: UUID, contact: Contact, as_of: datetime) -> None:
        """What was true later stays, in whatever order the events arrive: the language apart from the rest."""
        self._tx.execute(
            "INSERT INTO account_contact AS known (account_id, name, email, locale, as_of, locale_as_of)"
            " VALUES (%(account_id)s, %(name)s, %(email)s, %(locale)s, %(as_of)s, %(as_of)s)"
            " ON CONFLICT (account_id) DO UPDATE SET"
            " name = CASE WHEN known.as_of <= EXCLUDED.as_of THEN EXCLUDED.name ELSE known.name END,"
            " email = CASE WHEN known.as_of <= EXCLUDED.as_of THEN EXCLUDED.email ELSE known.email END,"
            " locale = CASE WHEN known.locale_as_of <= EXCLUDED.as_of THEN EXCLUDED.locale ELSE known.locale END,"
            " as_of = greatest(known.as_of, EXCLUDED.as_of),"
            " locale_as_of = greatest(known.locale_as_of, EXCLUDED.as_of)",
            {
                "account_id": account_id,
                "name": contact.name,
                "email": contact.email,
                "locale": contact.locale,
                "as_of": as_of,
            },
        )

    def keep_language(self, account_id: UUID, locale: str, as_of: datetime) -> bool:
        """False when the account is not known."""
        return bool(
            self._tx.execute(
                "UPDATE account_contact SET"
                " locale = CASE WHEN locale_as_of <= %(as_of)s THEN %(locale)s ELSE locale END,"
                " locale_as_of = greatest(locale_as_of, %(as_of)s) WHERE account_id = %(account_id)s",
                {"account_id": account_id, "locale": locale, "as_of": as_of},
            ).rowcount
        )

    def forget_account(self, account_id: UUID) -> None:
        """That there was an account stays, so that what comes late is not waited for."""
        self._tx.execute(
            "UPDATE account_contact SET name = '', email = '', as_of = 'infinity' WHERE account_id = %s",
            (account_id,),
        )

    def applicant(self, application_id: UUID) -> Contact | None:
        with self._tx.cursor(row_factory=class_row(Contact)) as cursor:
            return cursor.execute(
                "SELECT name, email, locale FROM application_contact WHERE application_id = %s",
                (application_id,),
            ).fetchone()

    def applicants(self, application_ids: Sequence[UUID]) -> Mapping[UUID, Contact]:
        rows = self._tx.execute(
            "SELECT application_id, name, email, locale FROM application_contact WHERE application_id = ANY(%s)",
            (list(application_ids),),
        ).fetchall()
        return {row[0]: Contact(*row[1:]) for row in rows}

    def account_contacts(self, account_ids: Sequence[UUID]) -> Mapping[UUID, Contact | None]:
        """None: forgotten."""
        rows = self._tx.execute(
            "SELECT account_id, name, email, locale FROM account_contact WHERE account_id = ANY(%s)",
            (list(account_ids),),
        ).fetchall()
        return {row[0]: Contact(*row[1:]) if row[2] else None for row in rows}

    def add_messages(
        self,
        messages: Sequence[tuple[Message, Planned]],
        versions: Mapping[Kind, int],
        created_at: datetime,
    ) -> set[UUID]:
        """A message that is there already stays as it is: an event makes one message for good. Returns the new ones."""
        rows = self._tx.execute(
            "INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version, details,"
            " sealed_secret, secret_context, created_at, expires_at, category, person_kind, person_id,"
            " no_delivery_reason)"
            " SELECT message_id, event_id, kind, subject_id, locale,"
            " coalesce(tried_version, template_version_for(kind, locale, release_version)), details, sealed_secret,"
            " secret_context, %(created_at)s, expires_at, category, person_kind, person_id, no_delivery_reason"
            " FROM unnest(%(message_ids)s::uuid[], %(event_ids)s::uuid[], %(kinds)s::text[], %(subjects)s::uuid[],"
            " %(locales)s::text[], %(tried)s::integer[], %(versions)s::integer[], %(details)s::jsonb[],"
            " %(secrets)s::text[], %(contexts)s::text[], %(expiries)s::timestamptz[], %(categories)s::text[],"
            " %(person_kinds)s::text[], %(person_ids)s::uuid[], %(reasons)s::text[])"
            " AS m (message_id, event_id, kind, subject_id, locale, tried_version, release_version, details,"
            " sealed_secret, secret_context, expires_at, category, person_kind, person_id, no_delivery_reason)"
            " ON CONFLICT (message_id) DO NOTHING RETURNING message_id",
            {
                "created_at": created_at,
                "message_ids": [message.message_id for message, _ in messages],
                "event_ids": [message.event_id for message, _ in messages],
                "kinds": [message.kind for message, _ in messages],
                "subjects": [message.subject_id for message, _ in messages],
                "locales": [message.locale for message, _ in messages],
                "tried": [message.template_version for message, _ in messages],
                "versions": [versions[message.kind] for message, _ in messages],
                "details": [Jsonb(message.details) for message, _ in messages],
                "secrets": [message.sealed_secret for message, _ in messages],
                "contexts": [message.secret_context for message, _ in messages],
                "expiries": [_expires_at(message, created_at) for message, _ in messages],
                "categories": [message.plan.category for message, _ in messages],
                "person_kinds": [message.person and message.person.kind for message, _ in messages],
                "person_ids": [message.person and message.person.id for message, _ in messages],
                "reasons": [planned.reason_for_none for _, planned in messages],
            },
        ).fetchall()
        return {row[0] for row in rows}

    def add_to_many(
        self,
        message: Message,
        message_ids: Sequence[UUID],
        person_kinds: Sequence[str],
        person_ids: Sequence[UUID],
        created_at: datetime,
    ) -> None:
        """The same message to each of these people, with their names. One that is there already stays as it is."""
        self._tx.execute(
            "INSERT INTO message (message_id, event_id, kind, subject_id, locale, template_version, details,"
            " created_at, category, person_kind, person_id)"
            " SELECT m.message_id, %(event_id)s, %(kind)s, %(subject_id)s, %(locale)s, %(version)s,"
            " %(details)s || jsonb_build_object('name', coalesce(account.name, applicant.name, '')),"
            " %(created_at)s, %(category)s, m.person_kind, m.person_id"
            " FROM unnest(%(message_ids)s::uuid[], %(person_kinds)s::text[], %(person_ids)s::uuid[])"
            " AS m (message_id, person_kind, person_id)"
            " LEFT JOIN account_contact account ON m.person_kind = 'account' AND account.account_id = m.person_id"
            " LEFT JOIN application_contact applicant ON m.person_kind = 'application'"
            " AND applicant.application_id = m.person_id"
            " ON CONFLICT (message_id) DO NOTHING",
            {
                "event_id": message.event_id,
                "kind": message.kind,
                "subject_id": message.subject_id,
                "locale": message.locale,
                "version": message.template_version,
                "details": Jsonb(message.details),
                "created_at": created_at,
                "category": message.plan.category,
                "message_ids": uuids(message_ids),
                "person_kinds": texts(person_kinds),
                "person_ids": uuids(person_ids),
            },
        )


def _expires_at(message: Message, created_at: datetime) -> datetime | None:
    if message.expires_at is not None or message.plan.expires_after is None:
        return message.expires_at
    return created_at + message.plan.expires_after
