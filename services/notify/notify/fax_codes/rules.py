"""How a code by fax looks, how long it lives, how often one may be asked for and tried."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

DIGITS = 6
LIFE = timedelta(minutes=10)
RESEND_AFTER = timedelta(seconds=60)
MOST_TRIES = 5
# Each costs a call, and rings at somebody's desk.
MOST_OF_ACCOUNT_PER_DAY = 3
MOST_TO_NUMBER_PER_DAY = 3


class NumberInvalid(Exception):
    """No telephone number of Taiwan that a fax machine can have. `code` says what is missing."""

    def __init__(self, code: str = "FAX_INVALID") -> None:
        super().__init__(code)
        self.code = code


class FaxAway(Exception):
    """No fax can be sent now."""


class NumberKnown(Exception):
    """The account has this number already."""


class TooSoon(Exception):
    """A code was sent less than a minute ago."""


class TooManyFaxes(Exception):
    """No more codes today, for this account or to this number."""


class CodeWrong(Exception):
    """Not the code that was sent. Said of everything that is not known, too."""


class CodeExpired(Exception):
    """The code is older than ten minutes, or was used already."""


class CodeVoid(Exception):
    """The code was tried too often."""


@dataclass(frozen=True)
class SentOfDay:
    """What was sent in the last 24 hours, for this account and to this number; when last, for this account."""

    of_account: int
    to_number: int
    last_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class FaxCode:
    """A code on its way. Only its hash is kept."""

    challenge_id: UUID
    account_id: UUID
    number: str
    code_hash: bytes
    sent_at: datetime
    expires_at: datetime
    tries: int = 0
    used_at: datetime | None = None

    @property
    def resend_at(self) -> datetime:
        return self.sent_at + RESEND_AFTER

    def is_waiting(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at and self.tries < MOST_TRIES


def new_code(number_below: Callable[[int], int]) -> str:
    """`number_below(n)` gives a random number from 0 to n - 1."""
    return f"{number_below(10**DIGITS):0{DIGITS}d}"


def hashed(key: bytes, challenge_id: UUID, code: str) -> bytes:
    """A code has a million values: without the key, the hash tells it at once."""
    return hmac.digest(key, f"{challenge_id}:{code}".encode(), "sha256")


def require_allowed(sent: SentOfDay, now: datetime) -> None:
    """Raises TooSoon, TooManyFaxes."""
    if sent.last_at is not None and now < sent.last_at + RESEND_AFTER:
        raise TooSoon
    if sent.of_account >= MOST_OF_ACCOUNT_PER_DAY or sent.to_number >= MOST_TO_NUMBER_PER_DAY:
        raise TooManyFaxes


def judge(code: FaxCode, typed_hash: bytes, now: datetime) -> None:
    """Raises CodeExpired, CodeVoid, CodeWrong."""
    if code.used_at is not None or now >= code.expires_at:
        raise CodeExpired
    if code.tries >= MOST_TRIES:
        raise CodeVoid
    if not hmac.compare_digest(code.code_hash, typed_hash):
        raise CodeWrong
