"""What can be done with webhooks: keep what accounts says of them, take in events, record what was answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.telemetry import logger

from notify.messages.actions import write_messages
from notify.messages.rules import Message
from notify.webhooks import messages
from notify.webhooks.rules import TOLD_AFTER, NewEvent, Result, Webhook, WebhookUnknown
from notify.webhooks.store import WebhookStore

log = logger()


def keep(tx: Tx, webhook: Webhook, now: datetime) -> None:
    """As accounts says. What waits for one that was removed is not sent any more."""
    store = WebhookStore(tx)
    store.keep(webhook)
    if webhook.state == "removed" and (dropped := store.drop_waiting(webhook.webhook_id, now)):
        log.warning("webhook removed with events that were not sent", webhook=webhook.name, events=dropped)
    store.wake(webhook.webhook_id)


def named(tx: Tx, name: str, *, hold: bool = False) -> Webhook:
    """`hold`: nobody else changes it until the transaction ends. Raises WebhookUnknown."""
    found = WebhookStore(tx).named(name, hold=hold)
    if found is None:
        raise WebhookUnknown(name)
    return found


def waiting(tx: Tx, webhook: Webhook, most: int) -> int:
    """How many events wait for it; counted no further than `most`."""
    return WebhookStore(tx).waiting(webhook.webhook_id, most)


def wake(tx: Tx, webhook: Webhook) -> None:
    """After the commit, whoever sends to it looks again."""
    WebhookStore(tx).wake(webhook.webhook_id)


def take_in(tx: Tx, webhook: Webhook, events: Sequence[NewEvent], now: datetime) -> int:
    """Queue events for a webhook, each once. Returns how many were new."""
    return WebhookStore(tx).add(webhook.webhook_id, events, now)


def record(tx: Tx, webhook: Webhook, results: Sequence[Result], now: datetime) -> None:
    """What became of events. A receiver that says 410 is sent nothing more; its owner is told, and also when nothing
    was taken for a day."""
    store = WebhookStore(tx)
    store.record(webhook.webhook_id, results)
    last = results[-1].answer
    if any(each.answer.is_taken for each in results):
        store.taken(webhook.webhook_id)
    said = last.problem or f"HTTP {last.status}"
    if not last.is_taken:
        store.failing(webhook.webhook_id, said, now)
    if any(each.answer.is_gone for each in results) and store.stop(webhook.webhook_id, webhook.url, now):
        log.warning("webhook stopped by its receiver", webhook=webhook.name)
        _tell_owner(tx, messages.trouble_notice(webhook, gone=True, problem=said, since=now))
    elif (since := store.owner_to_be_told(webhook.webhook_id, now - TOLD_AFTER, now)) is not None:
        log.warning("webhook takes no events", webhook=webhook.name)
        _tell_owner(tx, messages.trouble_notice(webhook, gone=False, problem=said, since=since))


def _tell_owner(tx: Tx, notice: Message) -> None:
    """The senders of this process find it at their next look, those of the others are woken."""
    write_messages(tx, [notice], datetime.now(UTC))
