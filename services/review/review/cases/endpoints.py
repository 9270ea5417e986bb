"""How others reach the cases: reviewers' calls and the events of accounts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.inbox import TryLater
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, caller_of, endpoint
from mtnet_contracts.calls.call import INVALID, NOT_ALLOWED
from mtnet_contracts.calls.review import cases as calls
from mtnet_contracts.vocabulary.choices import Role

from review.cases import actions, messages
from review.cases.rules import (
    Case,
    CaseNotFound,
    CaseNotOpen,
    ClaimedByAnother,
    FieldNotAsked,
    LastStage,
    NotClaimed,
    NotLastStage,
    OwnCase,
    PersonUnknown,
    Reason,
    Reviewer,
    StaleVersion,
)
from review.cases.store import CaseStore
from review.routes.actions import Routes

REVIEWERS: tuple[Role, ...] = ("reviewer",)
OPERATORS: tuple[Role, ...] = ("operator",)

Request = dict[str, Any]
Reply = dict[str, Any]


def case_reviewer(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """A reviewer whose unit has, or had, the case. Raises CaseNotFound."""
    actions.require_visible(CaseStore(tx), reviewer(actor), request["application_id"])
    return caller_of(actor)


def reviewer(actor: Actor) -> Reviewer:
    """The person behind the call. A reviewer without a unit has no queue and no case: raises Refused."""
    if actor.unit is None:
        raise Refused(NOT_ALLOWED)
    return Reviewer(
        account_id=actor.account_id,
        account_name=actor.account_name,
        name=actor.display_name,
        unit=actor.unit,
        person_key=actor.person_key,
    )


def claimed_by_another(claimed: ClaimedByAnother) -> Refused:
    """Tells the reviewer who holds the case, and until when."""
    facts = {"holder": claimed.holder, "expires_at": claimed.expires_at.isoformat()}
    return Refused("CLAIMED_BY_ANOTHER", detail=facts)


def field_not_asked(unknown: FieldNotAsked) -> Refused:
    return Refused(INVALID, fields={"reasons": ["NOT_A_CHOICE"]})


class CaseEndpoints:
    """Every reviewer's call acts for the reviewer's own unit; operators learn only which cases there are."""

    refusals: ClassVar[dict[type[Exception], str | Callable[[Any], Refused]]] = {
        CaseNotFound: "CASE_NOT_FOUND",
        StaleVersion: "STALE_VERSION",
        NotClaimed: "NOT_CLAIMED",
        ClaimedByAnother: claimed_by_another,
        CaseNotOpen: "CASE_NOT_OPEN",
        OwnCase: "OWN_CASE",
        PersonUnknown: NOT_ALLOWED,
        LastStage: "LAST_STAGE",
        NotLastStage: "NOT_LAST_STAGE",
        FieldNotAsked: field_not_asked,
    }

    @endpoint(calls.QUEUE, roles=REVIEWERS, autocommit=True)
    def queue(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.queue(CaseStore(tx), reviewer(actor), _now(), **request)

    @endpoint(calls.CASE, roles=REVIEWERS)
    def case(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.case(CaseStore(tx), reviewer(actor), now=_now(), **request)

    @endpoint(calls.UNIT_CASES, roles=OPERATORS)
    def unit_cases(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        return actions.live_cases_of(CaseStore(tx), **request)

    @endpoint(calls.CLAIM_CASE, roles=REVIEWERS, authorise=case_reviewer)
    def claim_case(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        case = actions.claim_case(CaseStore(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.RELEASE_CASE, roles=REVIEWERS, authorise=case_reviewer)
    def release_case(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        case = actions.release_case(CaseStore(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.FORWARD_CASE, roles=REVIEWERS, authorise=case_reviewer)
    def forward_case(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        case = actions.forward_case(CaseStore(tx), Outbox(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.APPROVE_CASE, roles=REVIEWERS, authorise=case_reviewer)
    def approve_case(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        case = actions.approve_case(CaseStore(tx), Outbox(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.RETURN_CASE, roles=REVIEWERS, authorise=case_reviewer)
    def return_case(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        request["reasons"] = _reasons(request)
        case = actions.return_case(CaseStore(tx), Outbox(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.REJECT_CASE, roles=REVIEWERS, authorise=case_reviewer)
    def reject_case(self, tx: Tx, actor: Actor, request: Request) -> Reply:
        request["reasons"] = _reasons(request)
        case = actions.reject_case(CaseStore(tx), Outbox(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @on_event(messages.ApplicationSubmitted, group="cases", ordered=True)
    def open_case(self, tx: Tx, event: messages.ApplicationSubmitted) -> None:
        stores = CaseStore(tx), Routes(tx), Outbox(tx)
        actions.open_submitted_case(*stores, messages.new_case(event), _now())

    @on_event(messages.ApplicationResubmitted, group="cases", ordered=True)
    def reopen_case(self, tx: Tx, event: messages.ApplicationResubmitted) -> None:
        stores = CaseStore(tx), Outbox(tx)
        corrected = messages.submission(event)
        with later_without_its_case():
            actions.reopen_resubmitted_case(*stores, event.application_id, corrected, _now())

    @on_event(messages.ApplicationWithdrawn, group="cases", ordered=True)
    def close_withdrawn_case(self, tx: Tx, event: messages.ApplicationWithdrawn) -> None:
        with later_without_its_case():
            actions.close_withdrawn_case(CaseStore(tx), event.application_id, event.withdrawn_at)


@contextmanager
def later_without_its_case() -> Iterator[None]:
    """An event whose case is not here yet is tried again later."""
    try:
        yield
    except CaseNotFound as missing:
        raise TryLater("the case is not here yet") from missing


def _view(tx: Tx, actor: Actor, case: Case) -> Reply:
    return actions.view(CaseStore(tx), reviewer(actor), case, _now())


def _reasons(request: Request) -> tuple[Reason, ...]:
    return tuple(Reason(reason["code"], reason["field"]) for reason in request["reasons"])


def _now() -> datetime:
    return datetime.now(UTC)
