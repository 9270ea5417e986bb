"""Who may log in, and in how many steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts.registry.rules import Account, PasswordAge, State

# Time enough to install an authenticator app.
SECOND_STEP_LIVES = timedelta(minutes=15)
MOST_PENDING = 10


@dataclass(frozen=True)
class PendingLogin:
    """A login whose password was right, and whose second step is missing."""

    account_id: UUID
    password_mark: bytes
    expires_at: datetime


class SecondStepNeeded(Exception):
    """Said only after the right password. `enrol`: the role requires a second factor, and the account has none yet."""

    def __init__(self, login_token: str, expires_at: datetime, *, enrol: bool) -> None:
        super().__init__("a second step")
        self.login_token = login_token
        self.expires_at = expires_at
        self.enrol = enrol


class LoginExpired(Exception):
    """No such login, or the second step came too late, or the account is another than it was at the first."""


class LoginFailed(Exception):
    """Wrong, unknown, locked, not yet activated: one answer for all."""


class AccountIsFrozen(Exception):
    """Said only after the right password."""


class AccountIsDisabled(Exception):
    """Said only after the right password."""


class NewPasswordRequired(Exception):
    """Said only after the right password, which somebody else may know: its owner sets another one by a link."""


class PasswordExpired(Exception):
    """Said only after the right password, which was in use for too long: its owner sets another one by a link."""


def judge_login(account: Account, *, password_matches: bool, age: PasswordAge, now: datetime) -> Account:
    """The account, if its owner may log in.

    Raises LoginFailed, AccountIsFrozen, AccountIsDisabled, NewPasswordRequired, PasswordExpired.
    """
    if not password_matches or account.password_hash is None:
        raise LoginFailed
    if account.state is State.FROZEN:
        raise AccountIsFrozen
    if account.state is State.DISABLED:
        raise AccountIsDisabled
    if account.state is not State.ACTIVE:
        raise LoginFailed
    if account.new_password_required:
        raise NewPasswordRequired
    if age.has_expired(identity_type=account.identity_type, set_at=account.password_set_at, now=now):
        raise PasswordExpired
    return account
