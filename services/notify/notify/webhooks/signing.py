"""Sign an event after Standard Webhooks, with each secret that is valid: two while one is being renewed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from standardwebhooks import Webhook as Signer

from notify.webhooks.rules import DueEvent, headers_of


def signed_headers(due: DueEvent, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers of an event. A try later has the same id, and a time and signatures of its own."""
    text = due.body.decode()
    signatures = " ".join(Signer(each).sign(str(due.event_id), now, text) for each in secrets)
    return {
        "Content-Type": "application/json",
        "User-Agent": "MTNet-Webhooks/1",
        **headers_of(due.attributes),
        "webhook-id": str(due.event_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures,
    }
