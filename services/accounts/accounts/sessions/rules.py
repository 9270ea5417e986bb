"""When a session ends (its length: settings.py), and what a password must be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

# Sessions

ACTOR_LIFE = timedelta(minutes=2)
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
    """`confirmed_at`: when its owner last proved who they are, by logging in or at a dangerous action."""

    session_id: UUID
    account_id: UUID
    started_at: datetime
    touched_at: datetime
    previous_login_at: datetime | None = None
    confirmed_at: datetime | None = None


class SessionEnded(Exception):
    """No such session, or it ran out, was ended, or its account may not log in any more."""


# Passwords (handout, 修改密碼; 資通系統防護基準)

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 128
# Words that say where the password is used; a password that is little else is guessed first.
CONTEXT_WORDS = ("mtnet", "motcmpb", "taiwanport", "航港")
SHORTEST_NAME = 4


def normalised(password: str) -> str:
    """NFKC (NIST SP 800-63B-4, 3.1.1.2): full-width letters of an input method and both forms of `é` are one."""
    return unicodedata.normalize("NFKC", password)


def is_normal(password: str) -> bool:
    return unicodedata.is_normalized("NFKC", password)


def password_faults(
    password: str, *, account_name: str, id_number_tail: str, blocklist: frozenset[str]
) -> tuple[str, ...]:
    """Every rule the password breaks, as codes, so that all can be put right at once.

    The normal form is judged, since it is what is hashed. `id_number_tail` is the digits of the ID number, or empty;
    `blocklist` holds lower-case passwords.
    """
    found = []
    password = normalised(password)
    if len(password) < SHORTEST_PASSWORD:
        found.append("PASSWORD_TOO_SHORT")
    if len(password) > LONGEST_PASSWORD:
        found.append("TOO_LONG")
    if not re.search(r"[A-Z]", password):
        found.append("PASSWORD_NEEDS_UPPER")
    if not re.search(r"[a-z]", password):
        found.append("PASSWORD_NEEDS_LOWER")
    if not re.search(r"[0-9]", password):
        found.append("PASSWORD_NEEDS_DIGIT")
    if not re.search(r"[^A-Za-z0-9\s]", password):
        found.append("PASSWORD_NEEDS_SPECIAL")
    plain = password.lower()
    if len(account_name) >= SHORTEST_NAME and account_name.lower() in plain:
        found.append("PASSWORD_CONTAINS_ACCOUNT")
    if len(id_number_tail) >= SHORTEST_NAME and id_number_tail.lower() in plain:
        found.append("PASSWORD_CONTAINS_ID_NUMBER")
    if plain in blocklist or _is_little_else(plain):
        found.append("PASSWORD_TOO_COMMON")
    return tuple(found)


def _is_little_else(plain: str) -> bool:
    return any(word in plain and len(plain.replace(word, "")) < SHORTEST_NAME for word in CONTEXT_WORDS)
