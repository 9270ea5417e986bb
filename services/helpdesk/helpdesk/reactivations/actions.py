"""What can be done with a reactivation case: open it on evidence, check, approve by a second person, refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.statements import AccountStatement
from mtnet_contracts.vocabulary.dates import TAIPEI, taipei_day

from helpdesk.deadlines.actions import working_calendar
from helpdesk.desk_acts.actions import note_act
from helpdesk.desk_people.rules import Agent
from helpdesk.reactivations import messages
from helpdesk.reactivations.rules import (
    CHECKS,
    DECIDED,
    IN_A_TICKET,
    NOTED_AS,
    OF_TICKETS,
    Case,
    DayToCome,
    Person,
    ReactivationOpen,
    number_of,
)
from helpdesk.reactivations.store import ReactivationStore
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.rules import TicketNotFound

MOST_OF_TICKET = 10


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
    if evidence in IN_A_TICKET or reference.upper().startswith(OF_TICKETS):
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
    _note_in_ticket(tx, outbox, person, case, now)
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
    _note_in_ticket(tx, outbox, person, case, now)
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
    store, person = ReactivationStore(tx), person_of(actor)
    case = store.case_for_update(number).refused(person, version, refusal_reason, note, now)
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
    _note_in_ticket(tx, outbox, person, case, now)
    return case


def _note_in_ticket(tx: Tx, outbox: Outbox, person: Person, case: Case, now: datetime) -> None:
    """The ticket that holds the evidence says how it stands, and is the desk's to answer once it is decided."""
    if not case.in_ticket:
        return
    try:
        ticket_id = tickets.ticket_numbered(tx, case.reference).ticket_id
    except TicketNotFound:
        # Forgotten since: the case stays longer than its ticket.
        return
    before = tickets.ticket_for_update(tx, ticket_id)
    agent = Agent(person.account_id, person.name)
    tickets.note_relation(tx, ticket_id, NOTED_AS[case.state], None, case.number, agent, now)
    if case.state in DECIDED:
        after = before.awaited(now, working_calendar())
    else:
        # Open pages show it; what an agent has begun to write is not refused because of it.
        after = replace(before, updated_at=max(now, before.updated_at))
    tickets.save_ticket(tx, outbox, before, after, now, agent)


def cases(
    store: ReactivationStore, person: Person, *, tab: str, before: int | None, limit: int
) -> dict[str, Any]:
    found = store.newest(decided=tab == "decided", before=before, limit=limit + 1)
    shown = found[:limit]
    return {
        "items": [view(case, person) for case in shown],
        "next_before": shown[-1].position if len(found) > limit else None,
    }


def cases_of_ticket(store: ReactivationStore, person: Person, ticket_id: UUID) -> dict[str, Any]:
    return {"items": [view(case, person) for case in store.of_ticket(ticket_id, MOST_OF_TICKET)]}


def view(case: Case, person: Person) -> dict[str, Any]:
    """As everybody of the desk sees it."""
    seen = {name: value for name, value in vars(case).items() if name not in ("person_key", "account_id")}
    people = {
        who: getattr(case, who) and getattr(case, who).name
        for who in ("opened_by", "checked_by", "decided_by")
    }
    mine = case.checked_by is not None and case.checked_by.account_id == person.account_id
    to_tick = sorted(CHECKS[case.evidence])
    return seen | people | {"checks": to_tick, "mine": mine, "can": case.can(person)}
