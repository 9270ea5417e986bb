"""The owner of a downstream system has to do something about it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class SubscriberReminderDue(Event):
    """A secret or grants of a downstream system end soon: its owner is told, 30 and 7 days before.

    `what` is `secret`, `grant` or `scope`; `items` are users of the broker, events or scopes. `ends_on` is the Taipei
    day, the last one of a grant and the one in which a secret ends.
    """

    WHAT_SECRET: ClassVar[str] = "secret"  # noqa: S105
    WHAT_GRANT: ClassVar[str] = "grant"
    WHAT_SCOPE: ClassVar[str] = "scope"

    source = "accounts"
    aggregate = "subscriber"
    subject = "subscriber_id"
    holds = Holds.SECRETS

    subscriber_id: UUID
    name: str
    title: str
    email: str
    what: str
    items: tuple[str, ...]
    ends_on: date
    days_left: int
    locale: str = "zh-Hant"


@dataclass(frozen=True, kw_only=True)
class SubscriberQueueFilling(Event):
    """The queue of a downstream system has reached half of one of its limits.

    Its owner is told, once until it is below again.

    `share` is per cent of the limit that is nearest. `oldest_hours` is the age of the oldest message, None where it is
    not known.
    """

    source = "accounts"
    aggregate = "subscriber"
    subject = "subscriber_id"
    holds = Holds.SECRETS

    subscriber_id: UUID
    name: str
    title: str
    email: str
    queue: str
    messages: int
    share: int
    measured_at: datetime
    oldest_hours: int | None = None
    locale: str = "zh-Hant"
