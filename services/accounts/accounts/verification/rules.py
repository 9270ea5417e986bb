"""One-time codes: how they look, how long they live, when one may be sent or tried; and limits on guessing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

# What a code is for.
APPLICATION_CONTACT = "application_contact"
CASE_ACCESS = "case_access"
DEVICE = "device"
REACTIVATION = "reactivation"
NEW_CONTACT = "new_contact"

DIGITS = 6
LIFE = timedelta(minutes=10)
RESEND_AFTER = timedelta(seconds=60)
MOST_TRIES = 5
# To one mailbox or telephone, by one source: what a stranger asks for is no part of what its owner may ask for.
MOST_PER_HOUR = 5
# By all strangers together, and by its owner's own devices.
MOST_BY_STRANGERS_PER_HOUR = 20
MOST_BY_OWNER_PER_HOUR = 5
# Wrong codes for one mailbox in a day, over all cases and questions. A code has six digits.
MOST_GUESSES_BY_SOURCE = 25
MOST_GUESSES_BY_STRANGERS = 100
MOST_GUESSES_BY_OWNER = 25
# An application needs four codes, each perhaps twice; an office at one address may have thirty applicants an hour.
MOST_SMS_PER_DAY = 15
MOST_PER_APPLICATION_AND_DAY = 20
MOST_PER_SOURCE_AND_HOUR = 120


class TooSoon(Exception):
    """A code was sent less than a minute ago."""


class TooManyCodes(Exception):
    """The limit of codes is reached: for this contact, this application or this address."""


class TooManyGuesses(Exception):
    """The day's limit of wrong codes for this contact is reached."""


class CodeWrong(Exception):
    """Not the code that was sent. `tries_left` says how often it may still be tried."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left


class CaseCodeWrong(Exception):
    """No case is opened, for whatever reason: one answer for all, so that nobody learns which cases exist."""


class CodeExpired(Exception):
    """The code is older than ten minutes, or was used already."""


class CodeVoid(Exception):
    """The code was tried too often."""


@dataclass(frozen=True)
class Sent:
    """What went to a mailbox or telephone lately for one purpose, and the wrong codes that came back.

    `by_source` counts what the source that asks now asked for; `by_owner` what devices known for the mailbox did. SMS
    count for all purposes together: each costs money.
    """

    by_source: int = 0
    by_strangers: int = 0
    by_owner: int = 0
    sms_of_day: int = 0
    last_at: datetime | None = None
    guesses_by_source: int = 0
    guesses_by_strangers: int = 0
    guesses_by_owner: int = 0

    def is_enough(self, channel: str, *, known: bool) -> bool:
        """Whether no more may be sent: `known` for a device of the owner."""
        if channel == "sms" and self.sms_of_day >= MOST_SMS_PER_DAY:
            return True
        if self.is_guessed_at(known=known):
            return True
        if known:
            return self.by_owner >= MOST_BY_OWNER_PER_HOUR
        return self.by_source >= MOST_PER_HOUR or self.by_strangers >= MOST_BY_STRANGERS_PER_HOUR

    def is_guessed_at(self, *, known: bool) -> bool:
        """Whether no code is looked at any more today."""
        if known:
            return self.guesses_by_owner >= MOST_GUESSES_BY_OWNER
        return (
            self.guesses_by_source >= MOST_GUESSES_BY_SOURCE
            or self.guesses_by_strangers >= MOST_GUESSES_BY_STRANGERS
        )


@dataclass(frozen=True)
class Challenge:
    """A code that was sent. Only its hash is kept."""

    code_hash: bytes
    expires_at: datetime
    tries: int
    used_at: datetime | None


@dataclass(frozen=True)
class CodeSent:
    """What the one who asked for a code is told. `recipient` is masked."""

    challenge_id: UUID
    channel: str
    recipient: str
    expires_at: datetime
    resend_at: datetime
    sent_at: datetime


@dataclass(frozen=True, kw_only=True)
class CodeRecipient:
    """To whom a code goes, and what it is for: a contact of an application, or the mailbox of an account."""

    channel: str
    recipient: str
    locale: str
    application_id: UUID | None = None
    account_id: UUID | None = None
    contact: str | None = None
    case_number: str | None = None


@dataclass(frozen=True)
class StoredChallenge:
    """A code that was sent, with what it was sent for. `known`: it was asked for by a device of the owner."""

    challenge_id: UUID
    application_id: UUID | None
    recipient: str
    mailbox: str
    source: str | None
    known: bool
    account_id: UUID | None
    purpose: str
    challenge: Challenge


@dataclass(frozen=True)
class ValidCode:
    """A code that was sent and can still be used."""

    recipient: str
    sent_at: datetime
    expires_at: datetime

    @property
    def resend_at(self) -> datetime:
        return self.sent_at + RESEND_AFTER


def sent_for(question_id: UUID, now: datetime) -> CodeSent:
    """The answer to a question about a case or an account: the same whether a code went out or not."""
    return CodeSent(question_id, "email", "", now + LIFE, now + RESEND_AFTER, now)


def normalised_code(text: str) -> str:
    """Full-width digits, spaces and hyphens are how people copy a code."""
    return re.sub(r"[\s\-‐–—]", "", unicodedata.normalize("NFKC", text))


def require_sendable(sent: Sent, channel: str, *, known: bool, now: datetime) -> None:
    """Raises TooSoon, TooManyCodes."""
    if sent.last_at is not None and now < sent.last_at + RESEND_AFTER:
        raise TooSoon(sent.last_at + RESEND_AFTER)
    if sent.is_enough(channel, known=known):
        raise TooManyCodes


def require_modest(*, of_application: int = 0, from_source: int = 0) -> None:
    """Judge how many codes were asked for in the last day and hour, to whomever. Raises TooManyCodes."""
    if of_application >= MOST_PER_APPLICATION_AND_DAY or from_source >= MOST_PER_SOURCE_AND_HOUR:
        raise TooManyCodes


def check(challenge: Challenge, *, matches: bool, now: datetime) -> None:
    """Judge a try. Raises CodeVoid, CodeExpired, CodeWrong; a wrong try has to be counted by the caller."""
    if challenge.tries >= MOST_TRIES:
        raise CodeVoid
    if challenge.used_at is not None or now >= challenge.expires_at:
        raise CodeExpired
    if not matches:
        raise CodeWrong(MOST_TRIES - challenge.tries - 1)
