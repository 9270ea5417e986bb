"""Activate an account: its first password, and a name in place of one that was taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts import events
from accounts.actions.desk import Desk
from accounts.applications.actions import own_id_number
from accounts.applications.store import AccountNameTaken
from accounts.registry.rules import Account, ActivationLinkInvalid, ActivationLinkUsed, State
from accounts.registry.store import ActivationLink
from accounts.sessions import passwords
from accounts.sessions.actions import Attempt, begin, settle
from accounts.sessions.adapters import blocklist
from accounts.vault import token_hash
from accounts.verification import guesses

REPEATED_WITHIN = timedelta(minutes=10)


def activation(desk: Desk, token: str) -> tuple[Account, ActivationLink]:
    """Whom a link activates. Raises ActivationLinkUsed, ActivationLinkInvalid."""
    link = desk.accounts.activation_link(token_hash(token), now=desk.now)
    if link is None:
        raise ActivationLinkUsed if desk.accounts.link_was_used(token_hash(token)) else ActivationLinkInvalid
    return desk.accounts.account(link.account_id), link


def require_good_password(desk: Desk, account: Account, application_number: str, password: str) -> None:
    """Raises Refused(INVALID) with every rule the password breaks."""
    faults = passwords.faults(
        password,
        account_name=account.account_name,
        id_number_tail=application_number[1:],
        blocklist=blocklist(),
    )
    if faults:
        raise Refused(INVALID, fields={"password": list(faults)})


def check_new_password(desk: Desk, token: str, password: str, account_name: str | None = None) -> None:
    """Look at a first password, and at a name in place of one that was taken, before the slow hashing.

    Raises ActivationLinkInvalid, Refused(INVALID).
    """
    account, _ = activation(desk, token)
    if _is_renamed(account, account_name) and not _is_free(desk, account_name or ""):
        raise Refused(INVALID, fields={"account_name": ["ACCOUNT_NAME_TAKEN"]})
    application_id = desk.accounts.application_of(account.account_id)
    number = own_id_number(desk, application_id) if application_id else None
    require_good_password(desk, account, number or "", password)


def _is_renamed(account: Account, account_name: str | None) -> bool:
    """A name may be chosen only where the one applied for was taken."""
    return (
        account_name is not None
        and account.name_wanted is not None
        and account_name.lower() != account.account_name.lower()
    )


def _is_free(desk: Desk, account_name: str) -> bool:
    return not desk.applications.account_name_in_use(account_name) and not desk.names.is_held(account_name)


def activate_account(
    desk: Desk, token: str, password_hash: str, account_name: str | None = None
) -> tuple[Account, ActivationLink]:
    """Use the link, once. Raises ActivationLinkInvalid, Refused(INVALID) for a name that was taken meanwhile."""
    link = desk.accounts.activation_link(token_hash(token), now=desk.now, lock=True)
    if link is None:
        raise ActivationLinkInvalid
    account = desk.accounts.account_for_update(link.account_id)
    if account.state is not State.APPROVED:
        raise ActivationLinkInvalid
    desk.accounts.activate(
        account.account_id, token_hash(token), password_hash, now=desk.now, active_on=taipei_day(desk.now)
    )
    if account.name_wanted is not None:
        chosen = account_name if _is_renamed(account, account_name) and account_name else account.account_name
        try:
            desk.accounts.rename(account.account_id, chosen)
        except AccountNameTaken as problem:
            raise Refused(INVALID, fields={"account_name": ["ACCOUNT_NAME_TAKEN"]}) from problem
        account = replace(account, account_name=chosen, name_wanted=None)
    desk.outbox.announce(events.account_activated(account, desk.now))
    return account, link


def begin_repeated_activation(desk: Desk, token: str) -> Attempt:
    """A link that was used just now may be a call that comes again because its answer was lost.

    Whoever knows the password that was set then gets that answer; guesses count as at a login.
    Raises ActivationLinkInvalid.
    """
    account, _ = _activated_just_now(desk, token)
    index = desk.vault.name_index(account.account_name)
    pair = desk.vault.subject_index("pair", f"{index.hex()}/link:{token_hash(token).hex()}")
    return begin(desk, account, index, {guesses.NAME: index, guesses.PAIR: pair})


def finish_repeated_activation(
    desk: Desk, token: str, attempt: Attempt, *, password_matches: bool
) -> tuple[Account, ActivationLink] | None:
    """None where the password is another: what is written of it stays. Raises ActivationLinkInvalid."""
    account, link = _activated_just_now(desk, token)
    if attempt.suspended or not password_matches or account.password_hash != attempt.password_hash:
        settle(desk, attempt, right=False)
        return None
    settle(desk, attempt, right=True)
    return account, link


def _activated_just_now(desk: Desk, token: str) -> tuple[Account, ActivationLink]:
    link = desk.accounts.link_used_since(token_hash(token), desk.now - REPEATED_WITHIN)
    account = desk.accounts.account(link.account_id) if link else None
    if link is None or account is None or account.state is not State.ACTIVE:
        raise ActivationLinkInvalid
    return account, link
