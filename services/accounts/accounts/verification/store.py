"""SQL of one-time codes, of failures that are counted, and of known devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from mtnet_chassis.data.database import Tx

from accounts.verification.rules import MOST_TRIES, Challenge, Sent, StoredChallenge, ValidCode

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NAMED = ("challenge_id", "application_id", "recipient", "mailbox", "source", "known", "account_id", "purpose")
COLUMNS = f"{', '.join(NAMED)}, code_hash, expires_at, tries, used_at"


@dataclass(frozen=True, kw_only=True)
class NewChallenge:
    """A code about to be sent. `application_id` is None for a question about a case that does not exist."""

    challenge_id: UUID
    purpose: str
    application_id: UUID | None
    contact: str | None
    channel: str
    recipient: str
    mailbox: str
    code_hash: bytes
    created_at: datetime
    expires_at: datetime
    asked: bytes | None = None
    question_id: UUID | None = None
    source: str | None = None
    known: bool = False
    account_id: UUID | None = None


class ChallengeStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def sent_to(
        self,
        mailbox: str,
        *,
        purpose: str,
        source: str | None,
        now: datetime,
        application_id: UUID | None = None,
        account_id: UUID | None = None,
    ) -> Sent:
        """What went to this mailbox in the last hour and day; under a lock, so that two requests cannot both pass.

        `last_at` is that of `application_id` or `account_id`: whoever else asks makes nobody wait.
        """
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (mailbox,))
        row = self._tx.execute(
            "SELECT count(*) FILTER (WHERE own AND lately AND NOT known AND here),"
            " count(*) FILTER (WHERE own AND lately AND NOT known),"
            " count(*) FILTER (WHERE own AND lately AND known),"
            " count(*) FILTER (WHERE channel = 'sms'),"
            " max(created_at) FILTER (WHERE own AND (application_id = %(application_id)s"
            " OR account_id = %(account_id)s)),"
            " coalesce(sum(tries) FILTER (WHERE own AND NOT known AND here), 0),"
            " coalesce(sum(tries) FILTER (WHERE own AND NOT known), 0),"
            " coalesce(sum(tries) FILTER (WHERE own AND known), 0)"
            " FROM (SELECT *, purpose = %(purpose)s AS own, created_at > %(hour)s AS lately,"
            " source IS NOT DISTINCT FROM %(source)s AS here FROM challenge"
            " WHERE mailbox = %(mailbox)s AND created_at > %(day)s) AS challenge",
            {
                "mailbox": mailbox,
                "purpose": purpose,
                "source": source,
                "application_id": application_id,
                "account_id": account_id,
                "hour": now - HOUR,
                "day": now - DAY,
            },
        ).fetchone()
        return Sent(*row) if row else Sent()

    def asked_by(self, application_id: UUID, *, now: datetime) -> int:
        """How many codes an application asked for in the last day; its row is locked."""
        row = self._tx.execute(
            "SELECT count(*) FROM challenge WHERE application_id = %s AND asked IS NULL AND created_at > %s",
            (application_id, now - DAY),
        ).fetchone()
        return int(row[0]) if row else 0

    def asked_by_account(self, account_id: UUID, *, purpose: str, now: datetime) -> int:
        """How many codes for this purpose the owner of an account asked for in the last day; its row is locked."""
        row = self._tx.execute(
            "SELECT count(*) FROM challenge WHERE account_id = %s AND purpose = %s AND created_at > %s",
            (account_id, purpose, now - DAY),
        ).fetchone()
        return int(row[0]) if row else 0

    def asked_from(self, source: str, *, now: datetime) -> int:
        """How many codes were asked for from this address in the last hour; asked under a lock, as `sent_to`."""
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", (source,))
        row = self._tx.execute(
            "SELECT count(*) FROM challenge WHERE source = %s AND created_at > %s", (source, now - HOUR)
        ).fetchone()
        return int(row[0]) if row else 0

    def times_asked(self, asked: bytes, *, source: str, now: datetime) -> int:
        """How often this was asked for from there in the last hour, but by owners; asked under a lock, as `sent_to`."""
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", (asked.hex(),))
        row = self._tx.execute(
            "SELECT count(DISTINCT question_id) FROM challenge"
            " WHERE asked = %s AND created_at > %s AND source = %s AND NOT known",
            (asked, now - HOUR, source),
        ).fetchone()
        return int(row[0]) if row else 0

    def add_challenge(self, new: NewChallenge) -> None:
        self._tx.execute(
            "INSERT INTO challenge (challenge_id, purpose, application_id, contact, channel, recipient, mailbox,"
            " code_hash, created_at, expires_at, asked, question_id, source, known, account_id)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                new.challenge_id,
                new.purpose,
                new.application_id,
                new.contact,
                new.channel,
                new.recipient,
                new.mailbox,
                new.code_hash,
                new.created_at,
                new.expires_at,
                new.asked,
                new.question_id,
                new.source,
                new.known,
                new.account_id,
            ),
        )

    def challenges_for_contact(
        self, application_id: UUID, contact: str, mailbox: str
    ) -> list[StoredChallenge]:
        """Codes sent to this mailbox as this contact, newest first: an older one stays good for its own time."""
        rows = self._tx.execute(
            f"SELECT {COLUMNS} FROM challenge"
            " WHERE application_id = %s AND contact = %s AND mailbox = %s"
            " ORDER BY created_at DESC LIMIT 3 FOR UPDATE",
            (application_id, contact, mailbox),
        ).fetchall()
        return [_stored(row) for row in rows]

    def valid_codes(self, application_id: UUID, *, now: datetime) -> dict[str, ValidCode]:
        """By contact, the newest code that is still good."""
        rows = self._tx.execute(
            "SELECT DISTINCT ON (contact) contact, recipient, created_at, expires_at FROM challenge"
            " WHERE application_id = %s AND asked IS NULL AND expires_at > %s AND used_at IS NULL AND tries < %s"
            " ORDER BY contact, created_at DESC",
            (application_id, now, MOST_TRIES),
        ).fetchall()
        return {contact: ValidCode(*sent) for contact, *sent in rows}

    def challenges_of_question(self, question_id: UUID) -> list[StoredChallenge]:
        """The codes behind one question about a case, locked: one for every address that got one."""
        rows = self._tx.execute(
            f"SELECT {COLUMNS} FROM challenge WHERE question_id = %s ORDER BY challenge_id FOR UPDATE",
            (question_id,),
        ).fetchall()
        return [_stored(row) for row in rows]

    def count_try(self, challenge_ids: list[UUID]) -> None:
        self._tx.execute(
            "UPDATE challenge SET tries = tries + 1 WHERE challenge_id = ANY (%s)", (challenge_ids,)
        )

    def mark_used(self, challenge_id: UUID, now: datetime) -> None:
        self._tx.execute("UPDATE challenge SET used_at = %s WHERE challenge_id = %s", (now, challenge_id))


def _stored(row: tuple[Any, ...]) -> StoredChallenge:
    code_hash, expires_at, tries, used_at = row[8:]
    challenge = Challenge(bytes(code_hash), expires_at, tries, used_at)
    return StoredChallenge(**dict(zip(NAMED, row, strict=False)), challenge=challenge)
