"""Things that come in, tickets and people for the tests of the helpdesk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from helpdesk.deadlines.rules import WorkingCalendar, begin
from helpdesk.desk_people.rules import Agent
from helpdesk.tickets.rules import Inbound, State, Ticket
from mtnet_chassis.rpc.actor import Actor, ActorSigner, ActorVerifier
from mtnet_chassis.runtime.services import entrypoints_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = ActorVerifier(KEY.public_key().public_bytes_raw())
# Thursday, 10:00 in Taipei.
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
CALENDAR = WorkingCalendar()
MAIL = "clerk@example.com"


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def an_inbound(**changes) -> Inbound:
    made = Inbound(
        item_id=uuid4(),
        channel="email",
        address=MAIL,
        name="船務代理公司承辦人",
        subject="無法送出船舶進港申請",
        text="按下送出後沒有反應，請協助。",
        message_id=f"<{uuid4()}@example.com>",
        received_at=NOW,
    )
    return replace(made, **changes)


def an_agent(name: str = "客服人員", **changes) -> Agent:
    return replace(Agent(uuid4(), name), **changes)


def an_actor(*roles: str, **changes) -> Actor:
    made = Actor(
        account_id=uuid4(),
        account_name="helpdesk1",
        display_name="客服人員",
        roles=frozenset(roles or {"helpdesk_agent"}),
        session_id=uuid4(),
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )
    return replace(made, **changes)


def a_ticket(state: State = State.NEW, **changes) -> Ticket:
    """As it was opened at NOW; in another state, it got there by itself."""
    made = Ticket(
        ticket_id=uuid4(),
        number="HD2026-000001",
        requester_id=uuid4(),
        channel="email",
        address=MAIL,
        locale="zh-Hant",
        subject="無法送出船舶進港申請",
        state=State.NEW,
        priority="normal",
        category=None,
        team="first_line",
        created_at=NOW,
        updated_at=NOW,
        last_inbound_at=NOW,
        deadlines=begin("normal", NOW, CALENDAR),
        link_token="mzxw6ytboi4dqmrqgm3tsnbvgy3toobz",
    )
    if state in (State.CLOSED, State.REOPENED):
        made = made.moved(State.RESOLVED, NOW, CALENDAR)
    if state != State.NEW:
        made = made.moved(state, NOW, CALENDAR)
    return replace(made, **changes)


class Asking:
    """`asking("ticket", of=an_actor(), number="HD2026-000001")`; without `of` nobody is logged in."""

    def __init__(self, transactions):
        from helpdesk.service import HelpdeskService

        self.endpoints = {
            e.endpoint.call.name: e.endpoint
            for e in entrypoints_of(HelpdeskService)
            if hasattr(e, "endpoint")
        }
        self.service = HelpdeskService()
        self.service.database = self.database = transactions

    def __call__(self, call, *, of=None, key=None, **request):
        body = {"idempotency_key": key, "request": request}
        if of is not None:
            body["actor"] = ActorSigner(KEY.private_bytes_raw()).sign(of)
        return self.endpoints[call].answer(self.service, body, database=self.database, verifier=VERIFIER)
