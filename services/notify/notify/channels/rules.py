"""What every channel has in common: what it is asked to send, what a provider may answer, what it needs to be told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from mtnet_contracts.vocabulary.dates import TAIPEI
from mtnet_contracts.vocabulary.notices import Category
from mtnet_contracts.vocabulary.office_calendar import OfficeCalendar

from notify.contact_points.rules import Person
from notify.templates.rules import Kind, Links

# Longer than any row of days without work.
MOST_DAYS_SHUT = 31


class Failure(StrEnum):
    """Why a delivery will not be tried again."""

    RECIPIENT_REFUSED = "RECIPIENT_REFUSED"
    MESSAGE_REFUSED = "MESSAGE_REFUSED"
    EXPIRED = "EXPIRED"
    GAVE_UP = "GAVE_UP"
    UNREADABLE = "UNREADABLE"
    # The person has blocked us.
    BLOCKED = "BLOCKED"
    # The month's messages are used up; what is left may be kept for what weighs more.
    QUOTA = "QUOTA"
    BOUNCED = "BOUNCED"
    # What a provider tells later. Of a fax: the line was busy, nobody picked up, what picked up was no fax machine.
    BUSY = "BUSY"
    NO_ANSWER = "NO_ANSWER"
    NO_CARRIER = "NO_CARRIER"
    UNDELIVERED = "UNDELIVERED"


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
    """The provider accepts nothing at present: it is away, overloaded, or does not let us in.

    `not_taken`: it has certainly not taken this message, so that another provider may have it.
    """

    def __init__(self, detail: str, *, not_taken: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.not_taken = not_taken


@dataclass(frozen=True)
class Accepted:
    """The provider took the message. `detail` is its answer in codes.

    `provider_ref` is what the provider calls it: its receipts name that. `final`: no receipt will follow, so that
    accepted is all that will ever be known.
    """

    detail: str
    provider_ref: str | None = None
    final: bool = True


class ReceiptOutcome(StrEnum):
    """What a provider tells later about a message that it took."""

    DELIVERED = "delivered"
    RETRY = "retry"
    FAILED = "failed"


@dataclass(frozen=True)
class Receipt:
    """What a provider tells about one delivery, which it names by its own reference, by ours, or by both.

    `failure`: why it failed; of a retry, what is said when there is none left. `detail` is the provider's answer in
    codes; `pages`: of a fax, how many arrived.
    """

    channel: str
    outcome: ReceiptOutcome
    provider_ref: str | None = None
    delivery_id: UUID | None = None
    failure: Failure | None = None
    detail: str = ""
    pages: int | None = None

    def __post_init__(self) -> None:
        if self.provider_ref is None and self.delivery_id is None:
            raise ValueError("a receipt names its delivery")
        if self.outcome is ReceiptOutcome.FAILED and self.failure is None:
            raise ValueError("a receipt of a failure says why")


@dataclass(frozen=True)
class Webhook:
    """What a provider posted to us. Names of headers are in lower case; `provider` is a part of the address."""

    body: bytes
    headers: Mapping[str, str]
    provider: str = ""


class WebhookForged(Exception):
    """It is not signed by who it should come from."""


class WebhookUnreadable(Exception):
    """It is signed, and says nothing that we understand."""


@dataclass(frozen=True)
class OutgoingMessage:
    """One message to one recipient. `details` fill the template; a secret among them is opened already.

    `delivery_id` is the same for every attempt: by it a provider recognises what it took before. `first_tried_at` is
    when it can have heard of it first. `person`: None where a code or an operator is written to.
    """

    message_id: UUID
    delivery_id: UUID
    recipient: str
    kind: Kind
    template_version: int
    locale: str
    details: Mapping[str, Any]
    urgent: bool
    category: Category
    person: Person | None = None
    first_tried_at: datetime | None = None


class Connection(Protocol):
    """One connection to a provider. It is used by one thread at a time, and opened again as needed."""

    def send(self, message: OutgoingMessage) -> str | Accepted:
        """Render and send. Returns the provider's answer in codes. Raises Refusal, Deferral, Doubt, Outage."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class SeveralProviders(Protocol):
    """A connection behind which there are several providers. What one process finds out about each holds for all."""

    def adopt(self, known: Mapping[str, Any]) -> None:
        """What other processes know, by provider."""
        ...

    def found_out(self) -> Mapping[str, Any]:
        """What is new here since it was asked last, as JSON values by provider."""
        ...


