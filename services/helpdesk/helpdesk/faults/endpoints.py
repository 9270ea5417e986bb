"""How people of the desk work on faults and incidents."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_chassis.runtime.timers import timer_once
from mtnet_contracts.calls.helpdesk import faults as calls
from mtnet_contracts.vocabulary.desk import DESK

from helpdesk.desk_people.access import desk_person
from helpdesk.faults import actions, rules, telling
from helpdesk.faults.rules import Fault
from helpdesk.faults.shapes import fault_of_ticket, fault_view, incidents, listed, reported

Request = dict[str, Any]
Reply = dict[str, Any]


def _starts_later(_: rules.StartsLater) -> Refused:
    return Refused("STARTS_LATER", fields={"started_at": ["STARTS_LATER"]})


def _said(fault: Fault) -> Reply:
    return {"number": fault.number, "version": fault.version}


class FaultEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        rules.FaultNotFound: "FAULT_NOT_FOUND",
        rules.FaultChanged: "FAULT_CHANGED",
        rules.FaultIsResolved: "FAULT_RESOLVED",
        rules.StartsLater: _starts_later,
        rules.TooManyReports: "TOO_MANY_REPORTS",
    }

    @endpoint(calls.FAULTS, roles=DESK)
    def faults(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return listed(tx, **request)

    @endpoint(calls.FAULT, roles=DESK)
    def fault(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return fault_view(tx, request["number"], _now())

    @endpoint(calls.INCIDENTS, roles=DESK)
    def incidents(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return incidents(tx, _now())

    @endpoint(calls.RECORD_FAULT, roles=DESK, authorise=desk_person)
    def record_fault(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        ticket_ids = request.pop("ticket_ids")
        return reported(actions.record_fault(tx, Outbox(tx), actor, request, ticket_ids, _now()))

    @endpoint(calls.CHANGE_FAULT, roles=DESK, authorise=desk_person)
    def change_fault(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        number, version = request.pop("number"), request.pop("version")
        return _said(actions.change_fault(tx, Outbox(tx), actor, number, version, request, _now()))

    @endpoint(calls.ADD_REPORTS, roles=DESK, authorise=desk_person)
    def add_reports(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return reported(actions.add_reports(tx, Outbox(tx), actor, **request, now=_now()))

    @endpoint(calls.REMOVE_REPORT, roles=DESK, authorise=desk_person)
    def remove_report(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return _said(actions.remove_report(tx, Outbox(tx), actor, **request, now=_now()))

    @endpoint(calls.ANNOUNCE_FAULT, roles=DESK, authorise=desk_person)
    def announce_fault(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return reported(actions.announce_fault(tx, Outbox(tx), actor, **request, now=_now()))

    @endpoint(calls.RESOLVE_FAULT, roles=DESK, authorise=desk_person)
    def resolve_fault(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return reported(actions.resolve_fault(tx, Outbox(tx), actor, **request, now=_now()))

    @endpoint(calls.FAULT_OF_TICKET, roles=DESK)
    def fault_of_ticket(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return fault_of_ticket(tx, **request)

    @timer_once(1)
    def tell_reporters(self, tx: Tx) -> None:
        """A part a second of what a fault with very many reporters is told; the first part is told at once."""
        telling.tell_on(tx, Outbox(tx), _now())


def _now() -> datetime:
    return datetime.now(UTC)
