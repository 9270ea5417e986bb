"""What can be done with what a provider posted: judge it, read it, record what it says."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime

from mtnet_chassis.data.database import Transactions, Tx
from mtnet_chassis.telemetry import logger
from prometheus_client import Counter

from notify.channels.registry import channel_plans
from notify.channels.rules import (
    ChannelPlan,
    Failure,
    Outage,
    Receipt,
    ReceiptOutcome,
    Webhook,
    WebhookForged,
    WebhookUnreadable,
)
from notify.deliveries.actions import record_receipt, without_receipt
from notify.settings import Settings

RECEIPTS = Counter(
    "mtnet_receipts_total",
    "Receipts of providers by channel and outcome (recorded, unknown, forged, unreadable).",
    ["channel", "outcome"],
)

# Of one channel at a time; what is left comes with the next round.
MOST_ASKED_ABOUT = 2000

log = logger()


def receive(
    tx: Tx,
    settings: Settings,
    now: datetime,
    *,
    channel: str,
    provider: str,
    body: str,
    headers: Mapping[str, str],
) -> str:
    """One of OUTCOMES of the contract. Everything may come twice, early and in any order."""
    read = channel_plans()[channel].read_receipts
    if read is None:
        return "not_offered"
    try:
        webhook = Webhook(base64.b64decode(body, validate=True), headers, provider)
        receipts = read(webhook, settings.channels[channel].values)
    except WebhookForged:
        outcome = "forged"
    except (WebhookUnreadable, binascii.Error) as problem:
        outcome = "unreadable"
        log.warning("receipt unreadable", channel=channel, provider=provider, problem=str(problem))
    else:
        # Each of them, also after one that is unknown: what is sent again changes nothing where it is recorded.
        known = [record_receipt(tx, receipt, now) for receipt in receipts]
        outcome = "recorded" if all(known) else "unknown"
    RECEIPTS.labels(channel, outcome).inc()
    return outcome


def poll(
    database: Transactions,
    channel: str,
    plan: ChannelPlan,
    values: Mapping[str, str],
    clock: Callable[[], datetime],
) -> int:
    """Ask a provider that posts nothing, and give up receipts that are overdue. Returns how many were recorded.

    Every replica may do so: a receipt counts once. Raises psycopg.Error.
    """
    now = clock()
    with database.transaction() as tx:
        waiting = without_receipt(tx, channel, MOST_ASKED_ABOUT)
    receipts: list[Receipt] = []
    if plan.poll_receipts is not None and (named := [ref for _, ref, _ in waiting if ref]):
        try:
            receipts += plan.poll_receipts(values, named)
        except Outage as outage:
            log.warning("provider tells nothing of what it took", channel=channel, answer=outage.detail)
    if plan.receipt_within is not None:
        told = {receipt.provider_ref for receipt in receipts}
        receipts += [
            Receipt(channel, ReceiptOutcome.FAILED, ref, delivery_id, Failure.EXPIRED, "no receipt")
            for delivery_id, ref, sent_at in waiting
            if now - sent_at > plan.receipt_within and (ref is None or ref not in told)
        ]
    with database.transaction() as tx:
        return sum(record_receipt(tx, receipt, now) for receipt in receipts)
