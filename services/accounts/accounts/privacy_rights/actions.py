"""Ask for a right, withdraw, answer, extend, refuse, carry out; remind the desk before a clock ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.audit.actions import record
from accounts.privacy_rights import messages
from accounts.privacy_rights.rules import (
    A_MONTH,
    CARRIED_OUT,
    MOST_IN_A_MONTH,
    REMIND_BEFORE_DAYS,
    NotCarriedOut,
    PrivacyRequest,
    RequestNotFound,
    RequestOpen,
    State,
    TooManyRequests,
    due_on,
    is_to_be_reminded,
    request_number,
)
from accounts.registry import actions as registry
from accounts.registry.rules import Account

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore
    from accounts.privacy_rights.store import PrivacyStore, Step
    from accounts.registry.store import AccountStore

MOST_OWN = 50
MOST_REMINDED = 200
MOST_OPERATORS = 20
# What stands in the place of a name that was deleted.
NOBODY = "（已刪除 deleted）"


@dataclass(frozen=True)
class PrivacyStores:
    """What a request reads and writes, in one transaction."""

    requests: PrivacyStore
    accounts: AccountStore
    audit: AuditStore
    outbox: Outbox


@dataclass(frozen=True)
class Followed:
    """A request with what happened to it so far."""

    request: PrivacyRequest
    steps: list[Step]


@dataclass(frozen=True)
class Case:
    """A request at the desk, with whose it is."""

    request: PrivacyRequest
    account: Account
    steps: list[Step]
    operator: UUID


# The person


def own_requests(stores: PrivacyStores, account_id: UUID) -> list[Followed]:
    """The latest fifty, newest first."""
    found = stores.requests.requests_of(account_id, most=MOST_OWN)
    steps = stores.requests.steps_of([each.request_id for each in found])
    return [Followed(each, [s for s in steps if s.request_id == each.request_id]) for each in found]


def ask(stores: PrivacyStores, actor: Actor, kind: str, words: str, now: datetime) -> Followed:
    """The clock begins. Raises RequestOpen, TooManyRequests."""
    account = registry.locked_account(stores.accounts, actor.account_id)
    if stores.requests.has_open(account.account_id, kind):
        raise RequestOpen
    if stores.requests.asked_since(account.account_id, now - A_MONTH) >= MOST_IN_A_MONTH:
        raise TooManyRequests
    request = PrivacyRequest(
        request_id=uuid4(),
        request_number=request_number(now, stores.requests.next_number()),
        account_id=account.account_id,
        kind=kind,
        state=State.OPEN,
        words=words,
        received_at=now,
        due_on=due_on(kind, now),
    )
    stores.requests.add(request)
    _step(stores, request, "received", actor, now, "")
    emails = registry.emails_of(stores.accounts, account.account_id)
    stores.outbox.announce(messages.request_received(request, account, emails))
    return _followed(stores, request)


def withdraw(stores: PrivacyStores, actor: Actor, request_id: UUID, now: datetime) -> Followed:
    """Raises RequestNotFound, RequestClosed."""
    request = stores.requests.request(request_id, lock=True)
    if request is None or request.account_id != actor.account_id:
        raise RequestNotFound
    request.require_open()
    closed = request.closed(State.WITHDRAWN, now)
    account = registry.account(stores.accounts, actor.account_id)
    _close(stores, closed, account, actor, now, outcome=messages.WITHDRAWN, note="")
    return _followed(stores, closed)


# The desk


def desk(
    stores: PrivacyStores,
    *,
    state: str | None,
    kind: str | None,
    overdue: bool,
    page: int,
    page_size: int,
    now: datetime,
) -> tuple[list[tuple[PrivacyRequest, str]], int, int]:
    """A page of requests with their account names, how many there are, and how many are late."""
    today = taipei_day(now)
    found, total = stores.requests.desk(
        state=state,
        kind=kind,
        late_on=today if overdue else None,
        limit=page_size,
        offset=(page - 1) * page_size,
    )
    return found, total, stores.requests.count_late(today)


def case(stores: PrivacyStores, actor: Actor, request_id: UUID, now: datetime) -> Case:
    """A request as an operator sees it; the look is recorded. Raises RequestNotFound."""
    request = stores.requests.request(request_id)
    if request is None:
        raise RequestNotFound
    _record(stores, "personal_data_viewed", request, actor, now)
    return _case(stores, request, actor)


def answer(
    stores: PrivacyStores, actor: Actor, request_id: UUID, version: int, note: str, now: datetime
) -> Case:
    """What was asked for was done, or told. Raises RequestNotFound, RequestClosed, RequestChanged, OwnRequest."""
    request = _decidable(stores, actor, request_id, version)
    account = registry.account(stores.accounts, request.account_id)
    closed = request.closed(State.DONE, now)
    _close(stores, closed, account, actor, now, outcome=messages.DONE, note=note)
    return _case(stores, closed, actor)


def refuse(
    stores: PrivacyStores, actor: Actor, request_id: UUID, version: int, note: str, now: datetime
) -> Case:
    """Art. 10 and 11 allow it in a few cases; the person is told the reason. Raises as `answer` does."""
    request = _decidable(stores, actor, request_id, version)
    account = registry.account(stores.accounts, request.account_id)
    closed = request.closed(State.REFUSED, now)
    _close(stores, closed, account, actor, now, outcome=messages.REFUSED, note=note)
    return _case(stores, closed, actor)


def extend(
    stores: PrivacyStores, actor: Actor, request_id: UUID, version: int, note: str, now: datetime
) -> Case:
    """As much time again, once; the person is told the reason. Raises as `answer` does, and ExtendedAlready."""
    request = _decidable(stores, actor, request_id, version)
    account = registry.account(stores.accounts, request.account_id)
    extended = request.with_more_time()
    stores.requests.save(extended)
    _step(stores, extended, "extended", actor, now, note)
    _announce(stores, extended, account, now, outcome=messages.EXTENDED, note=note)
    return _case(stores, extended, actor)


def carry_out(
    stores: PrivacyStores,
    actor: Actor,
    request_id: UUID,
    version: int,
    note: str,
    name: str | None,
    now: datetime,
) -> Case:
    """Do what was asked for: correct the name, stop (close the account), or delete (close it and forget who it was).

    Applications and decisions about them stay: public records are kept by law (Archives Act), and the Act excepts them
    (Art. 11, para. 3). Raises as `answer` does, and NotCarriedOut.
    """
    request = _decidable(stores, actor, request_id, version)
    if request.kind not in CARRIED_OUT:
        raise NotCarriedOut
    account = registry.locked_account(stores.accounts, request.account_id)
    closed = request.closed(State.DONE, now)
    # Told first: afterwards nobody knows where to.
    _close(stores, closed, account, actor, now, outcome=messages.DONE, note=note)
    if request.kind == "correct":
        if name:
            stores.requests.save_name(account.account_id, name)
    else:
        registry.close(stores.accounts, account.account_id, now)
        stores.outbox.announce(messages.account_closed(account, now))
    if request.kind == "delete":
        pseudonym = f"deleted-{account.account_id.hex[:12]}"
        stores.requests.pseudonymise(account.account_id, pseudonym=pseudonym, name=NOBODY)
    return _case(stores, closed, actor)


# The clock


def remind(stores: PrivacyStores, now: datetime) -> int:
    """Remind the operators of what is due within five days, and daily of what is due tomorrow or late."""
    today = taipei_day(now)
    due = stores.requests.due_before(today + timedelta(days=REMIND_BEFORE_DAYS), most=MOST_REMINDED)
    wanted = [request for request in due if is_to_be_reminded(request, today)]
    emails = stores.requests.operators_emails(MOST_OPERATORS) if wanted else ()
    for request in wanted:
        stores.requests.save(replace(request, reminded_on=today))
        stores.outbox.announce(messages.request_due_soon(request, emails, today))
    return len(wanted)


def _decidable(stores: PrivacyStores, actor: Actor, request_id: UUID, version: int) -> PrivacyRequest:
    request = stores.requests.request(request_id, lock=True)
    if request is None:
        raise RequestNotFound
    request.require_decidable(actor.account_id, version)
    return request


def _close(
    stores: PrivacyStores,
    closed: PrivacyRequest,
    account: Account,
    actor: Actor,
    now: datetime,
    *,
    outcome: str,
    note: str,
) -> None:
    stores.requests.save(closed)
    _step(stores, closed, closed.state.value, actor, now, note)
    _announce(stores, closed, account, now, outcome=outcome, note=note)


def _announce(
    stores: PrivacyStores,
    request: PrivacyRequest,
    account: Account,
    now: datetime,
    *,
    outcome: str,
    note: str,
) -> None:
    emails = registry.emails_of(stores.accounts, account.account_id)
    stores.outbox.announce(
        messages.request_answered(request, account, emails, outcome=outcome, note=note, now=now)
    )


RECORDED_AS = {
    "received": "privacy_request_received",
    "withdrawn": "privacy_request_withdrawn",
    "done": "privacy_request_answered",
    "refused": "privacy_request_refused",
    "extended": "privacy_request_extended",
}


def _step(
    stores: PrivacyStores, request: PrivacyRequest, what: str, actor: Actor, now: datetime, note: str
) -> None:
    stores.requests.add_step(request.request_id, now, what, actor.account_id, note)
    _record(stores, RECORDED_AS[what], request, actor, now)


def _record(stores: PrivacyStores, action: str, request: PrivacyRequest, actor: Actor, now: datetime) -> None:
    detail: dict[str, Any] = {"request_number": request.request_number, "kind": request.kind}
    record(
        stores.audit,
        action,
        now=now,
        subject_id=request.account_id,
        detail=detail,
        actor_account_id=actor.account_id,
        ip=actor.ip,
    )


def _followed(stores: PrivacyStores, request: PrivacyRequest) -> Followed:
    return Followed(request, stores.requests.steps_of([request.request_id]))


def _case(stores: PrivacyStores, request: PrivacyRequest, actor: Actor) -> Case:
    account = registry.account(stores.accounts, request.account_id)
    return Case(request, account, stores.requests.steps_of([request.request_id]), actor.account_id)
