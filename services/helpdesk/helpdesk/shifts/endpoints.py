"""How people of the desk see the roster and hand over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import endpoint
from mtnet_contracts.calls.helpdesk import shifts as calls
from mtnet_contracts.vocabulary.desk import DESK

from helpdesk.desk_people.access import desk_person
from helpdesk.shifts import actions, rules
from helpdesk.shifts.rules import Slot

Request = dict[str, Any]
Reply = dict[str, Any]


class ShiftEndpoints:
    """Agents put down themselves; a lead puts down everybody."""

    refusals: ClassVar[dict[type[Exception], Any]] = {
        rules.ShiftOver: "SHIFT_OVER",
        rules.ShiftTooFar: "SHIFT_TOO_FAR",
        rules.ShiftOfAnother: "SHIFT_OF_ANOTHER",
        rules.ShiftFull: "SHIFT_FULL",
        rules.HandoverNotFound: "HANDOVER_NOT_FOUND",
        rules.OwnHandover: "OWN_HANDOVER",
        rules.AcknowledgedAlready: "ACKNOWLEDGED_ALREADY",
    }

    @endpoint(calls.ROSTER, roles=DESK)
    def roster(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.roster(tx, actor, request["begins"], _now())

    @endpoint(calls.TAKE_SHIFT, roles=DESK, authorise=desk_person)
    def take_shift(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        slot, who = Slot(request["day"], request["shift"]), request["account_id"]
        return request | {"account_id": actions.take_shift(tx, Outbox(tx), actor, slot, who, _now())}

    @endpoint(calls.LEAVE_SHIFT, roles=DESK, authorise=desk_person)
    def leave_shift(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        slot, who = Slot(request["day"], request["shift"]), request["account_id"]
        return request | {"account_id": actions.leave_shift(tx, Outbox(tx), actor, slot, who, _now())}

    @endpoint(calls.SITUATION, roles=DESK)
    def situation(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.situation(tx, _now())

    @endpoint(calls.HANDOVERS, roles=DESK)
    def handovers(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.handovers(tx, actor, **request)

    @endpoint(calls.WRITE_HANDOVER, roles=DESK, authorise=desk_person)
    def write_handover(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.write_handover(tx, Outbox(tx), actor, request["text"], _now())

    @endpoint(calls.ACKNOWLEDGE_HANDOVER, roles=DESK, authorise=desk_person)
    def acknowledge_handover(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.acknowledge_handover(tx, Outbox(tx), actor, request["position"], _now())


def _now() -> datetime:
    return datetime.now(UTC)
