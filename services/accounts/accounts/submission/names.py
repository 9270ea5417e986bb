"""Reserve the account name an application is made with, so that nobody hears at the end that it is taken."""

from __future__ import annotations

import secrets
from datetime import timedelta

from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID

from accounts.actions.desk import Desk
from accounts.applications.rules import Application, Status
from accounts.registry.names_store import Hold
from accounts.sources import UNKNOWN
from accounts.verification.guesses import NAMES_ASKED

# What a stranger can keep from others: so many names for a source, a day each, while nothing is proved; and so many
# for a proved mailbox, as long as its drafts live.
UNPROVED = timedelta(days=1)
MOST_OF_ONE_HOLDER = 20
LONGEST_NAME = 20


def reserve(desk: Desk, application: Application, name: str, person_index: bytes) -> None:
    """Hold the name for this application; the one it held before is free.

    A person's own draft or returned case does not keep the name from that person: who gets it is decided when one of
    them is handed in. Raises Refused(INVALID) with ACCOUNT_NAME_TAKEN or TOO_MANY_NAMES at `account_name`; that a name
    was asked for stays counted.
    """
    before = application.answers.get("identity", {}).get("account_name", "")
    if before.lower() != name.lower() and not _may_ask(desk, application):
        raise _refusal("TOO_MANY_NAMES")
    if not _taken_by(desk, application, name, person_index):
        raise _refusal("ACCOUNT_NAME_TAKEN")
    desk.names.release(application.application_id, but=name)
    desk.names.let_go_beyond(_holder(desk, application), MOST_OF_ONE_HOLDER)


def _refusal(code: str) -> Refused:
    return Refused(INVALID, fields={"account_name": [code]}, keeps_changes=True)


def _taken_by(desk: Desk, application: Application, name: str, person_index: bytes) -> bool:
    """Whether this application may go on with the name."""
    held_by = hold(desk, application, name)
    if held_by is None:
        # Asked after the name is held: an account that is opened meanwhile gives its own hold up last.
        if not desk.applications.account_name_in_use(name):
            return True
        desk.names.release(application.application_id)
        return False
    sealed = desk.applications.sealed_id_number(held_by.application_id)
    return (
        held_by.status in (Status.DRAFT, Status.RETURNED)
        and sealed is not None
        and sealed.index == person_index
    )


def hold(desk: Desk, application: Application, name: str) -> Application | None:
    """Hold a name; None where it is this application's now, else the application whose it is."""
    proved = application.status is not Status.DRAFT or application.code_contact is not None
    until = None if proved else desk.now + UNPROVED
    wanted = Hold(name, application.application_id, _holder(desk, application), until)
    held_by = desk.names.hold(wanted, desk.now)
    return None if held_by == application.application_id else desk.applications.application(held_by)


def keep_name(desk: Desk, application: Application) -> None:
    """A contact was proved: the name is held as long as the draft lives."""
    holder = _holder(desk, application)
    desk.names.keep(application.application_id, holder)
    if application.status is Status.DRAFT:
        desk.names.let_go_beyond(holder, MOST_OF_ONE_HOLDER)


def free_name(desk: Desk, wanted: str) -> str:
    """Like the one wanted, with four digits after it, and nobody's."""
    while True:
        name = f"{wanted[: LONGEST_NAME - 4]}{secrets.randbelow(10_000):04d}"
        if not desk.applications.account_name_in_use(name) and not desk.names.is_held(name):
            return name


def _holder(desk: Desk, application: Application) -> str:
    if application.status is not Status.DRAFT:
        return f"application:{application.application_id}"
    if application.code_contact is not None:
        return f"contact:{application.code_contact.compared}"
    source = desk.applications.started_from(application.application_id) or UNKNOWN
    return f"source:{source if source != UNKNOWN else application.application_id}"


def _may_ask(desk: Desk, application: Application) -> bool:
    """Count a name asked for; to say "taken" is to tell who has an account."""
    source = desk.applications.started_from(application.application_id) or UNKNOWN
    keys = [f"application:{application.application_id}"]
    if source != UNKNOWN:
        keys.append(f"source:{source}")
    may = True
    for (kind, limit), text in zip(NAMES_ASKED.items(), keys, strict=False):
        key = desk.vault.subject_index(kind, text)
        tally = limit.now(desk.guesses.tally_for_update(kind, key, now=desk.now), desk.now)
        may = may and limit.admits(tally, desk.now)
        desk.guesses.save_tally(kind, key, limit.failed(tally, desk.now))
    return may
