"""The endpoints of the review service: the queue, the case page, decisions in; applications by event."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

from mtnet_chassis.data.database import Database, Tx
from mtnet_chassis.events.consumer import on_event
from mtnet_chassis.events.inbox import TryLater
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused, caller_of, endpoint
from mtnet_contracts.calls import review as calls
from mtnet_contracts.calls.call import INVALID, NOT_ALLOWED

from review import events
from review.actions import decisions, intake, reading
from review.domain.case import (
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
from review.store import Store

Request = dict[str, Any]


def case_reviewer(service: Any, tx: Tx, actor: Actor, request: Request) -> str:
    """A reviewer whose unit has, or had, the case. Raises CaseNotFound."""
    reading.require_visible(Store(tx), reviewer(actor), request["application_id"])
    return caller_of(actor)


class ReviewService:
    """Every endpoint answers for the unit of the reviewer who asks."""

    name = "review"
    refusals: ClassVar[dict[type[Exception], str]] = {
        CaseNotFound: "CASE_NOT_FOUND",
        StaleVersion: "STALE_VERSION",
        NotClaimed: "NOT_CLAIMED",
        CaseNotOpen: "CASE_NOT_OPEN",
        OwnCase: "OWN_CASE",
        PersonUnknown: NOT_ALLOWED,
        LastStage: "LAST_STAGE",
        NotLastStage: "NOT_LAST_STAGE",
    }

    database = Database()

    @endpoint(calls.QUEUE)
    def queue(self, tx: Tx, actor: Actor, request: Request) -> dict[str, Any]:
        return reading.queue(Store(tx), reviewer(actor), _now(), **request)

    @endpoint(calls.CASE)
    def case(self, tx: Tx, actor: Actor, request: Request) -> dict[str, Any]:
        return reading.case(Store(tx), reviewer(actor), now=_now(), **request)

    @endpoint(calls.CLAIM_CASE, authorise=case_reviewer)
    def claim_case(self, tx: Tx, actor: Actor, request: Request) -> dict[str, Any]:
        with told():
            case = decisions.claim_case(Store(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.RELEASE_CASE, authorise=case_reviewer)
    def release_case(self, tx: Tx, actor: Actor, request: Request) -> dict[str, Any]:
        with told():
            case = decisions.release_case(Store(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.FORWARD_CASE, authorise=case_reviewer)
    def forward_case(self, tx: Tx, actor: Actor, request: Request) -> dict[str, Any]:
        with told():
            case = decisions.forward_case(Store(tx), Outbox(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.APPROVE_CASE, authorise=case_reviewer)
    def approve_case(self, tx: Tx, actor: Actor, request: Request) -> dict[str, Any]:
        with told():
            case = decisions.approve_case(Store(tx), Outbox(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.RETURN_CASE, authorise=case_reviewer)
    def return_case(self, tx: Tx, actor: Actor, request: Request) -> dict[str, Any]:
        request["reasons"] = _reasons(request)
        with told():
            case = decisions.return_case(Store(tx), Outbox(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @endpoint(calls.REJECT_CASE, authorise=case_reviewer)
    def reject_case(self, tx: Tx, actor: Actor, request: Request) -> dict[str, Any]:
        request["reasons"] = _reasons(request)
        with told():
            case = decisions.reject_case(Store(tx), Outbox(tx), reviewer(actor), now=_now(), **request)
        return _view(tx, actor, case)

    @on_event(events.ApplicationSubmitted, group="cases", ordered=True)
    def open_case(self, tx: Tx, event: events.ApplicationSubmitted) -> None:
        intake.open_submitted_case(
            Store(tx),
            Outbox(tx),
            events.submission(event),
            application_id=event.application_id,
            case_number=event.case_number,
            identity_type=event.identity_type,
            city=events.city(event),
            now=_now(),
        )

    @on_event(events.ApplicationResubmitted, group="cases", ordered=True)
    def reopen_case(self, tx: Tx, event: events.ApplicationResubmitted) -> None:
        with later_without_its_case():
            intake.reopen_resubmitted_case(
                Store(tx),
                Outbox(tx),
                events.submission(event),
                application_id=event.application_id,
                now=_now(),
            )

    @on_event(events.ApplicationWithdrawn, group="cases", ordered=True)
    def close_withdrawn_case(self, tx: Tx, event: events.ApplicationWithdrawn) -> None:
        with later_without_its_case():
            intake.close_withdrawn_case(Store(tx), event.application_id, event.withdrawn_at)


Service = ReviewService


def reviewer(actor: Actor) -> Reviewer:
    """The person behind the call. A reviewer without a unit has no queue and no case."""
    if actor.unit is None:
        raise Refused(NOT_ALLOWED)
    return Reviewer(
        account_id=actor.account_id,
        account_name=actor.account_name,
        name=actor.display_name,
        unit=actor.unit,
        person_key=actor.person_key,
    )


@contextmanager
def told() -> Iterator[None]:
    """Refusals that say more than a code."""
    try:
        yield
    except ClaimedByAnother as claimed:
        facts = {"holder": claimed.holder, "expires_at": claimed.expires_at.isoformat()}
        raise Refused("CLAIMED_BY_ANOTHER", detail=facts) from claimed
    except FieldNotAsked as unknown:
        raise Refused(INVALID, fields={"reasons": ["NOT_A_CHOICE"]}) from unknown


@contextmanager
def later_without_its_case() -> Iterator[None]:
    """An event whose case is not here yet waits for it."""
    try:
        yield
    except CaseNotFound as missing:
        raise TryLater("the case is not here yet") from missing


def _view(tx: Tx, actor: Actor, case: Case) -> dict[str, Any]:
    return reading.view(Store(tx), reviewer(actor), case, _now())


def _reasons(request: Request) -> tuple[Reason, ...]:
    return tuple(Reason(reason["code"], reason["field"]) for reason in request["reasons"])


def _now() -> datetime:
    return datetime.now(UTC)
