"""What can be done with a reactivation case: open it on evidence, check, approve by a second person, refuse."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.statements import AccountStatement
from mtnet_contracts.vocabulary.dates import TAIPEI, taipei_day

from helpdesk.desk_acts.actions import note_act
from helpdesk.reactivations import messages
from helpdesk.reactivations.rules import (
    IN_A_TICKET,
    Case,
    DayToCome,
    Person,
    ReactivationOpen,
    number_of,
)
from helpdesk.reactivations.store import ReactivationStore
from helpdesk.tickets import actions as tickets


def person_of(actor: Actor) -> Person:
    return Person(actor.account_id, actor.account_name, actor.display_name[:100], actor.person_key)


def open_case(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    statement: AccountStatement,
    *,
    evidence: str,
    reference: str,
    received_on: date,
    now: datetime,
) -> Case:
    """Raises OwnReactivation, ReactivationOpen, TicketNotFound, DayToCome.

    What came by fax, upload or telephone is kept in a ticket, which has to be there.
    """
    if received_on > taipei_day(now):
        raise DayToCome
    if evidence in IN_A_TICKET or reference.upper().startswith("HD"):
        reference = tickets.ticket_numbered(tx, reference.upper()).number
    store, person = ReactivationStore(tx), person_of(actor)
    case = Case(
        reactivation_id=uuid4(),
        number=number_of(now.astimezone(TAIPEI).year, store.next_count()),
        account_id=statement.account_id,
        account_name=statement.account_name,
        name=statement.name,
        organisation_name=statement.organisation_name,
        person_key=statement.person_key,
        account_state=statement.state,
        evidence=evidence,
        reference=reference,
        received_on=received_on,
        opened_by=person,
        opened_at=now,
    )
    case.require_not_holder(person)
    if not store.add(case):
        raise ReactivationOpen(store.undecided_number(case.account_id) or "")
    note_act(
        outbox,
        actor,
        "reactivation_opened",
        now,
        subject_id=case.account_id,
        number=case.number,
        evidence=evidence,
    )
    return case


def check_case(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    number: str,
    *,
    version: int,
    checks: list[str],
    reason: str,
    now: datetime,
) -> Case:
    """Raises ReactivationNotFound, OwnReactivation, ReactivationDecided, ReactivationChanged, ChecksMissing."""
    store = ReactivationStore(tx)
    case = store.case_for_update(number).checked(person_of(actor), version, checks, reason, now)
    store.save(case)
    note_act(outbox, actor, "reactivation_checked", now, subject_id=case.account_id, number=number)
    return case


def approve_case(
    tx: Tx, outbox: Outbox, actor: Actor, number: str, *, version: int, checks: list[str], now: datetime
) -> Case:
    """Accounts is asked to reactivate the account. Raises the same, and ReactivationNotChecked, SecondPersonNeeded."""
    store, person = ReactivationStore(tx), person_of(actor)
    before = store.case_for_update(number)
    case = before.approved(person, version, checks, now)
    store.save(case)
    note_act(outbox, actor, "reactivation_approved", now, subject_id=case.account_id, number=number)
    if case.checked_by is not None:
        outbox.announce(messages.reactivation_approved(case, case.checked_by, person, now))
    return case


def refuse_case(
    tx: Tx,
    outbox: Outbox,
    actor: Actor,
    number: str,
    *,
    version: int,
    refusal_reason: str,
    note: str,
    now: datetime,
) -> Case:
    """The holder is told, with the note. Raises ReactivationNotFound, OwnReactivation, ReactivationDecided,
    ReactivationChanged.
    """
    store = ReactivationStore(tx)
    case = store.case_for_update(number).refused(person_of(actor), version, refusal_reason, note, now)
    store.save(case)
    note_act(
        outbox,
        actor,
        "reactivation_refused",
        now,
        subject_id=case.account_id,
        number=number,
        reason=refusal_reason,
    )
    outbox.announce(messages.reactivation_refused(case, now))
    return case


def cases(
    store: ReactivationStore, person: Person, *, tab: str, before: int | None, limit: int
) -> dict[str, Any]:
    found = store.newest(decided=tab == "decided", before=before, limit=limit + 1)
    shown = found[:limit]
    return {
        "items": [view(case, person) for case in shown],
        "next_before": shown[-1].position if len(found) > limit else None,
    }


def view(case: Case, person: Person) -> dict[str, Any]:
    """As everybody of the desk sees it."""
    seen = {name: value for name, value in vars(case).items() if name not in ("person_key", "account_id")}
    people = {
        who: getattr(case, who) and getattr(case, who).name
        for who in ("opened_by", "checked_by", "decided_by")
    }
    mine = case.checked_by is not None and case.checked_by.account_id == person.account_id
    return seen | people | {"mine": mine, "can": case.can(person)}
