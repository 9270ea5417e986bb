"""How notify hears of webhooks, and what sends to them."""

from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.consumer import on_event

from notify.webhooks import actions, messages
from notify.webhooks.sending import WebhookSender
from notify.webhooks.threads import on_every_webhook


class WebhookEndpoints:
    """One process sends to a webhook at a time; each webhook has threads of its own."""

    @on_event(messages.WebhookChanged, group="webhooks")
    def keep_webhook(self, tx: Tx, event: messages.WebhookChanged) -> None:
        actions.keep(tx, messages.webhook_of(event), datetime.now(UTC))

    @on_every_webhook
    def send_to_webhook(self, sender: WebhookSender) -> int:
        return sender.send_due()
