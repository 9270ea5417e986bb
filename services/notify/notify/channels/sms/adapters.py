"""Text messages, by one company or by two."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from notify.channels.rules import (
    Accepted,
    ChannelPlan,
    Company,
    Connection,
    Limit,
    OutgoingMessage,
    Receipt,
    Setting,
    Webhook,
    WebhookForged,
    WebhookUnreadable,
)
from notify.channels.sms.failover import Failover, Shares
from notify.channels.sms.providers import (
    FormGateway,
    SmsGateway,
    SmsProvider,
    form_receipts,
    json_receipts,
)
from notify.channels.sms.rules import Share
from notify.channels.webhooks import check_signature
from notify.templates.actions import render_text
from notify.templates.rules import Links

# Companies try a telephone that is switched off for one to three days.
RECEIPT_WITHIN = timedelta(hours=72)

__all__ = ["CHANNEL", "SmsConnection", "SmsGateway"]


@dataclass
class SmsConnection:
    """Renders a text message and hands it to the provider."""

    gateway: SmsProvider
    links: Links

    def send(self, message: OutgoingMessage) -> Accepted:
        """Receipts name the delivery, which is our reference at every try."""
        text = render_text(
            self.links, message.kind, message.template_version, message.locale, message.details, "sms"
        )
        return Accepted(self.gateway.send(message.delivery_id, message.recipient, text), final=False)

    def adopt(self, known: Mapping[str, Any]) -> None:
        if isinstance(self.gateway, Failover):
            self.gateway.shares.adopt(known)

    def found_out(self) -> Mapping[str, Any]:
        return self.gateway.shares.found_out() if isinstance(self.gateway, Failover) else {}

    def close(self) -> None:
        self.gateway.close()


def connect(settings: Mapping[str, str], links: Links) -> Connection:
    """Raises ValueError for shares that are none."""
    first = SmsGateway(settings["NOTIFY_SMS_URL"], settings["NOTIFY_SMS_TOKEN"])
    if not (url := settings["NOTIFY_SMS_SECOND_URL"]):
        return SmsConnection(first, links)
    second = FormGateway(url, settings["NOTIFY_SMS_SECOND_TOKEN"])
    shares = _shares(settings["NOTIFY_SMS_SHARES"])
    return SmsConnection(
        Failover({"first": first, "second": second}, shares, lambda: datetime.now(UTC)), links
    )


def companies(settings: Mapping[str, str], known: Mapping[str, Any], now: datetime) -> Sequence[Company]:
    """Raises ValueError for shares that are none."""
    if not settings["NOTIFY_SMS_SECOND_URL"]:
        return []
    shares = [share.as_known(known.get(share.name, {})) for share in _weights(settings["NOTIFY_SMS_SHARES"])]
    parts = [share.part(now) for share in shares]
    whole = sum(parts) or 1.0
    return [
        Company(share.name, round(100 * part / whole), share.failing_since, share.is_lost)
        for share, part in zip(shares, parts, strict=True)
    ]


@cache
def _shares(text: str) -> Shares:
    """Known to all connections of this process. Raises ValueError."""
    return Shares({share.name: share for share in _weights(text)})


def _weights(text: str) -> list[Share]:
    """Of `70:30`. Raises ValueError."""
    parts = text.split(":")
    if (
        len(parts) != 2
        or not all(part.isascii() and part.isdecimal() for part in parts)
        or not any(map(int, parts))
    ):
        raise ValueError("NOTIFY_SMS_SHARES is 50:50, or other whole numbers that are not both 0.")
    return [Share(name, int(part)) for name, part in zip(("first", "second"), parts, strict=True)]


def read_receipts(webhook: Webhook, settings: Mapping[str, str]) -> Sequence[Receipt]:
    """Of `/webhooks/sms/first` and `/webhooks/sms/second`. Raises WebhookForged, WebhookUnreadable."""
    if webhook.provider not in RECEIPTS:
        raise WebhookForged
    key, read = RECEIPTS[webhook.provider]
    check_signature(webhook, settings[key])
    receipts = read(webhook)
    if receipts is None:
        raise WebhookUnreadable("state and reference")
    return receipts


# By the last part of the address: the setting with the key, and the company's own form.
RECEIPTS: Mapping[str, tuple[str, Callable[[Webhook], Sequence[Receipt] | None]]] = {
    "first": ("NOTIFY_SMS_TOKEN", json_receipts),
    "second": ("NOTIFY_SMS_SECOND_TOKEN", form_receipts),
}

CHANNEL = ChannelPlan(
    provider="A text message gateway over HTTP, and a second one beside it if you like.",
    settings=(
        Setting("NOTIFY_SMS_URL", "the gateway's address"),
        Setting(
            "NOTIFY_SMS_TOKEN",
            "our token there, sent as `Authorization: Bearer`; its receipts are signed with it",
        ),
        Setting("NOTIFY_SMS_SECOND_URL", "the second gateway, which takes a form; empty: there is none", ""),
        Setting("NOTIFY_SMS_SECOND_TOKEN", "our key there; its receipts are signed with it", ""),
        Setting("NOTIFY_SMS_SHARES", "how many of a hundred go to the first and to the second", "50:50"),
    ),
    per_second=Limit("NOTIFY_SMS_PER_SECOND", 20),
    connections=Limit("NOTIFY_SMS_CONNECTIONS", 3),
    connect=connect,
    read_receipts=read_receipts,
    receipt_within=RECEIPT_WITHIN,
    companies=companies,
)
