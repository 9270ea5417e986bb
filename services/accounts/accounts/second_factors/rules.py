"""Second factors: whose role requires one, what a code looks like, when one may be removed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

# ASVS 5.0, 6.3.3: whoever sees or decides what is others' logs in with two factors. Everybody else may.
NOT_REQUIRED_OF = frozenset({"member"})

TOTP, PASSKEY, RECOVERY = "totp", "passkey", "recovery"
# RFC 6238, 5.2: one step to either side, for a clock that is off and a person who types slowly.
STEP_SECONDS = 30
STEPS_ASIDE = 1
CODE = re.compile(r"[0-9]{6}\Z")
# A secret that was shown and not used is shown again for so long, so that a page may be loaded again.
BEGUN_LIVES = timedelta(minutes=30)
CHALLENGE_LIVES = timedelta(minutes=5)
MOST_PASSKEYS = 10
# A page that is loaded again and again asks for so many challenges at a time; the oldest goes.
MOST_CHALLENGES = 10

RECOVERY_CODES = 10
# No 0, 1, I, L, O, U: what is printed is read aright. 10 characters are 49 bits.
RECOVERY_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
RECOVERY_LENGTH = 10


class SecondFactorWrong(Exception):
    """Not the code, used before, not the passkey's signature, or tried too often: one answer for all."""


class NothingBegun(Exception):
    """No secret was shown of late that a code could confirm."""


class NoSecondFactor(Exception):
    """Recovery codes stand in for a second factor; this account has none."""


class SecondFactorNeeded(Exception):
    """The role requires a second factor, and this is the last one."""


class TooManyPasskeys(Exception):
    """Ten are enough for one account."""


class PasskeyRefused(Exception):
    """What the browser sent is not a passkey that was just made for this portal, or it is known already."""


class PasskeyNotFound(Exception):
    """The account has no such passkey."""


@dataclass(frozen=True)
class Totp:
    """The secret shared with an authenticator app, sealed; `last_step` is the last one whose code was accepted."""

    totp_id: UUID
    secret: bytes
    secret_key: str
    created_at: datetime
    confirmed_at: datetime | None
    last_step: int | None


@dataclass(frozen=True, kw_only=True)
class Passkey:
    passkey_id: UUID
    account_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    last_used_at: datetime | None = None


@dataclass(frozen=True)
class Factors:
    """What an account has. `codes_left` recovery codes are not used yet."""

    totp_since: datetime | None
    passkeys: tuple[Passkey, ...]
    codes_left: int

    @property
    def any(self) -> bool:
        return self.totp_since is not None or bool(self.passkeys)

    @property
    def methods(self) -> tuple[str, ...]:
        """How the second step can be done. Recovery codes stand in for a factor; alone they are none."""
        if not self.any:
            return ()
        found = [PASSKEY] if self.passkeys else []
        found += [TOTP] if self.totp_since else []
        return (*found, *([RECOVERY] if self.codes_left else []))


def is_required(roles: tuple[str, ...], *, enforced: bool) -> bool:
    """`enforced` is a setting."""
    return enforced and not NOT_REQUIRED_OF.issuperset(roles)


def require_another(factors: Factors, *, removing: str, required: bool) -> None:
    """Whether one more is left after removing a TOTP or one passkey. Raises SecondFactorNeeded."""
    left = len(factors.passkeys) + (factors.totp_since is not None) - 1
    if required and left < 1:
        raise SecondFactorNeeded(removing)


def typed_code(text: str) -> str:
    """As people type it: full-width, with spaces and hyphens, in small letters."""
    return re.sub(r"[\s\-‐–—]", "", unicodedata.normalize("NFKC", text)).upper()


def is_totp(typed: str) -> bool:
    return CODE.match(typed) is not None


def is_recovery(typed: str) -> bool:
    return len(typed) == RECOVERY_LENGTH and set(typed) <= set(RECOVERY_ALPHABET)


def step_at(now: datetime) -> int:
    """RFC 6238, 4.2: half minutes since 1970."""
    return int(now.timestamp()) // STEP_SECONDS


def steps_to_try(now: datetime, last_step: int | None) -> tuple[int, ...]:
    """The steps whose codes are good now: a code is accepted once, and none older than it."""
    here = step_at(now)
    around = range(here - STEPS_ASIDE, here + STEPS_ASIDE + 1)
    return tuple(step for step in around if last_step is None or step > last_step)


def recovery_code(numbers: tuple[int, ...]) -> str:
    """As it is shown, of ten random numbers below the length of the alphabet: `ABCDE-FGHJK`."""
    letters = "".join(RECOVERY_ALPHABET[number] for number in numbers)
    return f"{letters[:5]}-{letters[5:]}"