class SendsToMany(Protocol):
    """A connection to a provider that takes one text for many people in one call."""

    def multicast(
        self, retry_key: UUID, recipients: Sequence[str], text: str, *, legal: bool = False
    ) -> object:
        """All or (Refusal) none. The same recipients at each try with this key, which is accepted once.

        Raises Refusal, Deferral, Doubt, Outage.
        """
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
class Window:
    """Hours of the day in Taipei, on the working days of `calendar` (None: every day), such as those of an office."""

    opens: time
    closes: time
    calendar: OfficeCalendar | None = None

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("hours begin before they end")

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself if it lies within the hours, else when they next begin."""
        local = moment.astimezone(TAIPEI)
        for days in range(MOST_DAYS_SHUT):
            day = local.date() + timedelta(days=days)
            opens = datetime.combine(day, self.opens, TAIPEI)
            if self._is_open_on(day) and local < datetime.combine(day, self.closes, TAIPEI):
                return moment if opens <= local else opens.astimezone(UTC)
        raise ValueError("the calendar has no working days")

    def _is_open_on(self, day: date) -> bool:
        return self.calendar is None or self.calendar.is_working_day(day)


def doubling(first: timedelta, longest: timedelta) -> tuple[timedelta, ...]:
    """From one delay to the longest, each twice the one before."""
    delays = [first]
    while delays[-1] < longest:
        delays.append(min(delays[-1] * 2, longest))
    return tuple(delays)


@dataclass(frozen=True)
class RetryPolicy:
    """When what was put off is tried again.

    `delays` before the second attempt, the third …; the last one repeats. Up to `jitter` of each is taken off at
    random, so that many do not come back at once. It is given up `give_up_after` the first time it was put off, or
    when it was put off `most_deferrals` times. `window`: the only hours at which anything is sent, at first too;
    a function where a setting says them.
    """

    delays: tuple[timedelta, ...] = doubling(timedelta(seconds=5), timedelta(hours=1))
    give_up_after: timedelta = timedelta(hours=48)
    most_deferrals: int | None = None
    jitter: float = 0.5
    window: Window | Callable[[], Window | None] | None = None

    def open_at(self, moment: datetime) -> datetime:
        """The first moment from then on at which something may be sent."""
        window = self.window() if callable(self.window) else self.window
        return window.next_open(moment) if window else moment


@dataclass(frozen=True)
class Company:
    """One of several companies of a channel: how many of a hundred messages it gets at present, and how it is."""

    name: str
    share: int
    failing_since: datetime | None
    is_lost: bool


@dataclass(frozen=True)
class ChannelPlan:
    """What a channel's folder provides: its settings, its limits, and how to connect.

    `connect` gets the settings by name and makes one connection. It raises ValueError for a setting that cannot work.
    `read_receipts`, of a provider that posts its receipts, reads them; it raises WebhookForged, WebhookUnreadable.
    `poll_receipts` asks a provider that does not about these references; it raises Outage. A receipt that has not come
    `receipt_within` the time of sending will not come any more.
    `to_many`: the same for one text to many people, where the provider takes them in one call.
    `companies`: of a channel with several, their shares, from the settings and what all processes know of them.
    """

    provider: str
    settings: tuple[Setting, ...]
    per_second: Limit
    connections: Limit
    connect: Callable[[Mapping[str, str], Links], Connection]
    retry: RetryPolicy = RetryPolicy()
    read_receipts: Callable[[Webhook, Mapping[str, str]], Sequence[Receipt]] | None = None
    poll_receipts: Callable[[Mapping[str, str], Sequence[str]], Sequence[Receipt]] | None = None
    receipt_within: timedelta | None = None
    to_many: Callable[[Mapping[str, str]], SendsToMany] | None = None
    companies: Callable[[Mapping[str, str], Mapping[str, Any], datetime], Sequence[Company]] | None = None
