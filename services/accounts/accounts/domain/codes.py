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


class TooSoon(Exception):
    """A code was sent less than a minute ago."""


class TooManyCodes(Exception):
    """Five codes went to this contact within the hour."""


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
    """What went to a contact lately: how many codes in the last hour, and when the last one did."""

    within_hour: int
    last_at: datetime | None


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


def require_sendable(sent: Sent, *, now: datetime) -> None:
    """Raises TooSoon, TooManyCodes."""
    if sent.last_at is not None and now < sent.last_at + RESEND_AFTER:
        raise TooSoon(sent.last_at + RESEND_AFTER)
    if sent.within_hour >= MOST_PER_HOUR:
        raise TooManyCodes


def check(challenge: Challenge, *, matches: bool, now: datetime) -> None:
    """Judge a try. Raises CodeVoid, CodeExpired, CodeWrong; a wrong try has to be counted by the caller."""
    if challenge.tries >= MOST_TRIES:
        raise CodeVoid
    if challenge.used_at is not None or now >= challenge.expires_at:
        raise CodeExpired
    if not matches:
        raise CodeWrong(MOST_TRIES - challenge.tries - 1)
