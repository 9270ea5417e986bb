"""One-time codes that were sent: their hashes, tries and use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from mtnet_chassis.database import Tx

from accounts.domain.codes import Challenge, Sent

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class NewChallenge:
    """A code about to be sent. `application_id` is None for a question about a case that does not exist."""

    challenge_id: UUID
    purpose: str
    application_id: UUID | None
    contact: str | None
    channel: str
    recipient: str
    code_hash: bytes
    created_at: datetime
    expires_at: datetime
    asked: bytes | None = None
    question_id: UUID | None = None
    source: str | None = None


@dataclass(frozen=True)
class StoredChallenge:
    challenge_id: UUID
    application_id: UUID | None
    recipient: str
    challenge: Challenge


class ChallengeStore:
    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def sent_to(self, recipient: str, *, now: datetime) -> Sent:
        """What went to this contact in the last hour and day; under a lock, so that two requests cannot both pass."""
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", (recipient,))
        row = self._tx.execute(
            "SELECT count(*) FILTER (WHERE created_at > %s), count(*), max(created_at) FROM challenge"
            " WHERE recipient = %s AND created_at > %s",
            (now - HOUR, recipient, now - DAY),
        ).fetchone()
        return Sent(int(row[0]), int(row[1]), row[2]) if row else Sent(0, 0, None)

    def asked_by(self, application_id: UUID, *, now: datetime) -> int:
        """How many codes an application asked for in the last day; its row is locked."""
        row = self._tx.execute(
            "SELECT count(*) FROM challenge WHERE application_id = %s AND asked IS NULL AND created_at > %s",
            (application_id, now - DAY),
        ).fetchone()
        return int(row[0]) if row else 0

    def asked_from(self, source: str, *, now: datetime) -> int:
        """How many codes were asked for from this address in the last hour; asked under a lock, as `sent_to`."""
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", (source,))
        row = self._tx.execute(
            "SELECT count(*) FROM challenge WHERE source = %s AND created_at > %s", (source, now - HOUR)
        ).fetchone()
        return int(row[0]) if row else 0

    def times_asked(self, asked: bytes, *, now: datetime) -> int:
        """How often this was asked for in the last hour; asked under a lock, as `sent_to`."""
        self._tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 2))", (asked.hex(),))
        row = self._tx.execute(
            "SELECT count(DISTINCT question_id) FROM challenge WHERE asked = %s AND created_at > %s",
            (asked, now - HOUR),
        ).fetchone()
        return int(row[0]) if row else 0

    def add_challenge(self, new: NewChallenge) -> None:
        self._tx.execute(
            "INSERT INTO challenge (challenge_id, purpose, application_id, contact, channel, recipient, code_hash,"
            " created_at, expires_at, asked, question_id, source)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (
                new.challenge_id,
                new.purpose,
                new.application_id,
                new.contact,
                new.channel,
                new.recipient,
                new.code_hash,
                new.created_at,
                new.expires_at,
                new.asked,
                new.question_id,
                new.source,
            ),
        )

    def challenges_for_contact(
        self, application_id: UUID, contact: str, recipient: str
    ) -> list[StoredChallenge]:
        """Codes sent to this value of a contact, newest first: an older one stays good for its own time."""
        rows = self._tx.execute(
            "SELECT challenge_id, application_id, recipient, code_hash, expires_at, tries, used_at FROM challenge"
            " WHERE application_id = %s AND contact = %s AND recipient = %s"
            " ORDER BY created_at DESC LIMIT 3 FOR UPDATE",
            (application_id, contact, recipient),
        ).fetchall()
        return [_stored(row) for row in rows]

    def challenges_of_question(self, question_id: UUID) -> list[StoredChallenge]:
        """The codes behind one question about a case, locked: one for every address that got one."""
        rows = self._tx.execute(
            "SELECT challenge_id, application_id, recipient, code_hash, expires_at, tries, used_at FROM challenge"
            " WHERE question_id = %s ORDER BY challenge_id FOR UPDATE",
            (question_id,),
        ).fetchall()
        return [_stored(row) for row in rows]

    def count_try(self, challenge_ids: list[UUID]) -> None:
        self._tx.execute(
            "UPDATE challenge SET tries = tries + 1 WHERE challenge_id = ANY (%s)", (challenge_ids,)
        )

    def mark_used(self, challenge_id: UUID, now: datetime) -> None:
        self._tx.execute("UPDATE challenge SET used_at = %s WHERE challenge_id = %s", (now, challenge_id))

    def remove_old(self, before: datetime) -> None:
        self._tx.execute("DELETE FROM challenge WHERE created_at < %s", (before,))


def _stored(row: tuple[object, ...]) -> StoredChallenge:
    challenge_id, application_id, recipient, code_hash, expires_at, tries, used_at = row
    return StoredChallenge(
        challenge_id,  # type: ignore[arg-type]
        application_id,  # type: ignore[arg-type]
        recipient,  # type: ignore[arg-type]
        Challenge(bytes(code_hash), expires_at, tries, used_at),  # type: ignore[call-overload,arg-type]
    )
