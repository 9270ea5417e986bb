"""Who may log in."""

from __future__ import annotations

from accounts.registry.rules import Account, State


class LoginFailed(Exception):
    """Wrong, unknown, locked, not yet activated: one answer for all."""


class AccountIsFrozen(Exception):
    """Said only after the right password."""


class AccountIsDisabled(Exception):
    """Said only after the right password."""


class NewPasswordRequired(Exception):
    """Said only after the right password, which somebody else may know: its owner sets another one by a link."""


class ConfirmationFailed(Exception):
    """Wrong, or tried too often: who is logged in could not be told once more."""


def judge_login(account: Account, *, password_matches: bool) -> Account:
    """The account, if its owner may log in.

    Raises LoginFailed, AccountIsFrozen, AccountIsDisabled, NewPasswordRequired.
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
    return account
