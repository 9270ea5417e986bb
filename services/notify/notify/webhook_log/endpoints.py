"""How operators see a webhook, and what they can do about it."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import caller_of, endpoint
from mtnet_contracts.calls.notify import webhooks as calls
from mtnet_contracts.event import new_event_id
from mtnet_contracts.vocabulary.choices import Role

from notify.operator_acts.actions import note_act
from notify.webhook_log import actions
from notify.webhook_log.rules import Asked, state_of
from notify.webhooks.rules import (
    DeliveryUnknown,
    StillWaiting,
    Webhook,
    WebhookNotPaused,
    WebhookPaused,
    WebhookUnknown,
)

OPERATORS: tuple[Role, ...] = ("operator",)


def _signed_in(service: Any, tx: Tx, actor: Actor, request: dict[str, Any]) -> str:
    """The role is all that is asked for. Returns the caller."""
    return caller_of(actor)


def _noted(
    tx: Tx, actor: Actor, action: str, webhook: Webhook, event_id: UUID | None = None, reason: str = ""
) -> dict[str, Any]:
    now = datetime.now(UTC)
    # As text: an id alone would be taken for that of a person or a case.
    event = f"webhook-id {event_id}" if event_id else None
    note_act(Outbox(tx), actor, action, now, name=webhook.name, reason=reason, event=event)
    return {"state": state_of(webhook), "event_id": event_id}


class WebhookLogEndpoints:
    refusals: ClassVar[dict[type[Exception], Any]] = {
        WebhookUnknown: "WEBHOOK_NOT_FOUND",
        DeliveryUnknown: "DELIVERY_NOT_FOUND",
        StillWaiting: "STILL_ON_ITS_WAY",
        WebhookPaused: "WEBHOOK_PAUSED",
        WebhookNotPaused: "WEBHOOK_NOT_PAUSED",
    }

    @endpoint(calls.WEBHOOK_LOG, roles=OPERATORS)
    def webhook_log(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        asked = Asked(**{name: request[name] for name in ("state", "event", "event_id", "before", "limit")})
        return actions.log_of(tx, request["name"], asked, datetime.now(UTC))

    @endpoint(calls.WEBHOOK_DELIVERY, roles=OPERATORS)
    def webhook_delivery(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        return actions.one_of(tx, request["name"], request["event_id"])

    @endpoint(calls.SEND_EVENT_AGAIN, roles=OPERATORS, authorise=_signed_in)
    def send_event_again(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        event_id = request["event_id"]
        webhook = actions.send_again(tx, request["name"], event_id, datetime.now(UTC))
        return _noted(tx, actor, "webhook_event_sent_again", webhook, event_id, request["reason"])

    @endpoint(calls.TEST_WEBHOOK, roles=OPERATORS, authorise=_signed_in)
    def test_webhook(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        event_id = new_event_id()
        webhook = actions.send_test(tx, request["name"], event_id, datetime.now(UTC))
        return _noted(tx, actor, "webhook_tested", webhook, event_id, request["reason"])

    @endpoint(calls.PAUSE_WEBHOOK, roles=OPERATORS, authorise=_signed_in)
    def pause_webhook(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        name, reason = request["name"], request["reason"]
        webhook = actions.pause(tx, name, actor.account_name, reason, datetime.now(UTC))
        return _noted(tx, actor, "webhook_paused", webhook, reason=reason)

    @endpoint(calls.RESUME_WEBHOOK, roles=OPERATORS, authorise=_signed_in)
    def resume_webhook(self, tx: Tx, actor: Actor, request: dict[str, Any]) -> Any:
        webhook = actions.resume(tx, request["name"])
        return _noted(tx, actor, "webhook_resumed", webhook, reason=request["reason"])
