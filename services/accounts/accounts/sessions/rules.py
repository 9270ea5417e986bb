"""When a session ends (its length: settings.py), and the normal form of a password."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.devices.rules import Device

# Sessions

TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Limits:
    """`idle` ends an unused session (the countdown of the header), `absolute` any session. Both are settings."""

    idle: timedelta
    absolute: timedelta


def expires_at(*, started_at: datetime, used_at: datetime, limits: Limits) -> datetime:
    return min(used_at + limits.idle, started_at + limits.absolute)


def worth_touching(*, touched_at: datetime, now: datetime) -> bool:
    """A session is prolonged at most once a minute: every page would otherwise be a write."""
    return now - touched_at >= TOUCH_EVERY


@dataclass(frozen=True)
class Session:
    """`confirmed_at`: when its owner last proved who they are, by logging in or at a dangerous action.

    `needs_consent`: there was a new privacy notice at the login, and its owner has not agreed to it.
    """

    session_id: UUID
    account_id: UUID
    started_at: datetime
    touched_at: datetime
    previous_login_at: datetime | None = None
    confirmed_at: datetime | None = None
    needs_consent: bool = False


@dataclass(frozen=True)
class OwnSession:
    """An open session as its owner sees it."""

    session_id: UUID
    started_at: datetime
    used_at: datetime
    ip: str | None
    device: Device


class SessionNotFound(Exception):
    """No session of this account has that id, or it has ended long ago."""


class SessionEnded(Exception):
    """No such session, or it ran out, was ended, or its account may not log in any more."""


# Passwords


def normalised(password: str) -> str:
    """NFKC (NIST SP 800-63B-4, 3.1.1.2): full-width letters of an input method and both forms of `é` are one."""
    return unicodedata.normalize("NFKC", password)


def is_normal(password: str) -> bool:
    return unicodedata.is_normalized("NFKC", password)
