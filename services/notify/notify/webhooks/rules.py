"""What an answer of a webhook's receiver means, when it is tried again, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

from notify.channels.rules import Failure, RetryPolicy, doubling
from notify.deliveries.rules import next_attempt
from notify.providers.rules import CLOSED, CircuitBreaker

# 5 s, 10 s, 20 s … 4 h, for three days from the first try that failed.
RETRIES = RetryPolicy(
    delays=doubling(timedelta(seconds=5), timedelta(hours=4)), give_up_after=timedelta(days=3), jitter=0.2
)
LONGEST_RETRY_AFTER = timedelta(hours=24)
# Of an answer, so much is kept; no more of it is read.
KEPT_BYTES = 2048
# Beyond it, events stay in the system's queue, which is bounded and watched.
MOST_WAITING = 10_000
# Beyond it, the oldest that have ended are forgotten.
MOST_KEPT = 10_000
KEPT_DAYS = 14
# How many a receiver gets at a time, and how long one round of them may begin new ones.
AT_ONCE = 4
LARGEST_BATCH = 50
ROUND_SECONDS = 1.0
GONE = 410
# An owner whose receiver has taken nothing for so long is told by mail, once.
TOLD_AFTER = timedelta(days=1)
TEST_EVENT = "mtnet.WebhookTested"
# Attributes of a message on the broker that travel as headers: cloudEvents_id becomes ce-id.
PREFIX = "cloudEvents_"
LONGEST_ATTRIBUTE = 500


class WebhookUnknown(Exception):
    """No system of this name has a webhook."""


class DeliveryUnknown(Exception):
    """Nothing of this number was sent to this webhook, or it is forgotten."""


class StillWaiting(Exception):
    """It has not ended yet: it is tried again by itself."""


class WebhookPaused(Exception):
    """It is paused already."""


class WebhookNotPaused(Exception):
    """Nothing has stopped it."""


@dataclass(frozen=True)
class Webhook:
    """`secrets`: sealed, with the moment each of them ends. `paused_at`: by an operator; `stopped_at`: by its 410."""

    webhook_id: UUID
    name: str
    title: str
    contact_email: str
    url: str
    state: str
    secrets: list[dict[str, Any]]
    changed_at: datetime
    paused_at: datetime | None = None
    paused_by: str = ""
    pause_reason: str = ""
    stopped_at: datetime | None = None
    failing_since: datetime | None = None
    problem: str = ""

    @property
    def takes_events(self) -> bool:
        """Its queue is read."""
        return self.state == "active"

    @property
    def is_sent_to(self) -> bool:
        return self.state == "active" and self.paused_at is None and self.stopped_at is None

    def sealed_secrets(self, now: datetime) -> list[str]:
        """Those that sign now, the newest first."""
        live = [
            each
            for each in self.secrets
            if each["ends_at"] is None or now < datetime.fromisoformat(each["ends_at"])
        ]
        return [each["sealed"] for each in sorted(live, key=lambda each: -each["number"])]


@dataclass(frozen=True)
class NewEvent:
    """What the queue held. `subject`: whose events keep their order."""

    event_id: UUID
    event: str
    subject: str
    attributes: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class DueEvent:
    """An event that is to be sent now."""

    number: int
    event_id: UUID
    event: str
    subject: str
    attributes: dict[str, str]
    body: bytes
    attempts: int
    deferrals: int
    deferred_since: datetime | None


@dataclass(frozen=True)
class Answer:
    """What a receiver said. `status` None: nothing, and `problem` says why. `retry_after`: as it stood in the header.

    `reached`: whether there was a receiver at all.
    """

    status: int | None
    problem: str = ""
    body: bytes = b""
    retry_after: str = ""
    seconds: float = 0.0

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == GONE

    @property
    def is_about_the_receiver(self) -> bool:
        """It would have said the same about any other event: it is left alone for a while."""
        return self.status is None or self.status in (429, 502, 503, 504)

    @property
    def text(self) -> str:
        """What is kept of it."""
        return self.body[:KEPT_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd")


@dataclass(frozen=True)
class Result:
    """What became of an event at one attempt."""

    due: DueEvent
    at: datetime
    answer: Answer
    state: str
    next_attempt_at: datetime
    deferrals: int
    deferred_since: datetime | None


def event_of(headers: Mapping[str, Any], body: bytes) -> NewEvent | None:
    """What the broker delivered; None for what is no event of the portal."""
    attributes = {
        name: value
        for name, value in headers.items()
        if (name.startswith(PREFIX) or name == "traceparent") and _is_plain(value)
    }
    try:
        body.decode()
        return NewEvent(
            event_id=UUID(attributes["cloudEvents_id"]),
            event=attributes["cloudEvents_type"],
            subject=attributes["cloudEvents_partitionkey"],
            attributes=attributes,
            body=body,
        )
    except (KeyError, ValueError):
        return None


def _is_plain(value: Any) -> bool:
    """Whether a database can keep it, and HTTP carry it: what a system put back by hand may hold anything."""
    return (
        isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= LONGEST_ATTRIBUTE
    )


def headers_of(attributes: Mapping[str, str]) -> dict[str, str]:
    """CloudEvents over HTTP in binary mode: `ce-id`, `ce-type` …; a trace goes on under its own name."""
    return {
        f"ce-{name.removeprefix(PREFIX)}" if name.startswith(PREFIX) else name: value
        for name, value in attributes.items()
    }


def result_of(due: DueEvent, answer: Answer, now: datetime, jitter: float) -> Result:
    """Taken: it has ended. 410: it waits until somebody lets the webhook go on. Else it is tried again, or given up."""
    if answer.is_taken:
        return Result(due, now, answer, "delivered", now, due.deferrals, due.deferred_since)
    if answer.is_gone:
        return Result(due, now, answer, "waiting", now, due.deferrals, due.deferred_since)
    deferrals, since = due.deferrals + 1, due.deferred_since or now
    at = next_attempt(deferrals, now, since, None, jitter, RETRIES)
    if isinstance(at, Failure):
        return Result(due, now, answer, "failed", now, deferrals, since)
    asked = retry_after(answer, now)
    return Result(due, now, answer, "waiting", max(at, asked or at), deferrals, since)


def retry_after(answer: Answer, now: datetime) -> datetime | None:
    """When the receiver asks to be tried again (RFC 9110 §10.2.3): seconds or a date, a day at most. 429 and 503 alone
    are heard."""
    text = answer.retry_after.strip()
    if answer.status not in (429, 503) or not text:
        return None
    if text.isascii() and text.isdecimal():
        at = now + timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    else:
        try:
            at = parsedate_to_datetime(text)
        except (ValueError, OverflowError):  # the latter for a year of twenty digits
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(at, now + LONGEST_RETRY_AFTER) if at > now else None


def breaker_after(breaker: CircuitBreaker, result: Result) -> CircuitBreaker:
    """One receiver's own: an answer about it leaves it alone for 1 s, 2 s … 30 s, or as long as it asks; refusals of
    three different events in a row do, too."""
    if result.answer.is_taken:
        return CLOSED
    if not result.answer.is_about_the_receiver:
        return breaker.after_doubt(result.at, str(result.due.event_id))
    opened = breaker.after_outage(result.at)
    asked = retry_after(result.answer, result.at)
    if asked is not None and opened.cooldown_until is not None and asked > opened.cooldown_until:
        return replace(opened, cooldown_until=asked)
    return opened
