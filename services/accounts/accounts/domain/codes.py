"""One-time codes: how they look, how long they live, and when one may be sent or tried."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

DIGITS = 6
LIFE = timedelta(minutes=10)
RESEND_AFTER = timedelta(seconds=60)
MOST_TRIES = 5
MOST_PER_HOUR = 5
# An application needs four codes, each perhaps twice; an office at one address may have thirty applicants an hour.
MOST_SMS_PER_DAY = 15
MOST_PER_APPLICATION_AND_DAY = 20
MOST_PER_SOURCE_AND_HOUR = 120


class TooSoon(Exception):
    """A code was sent less than a minute ago."""


class TooManyCodes(Exception):
    """As many codes as may be went to this contact, or were asked for by this application or from this address."""


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
    """What went to a contact lately: how many codes in the last hour and day, and when the last one did."""

    within_hour: int
    within_day: int
    last_at: datetime | None

    def is_enough(self, channel: str) -> bool:
        """A day's limit is for what costs money: with mail it would let a stranger's questions silence a case."""
        return self.within_hour >= MOST_PER_HOUR or (channel == "sms" and self.within_day >= MOST_SMS_PER_DAY)


@dataclass(frozen=True)
class Challenge:
    """A code that was sent. Only its hash is kept."""

    code_hash: bytes
    expires_at: datetime
    tries: int
    used_at: datetime | None


def normalised_code(text: str) -> str:
    """Full-width digits, spaces and hyphens are how people copy a code."""
    return re.sub(r"[\s\-‐–—]", "", unicodedata.normalize("NFKC", text))


def require_sendable(sent: Sent, channel: str, *, now: datetime) -> None:
    """Raises TooSoon, TooManyCodes."""
    if sent.last_at is not None and now < sent.last_at + RESEND_AFTER:
        raise TooSoon(sent.last_at + RESEND_AFTER)
    if sent.is_enough(channel):
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
