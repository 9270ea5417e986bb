"""Calls of notify as the gateway makes them, by accounts and by applicants."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mtnet_chassis.rpc.actor import Actor, ActorSigner, ActorVerifier
from mtnet_chassis.rpc.holder import Holder, PassSigner
from mtnet_chassis.runtime.services import entrypoints_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = ActorVerifier(KEY.public_key().public_bytes_raw())


class Woken:
    """Instead of the senders of a process: which channels were woken."""

    def __init__(self):
        self.channels = []

    def __getitem__(self, channel):
        self.channels.append(channel)
        return self

    def wake(self, **_):
        pass


class Asking:
    """`asking("own_messages", of=an_actor(), page=1)`; `of` may be a Holder, or nobody."""

    def __init__(self, transactions):
        from notify.service import NotifyService

        self.endpoints = {
            e.endpoint.call.name: e.endpoint for e in entrypoints_of(NotifyService) if hasattr(e, "endpoint")
        }
        self.service = NotifyService()
        self.service.database = self.database = transactions
        self.service.senders = self.senders = Woken()

    def __call__(self, call, *, of=None, key=None, **request):
        body = {"idempotency_key": key, "request": request}
        if isinstance(of, Holder):
            body["pass"] = PassSigner(KEY.private_bytes_raw()).sign(of)
        elif of is not None:
            body["actor"] = ActorSigner(KEY.private_bytes_raw()).sign(of)
        return self.endpoints[call].answer(self.service, body, database=self.database, verifier=VERIFIER)


def in_two_minutes():
    return datetime.now(UTC) + timedelta(minutes=2)


def an_owner(account_id=None, *roles):
    return Actor(
        account_id=account_id or uuid4(),
        account_name="carrier2026",
        display_name="海運業務承辦人",
        roles=frozenset(roles or {"member"}),
        session_id=uuid4(),
        expires_at=in_two_minutes(),
    )


def a_holder(application_id: UUID | None = None):
    return Holder(
        application_id=application_id or uuid4(),
        case_number="PTAPPLY936EC90162340",
        expires_at=in_two_minutes(),
    )


def choices_on_record(transactions, person_id):
    """What was announced of this person's choices, oldest first."""
    with transactions.transaction() as tx:
        rows = tx.execute(
            "SELECT payload::jsonb FROM outbox WHERE name = 'NotificationChoiceChanged' AND subject = %s"
            " ORDER BY position",
            (str(person_id),),
        ).fetchall()
    return [row[0] for row in rows]
