"""How people of the desk work on reactivation cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, endpoint
from mtnet_chassis.rpc.statements import AccountStatement, StatementNotValid, StatementVerifier
from mtnet_chassis.settings import secret
from mtnet_contracts.calls.helpdesk import reactivations as calls
from mtnet_contracts.vocabulary.desk import DESK

from helpdesk.desk_people.access import desk_person
from helpdesk.reactivations import actions, rules
from helpdesk.reactivations.actions import person_of, view
from helpdesk.reactivations.store import ReactivationStore

Request = dict[str, Any]
Reply = dict[str, Any]


@cache
def _statements() -> StatementVerifier:
    return StatementVerifier(secret("ACTOR_PUBLIC_KEY", 32))


def _stated(actor: Actor, request: Request) -> AccountStatement:
    """What accounts told the caller of the account that they name. Raises StatementNotValid."""
    stated = _statements().verify(request.pop("statement"), told_to=actor.account_id)
    if rules.same_name(request.pop("account_name")) != rules.same_name(stated.account_name):
        raise StatementNotValid("about another account")
    return stated


def _open_already(problem: rules.ReactivationOpen) -> Refused:
    return Refused(
        "REACTIVATION_OPEN", fields={"account_name": ["REACTIVATION_OPEN"]}, detail={"number": problem.number}
    )


def _at(field: str, refusal: str) -> Callable[[Any], Refused]:
    return lambda _: Refused(refusal, fields={field: [refusal]})


class ReactivationEndpoints:
    """Everybody of the desk checks and approves, but for the holder, and for one person twice."""

    refusals: ClassVar[dict[type[Exception], Any]] = {
        StatementNotValid: "STATEMENT_NOT_VALID",
        rules.ReactivationNotFound: "REACTIVATION_NOT_FOUND",
        rules.ReactivationOpen: _open_already,
        rules.ReactivationChanged: "REACTIVATION_CHANGED",
        rules.ReactivationDecided: "REACTIVATION_DECIDED",
        rules.ReactivationNotChecked: "REACTIVATION_NOT_CHECKED",
        rules.OwnReactivation: _at("account_name", "OWN_REACTIVATION"),
        rules.SecondPersonNeeded: "SECOND_PERSON_NEEDED",
        rules.ChecksMissing: _at("checks", "CHECKS_MISSING"),
        rules.DayToCome: _at("received_on", "DAY_TO_COME"),
    }

    @endpoint(calls.REACTIVATIONS, roles=DESK)
    def reactivations(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.cases(ReactivationStore(tx), person_of(actor), **request)

    @endpoint(calls.REACTIVATION, roles=DESK)
    def reactivation(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return view(ReactivationStore(tx).case(request["number"]), person_of(actor))

    @endpoint(calls.REACTIVATIONS_OF_TICKET, roles=DESK)
    def reactivations_of_ticket(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.cases_of_ticket(ReactivationStore(tx), person_of(actor), **request)

    @endpoint(calls.OPEN_REACTIVATION, roles=DESK, authorise=desk_person)
    def open_reactivation(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        stated = _stated(actor, request)
        case = actions.open_case(tx, Outbox(tx), actor, stated, **request, now=_now())
        return view(case, person_of(actor))

    @endpoint(calls.CHECK_REACTIVATION, roles=DESK, authorise=desk_person)
    def check_reactivation(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        case = actions.check_case(tx, Outbox(tx), actor, **request, now=_now())
        return view(case, person_of(actor))

    @endpoint(calls.APPROVE_REACTIVATION, roles=DESK, authorise=desk_person)
    def approve_reactivation(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        case = actions.approve_case(tx, Outbox(tx), actor, **request, now=_now())
        return view(case, person_of(actor))

    @endpoint(calls.REFUSE_REACTIVATION, roles=DESK, authorise=desk_person)
    def refuse_reactivation(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        case = actions.refuse_case(tx, Outbox(tx), actor, **request, now=_now())
        return view(case, person_of(actor))


def _now() -> datetime:
    return datetime.now(UTC)
