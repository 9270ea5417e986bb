"""How operators reach the suppression list."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, caller_of, endpoint
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.calls.notify import suppressions as calls
from mtnet_contracts.vocabulary.choices import Role

from notify.operator_acts.actions import note_act
from notify.suppressions import actions
from notify.suppressions.rules import By, LiftedAlready, NoAddress, SuppressedAlready, SuppressionNotFound

Request = dict[str, Any]
OPERATORS: tuple[Role, ...] = ("operator",)


def signed_in(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """The role is all that is asked for. Returns the caller."""
    return caller_of(actor)


def _by(actor: Actor) -> By:
    return By(actor.account_id, actor.account_name)


def _at_address(refusal: str, code: str) -> Refused:
    return Refused(refusal, fields={"address": [code]})


class SuppressionEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        NoAddress: lambda _: _at_address(INVALID, "NOT_VALID"),
        SuppressedAlready: lambda _: _at_address("SUPPRESSED_ALREADY", "SUPPRESSED_ALREADY"),
        SuppressionNotFound: "SUPPRESSION_NOT_FOUND",
        LiftedAlready: "LIFTED_ALREADY",
    }

    @endpoint(calls.SUPPRESSIONS, roles=OPERATORS)
    def suppressions(self, tx: Tx, actor: Actor, request: Request) -> Any:
        items, next_before = actions.search(tx, **request)
        return {"items": items, "next_before": next_before}

    @endpoint(calls.SUPPRESS, roles=OPERATORS, authorise=signed_in)
    def suppress(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        made = actions.suppress_by_operator(tx, **request, by=_by(actor), now=now)
        note_act(Outbox(tx), actor, "address_suppressed", now, entry=made.position, channel=made.channel)
        return made

    @endpoint(calls.LIFT_SUPPRESSION, roles=OPERATORS, authorise=signed_in)
    def lift_suppression(self, tx: Tx, actor: Actor, request: Request) -> Any:
        now = datetime.now(UTC)
        lifted = actions.lift(tx, **request, by=_by(actor), now=now)
        note_act(Outbox(tx), actor, "suppression_lifted", now, entry=lifted.position, channel=lifted.channel)
        return lifted
