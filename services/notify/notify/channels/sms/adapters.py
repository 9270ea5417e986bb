"""Text messages, by one company or by two."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from notify.channels.rules import ChannelPlan, Connection, Limit, OutgoingMessage, Setting
from notify.channels.sms.failover import Failover, Shares
from notify.channels.sms.providers import FormGateway, SmsGateway, SmsProvider
from notify.channels.sms.rules import Share
from notify.templates.actions import render_text
from notify.templates.rules import Links

__all__ = ["CHANNEL", "SmsConnection", "SmsGateway"]


@dataclass
class SmsConnection:
    """Renders a text message and hands it to the provider."""

    gateway: SmsProvider
    links: Links

    def send(self, message: OutgoingMessage) -> str:
        text = render_text(
            self.links, message.kind, message.template_version, message.locale, message.details, "sms"
        )
        return self.gateway.send(message.delivery_id, message.recipient, text)

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


@cache
def _shares(text: str) -> Shares:
    """`70:30`, known to all connections of this process. Raises ValueError."""
    parts = text.split(":")
    if (
        len(parts) != 2
        or not all(part.isascii() and part.isdecimal() for part in parts)
        or not any(map(int, parts))
    ):
        raise ValueError("NOTIFY_SMS_SHARES is 50:50, or other whole numbers that are not both 0.")
    weights = zip(("first", "second"), map(int, parts), strict=True)
    return Shares({name: Share(name, weight) for name, weight in weights})


CHANNEL = ChannelPlan(
    provider="A text message gateway over HTTP, and a second one beside it if you like.",
    settings=(
        Setting("NOTIFY_SMS_URL", "the gateway's address"),
        Setting("NOTIFY_SMS_TOKEN", "our token there, sent as `Authorization: Bearer`"),
        Setting("NOTIFY_SMS_SECOND_URL", "the second gateway, which takes a form; empty: there is none", ""),
        Setting("NOTIFY_SMS_SECOND_TOKEN", "our key there", ""),
        Setting("NOTIFY_SMS_SHARES", "how many of a hundred go to the first and to the second", "50:50"),
    ),
    per_second=Limit("NOTIFY_SMS_PER_SECOND", 20),
    connections=Limit("NOTIFY_SMS_CONNECTIONS", 3),
    connect=connect,
)
