"""What every channel has in common: what it is asked to send, what a provider may answer, what it needs to be told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from notify.templates.rules import Kind, Links


class Failure(StrEnum):
    """Why a delivery will not be tried again."""

    RECIPIENT_REFUSED = "RECIPIENT_REFUSED"
    MESSAGE_REFUSED = "MESSAGE_REFUSED"
    EXPIRED = "EXPIRED"
    GAVE_UP = "GAVE_UP"
    UNREADABLE = "UNREADABLE"
    BOUNCED = "BOUNCED"


class Refusal(Exception):
    """The provider will never accept this message. `failure` says why, `detail` is its answer in codes."""

    def __init__(self, failure: Failure, detail: str) -> None:
        super().__init__(detail)
        self.failure = failure
        self.detail = detail


class Deferral(Exception):
    """The provider may accept this message later."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Doubt(Exception):
    """The provider refuses, and its answer may be about this message or about us: what becomes of others decides.

    `failure` says why the delivery fails if the answer was about the message. None: this answer alone never fails it.
    """

    def __init__(self, detail: str, failure: Failure | None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.failure = failure


class Outage(Exception):
    """The provider accepts nothing at present: it is away, overloaded, or does not let us in."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


@dataclass(frozen=True)
class OutgoingMessage:
    """One message to one recipient. `details` fill the template; a secret among them is opened already."""

    message_id: UUID
    recipient: str
    kind: Kind
    template_version: int
    locale: str
    details: Mapping[str, Any]
    urgent: bool


class Connection(Protocol):
    """One connection to a provider. It is used by one thread at a time, and opened again as needed."""

    def send(self, message: OutgoingMessage) -> str:
        """Render and send. Returns the provider's answer in codes. Raises Refusal, Deferral, Doubt, Outage."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Setting:
    """An environment variable of a channel. Without a default, the channel cannot do without it."""

    name: str
    meaning: str
    default: str | None = None


@dataclass(frozen=True)
class Limit:
    """An environment variable that holds a whole number, with a default."""

    name: str
    default: int


@dataclass(frozen=True)
class ChannelPlan:
    """What a channel's folder provides: its settings, its limits in one process, and how to connect.

    `connect` gets the settings by name and makes one connection. It raises ValueError for a setting that cannot work.
    """

    provider: str
    settings: tuple[Setting, ...]
    per_second: Limit
    connections: Limit
    connect: Callable[[Mapping[str, str], Links], Connection]
