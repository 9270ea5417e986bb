"""What can be done with what a provider posted: judge it, read it, record what it says."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime

from mtnet_chassis.data.database import Tx
from mtnet_chassis.telemetry import logger
from prometheus_client import Counter

from notify.channels.registry import channel_plans
from notify.channels.rules import Webhook, WebhookForged, WebhookUnreadable
from notify.deliveries.actions import record_receipt
from notify.settings import Settings

RECEIPTS = Counter(
    "mtnet_receipts_total",
    "Receipts of providers by channel and outcome (recorded, unknown, forged, unreadable).",
    ["channel", "outcome"],
)

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
