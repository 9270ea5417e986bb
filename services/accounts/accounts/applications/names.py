"""Reserve the account name of an application, so that nobody hears at the end that it is taken."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID

from accounts.applications.rules import (
    MOST_NAMES_HELD,
    NAMES_ASKED,
    UNVERIFIED_HOLD,
    Application,
    Status,
)
from accounts.applications.store import ApplicationStore
from accounts.attempts import actions as attempts
from accounts.registry import actions as registry
from accounts.registry.rules import NameHold
from accounts.sources import UNKNOWN
from accounts.vault import Vault

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore
    from accounts.registry.store import AccountStore, NameStore


def reserve_name(
    applications: ApplicationStore,
    accounts: AccountStore,
    names: NameStore,
    guesses: GuessStore,
    vault: Vault,
    application: Application,
    name: str,
    person_index: bytes,
    now: datetime,
) -> None:
    """Hold the name for this application, and free the one it held before.

    A person's own draft or returned case does not keep the name from that person: who gets it is decided when one of
    them is submitted. Raises Refused(INVALID) with ACCOUNT_NAME_TAKEN or TOO_MANY_NAMES at `account_name`; that a name
    was asked for stays counted.
    """
    before = application.answers.account_name or ""
    if before.lower() != name.lower() and not _may_ask(applications, guesses, vault, application, now):
        raise _refusal("TOO_MANY_NAMES")
    if not _is_available(applications, accounts, names, application, name, person_index, now):
        raise _refusal("ACCOUNT_NAME_TAKEN")
    registry.release_names(names, application.application_id, but=name)
    registry.hold_at_most(names, _holder(applications, application), MOST_NAMES_HELD)


def hold_name(
    applications: ApplicationStore, names: NameStore, application: Application, name: str, now: datetime
) -> Application | None:
    """Hold a name. None when it is this application's now, else the application that holds it."""
    verified = application.status is not Status.DRAFT or application.code_contact is not None
    until = None if verified else now + UNVERIFIED_HOLD
    wanted = NameHold(name, application.application_id, _holder(applications, application), until)
    held_by = registry.hold_name(names, wanted, now)
    return None if held_by == application.application_id else applications.application(held_by)


def keep_name(applications: ApplicationStore, names: NameStore, application: Application) -> None:
    """A contact was verified: the name is held as long as the draft lives."""
    holder = _holder(applications, application)
    registry.hold_name_for_good(names, application.application_id, holder)
    if application.status is Status.DRAFT:
        registry.hold_at_most(names, holder, MOST_NAMES_HELD)


def _is_available(
    applications: ApplicationStore,
    accounts: AccountStore,
    names: NameStore,
    application: Application,
    name: str,
    person_index: bytes,
    now: datetime,
) -> bool:
    held_by = hold_name(applications, names, application, name, now)
    if held_by is None:
        # Asked after the name is held: an account that is opened meanwhile gives its own hold up last.
        if not registry.name_in_use(accounts, name):
            return True
        registry.release_names(names, application.application_id)
        return False
    sealed = applications.sealed_id_number(held_by.application_id)
    is_own = sealed is not None and sealed.index == person_index
    return is_own and held_by.status in (Status.DRAFT, Status.RETURNED)


def _holder(applications: ApplicationStore, application: Application) -> str:
    """Whose reservations are counted together."""
    if application.status is not Status.DRAFT:
        return f"application:{application.application_id}"
    if application.code_contact is not None:
        return f"contact:{application.code_contact.compared}"
    source = applications.started_from(application.application_id) or UNKNOWN
    return f"source:{source if source != UNKNOWN else application.application_id}"


def _may_ask(
    applications: ApplicationStore,
    guesses: GuessStore,
    vault: Vault,
    application: Application,
    now: datetime,
) -> bool:
    """Count a name that is asked for; an answer tells who has an account."""
    source = applications.started_from(application.application_id) or UNKNOWN
    keys = [f"application:{application.application_id}"]
    if source != UNKNOWN:
        keys.append(f"source:{source}")
    may = True
    for (kind, limit), text in zip(NAMES_ASKED.items(), keys, strict=False):
        key = vault.subject_index(kind, text)
        tally = attempts.tally_of(guesses, limit, kind, key, now)
        may = may and limit.admits(tally, now)
        attempts.save_tally(guesses, kind, key, limit.failed(tally, now))
    return may


def _refusal(code: str) -> Refused:
    return Refused(INVALID, fields={"account_name": [code]}, keeps_changes=True)
