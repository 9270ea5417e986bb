"""The clocks and states of requests for personal data (PDPA Art. 3, 10, 11 and 13)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.attempts.rules import Cooldown

# PDPA Art. 13: 15 days to let somebody view or have a copy, 30 days for the rest; each may be extended once by as much,
# with the reason in writing. The day of the request does not count (Civil Code Art. 120).
DAYS_TO_ANSWER = {"view": 15, "copy": 15, "correct": 30, "stop": 30, "delete": 30}
# What the portal can do by itself, once an operator says so.
CARRIED_OUT = ("correct", "stop", "delete")
REMIND_BEFORE_DAYS = 5
REMIND_DAILY_DAYS = 1
MOST_IN_A_MONTH = 10
A_MONTH = timedelta(days=30)
# Copies of everything cost work, and tell all to whoever holds a session.
COPIES = Cooldown(most=10, cooldown=timedelta(hours=1), within=timedelta(hours=1))
COPIES_KIND = "data-copies"


class State(StrEnum):
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestOpen(Exception):
    """One of that kind waits for its answer already."""


class TooManyRequests(Exception):
    """Ten in thirty days."""


class RequestNotFound(Exception):
    """No such request, or it is somebody else's."""


class RequestClosed(Exception):
    """It was answered, refused or withdrawn."""


class RequestChanged(Exception):
    """Somebody else at the desk was faster."""


class OwnRequest(Exception):
    """Nobody decides about a request of their own."""


class ExtendedAlready(Exception):
    """The time is extended once only."""


class NotCarriedOut(Exception):
    """To view or to have a copy is answered; there is nothing to be carried out."""


@dataclass(frozen=True, kw_only=True)
class PrivacyRequest:
    """A request. `due_on` is the Taipei day by which it has to be answered."""

    request_id: UUID
    request_number: str
    account_id: UUID
    kind: str
    state: State
    words: str
    received_at: datetime
    due_on: date
    extended: bool = False
    closed_at: datetime | None = None
    reminded_on: date | None = None
    version: int = 1

    def require_open(self) -> None:
        """Raises RequestClosed."""
        if self.state is not State.OPEN:
            raise RequestClosed

    def require_decidable(self, operator: UUID, version: int) -> None:
        """Raises RequestClosed, OwnRequest, RequestChanged."""
        self.require_open()
        if operator == self.account_id:
            raise OwnRequest
        if version != self.version:
            raise RequestChanged

    @property
    def extended_until(self) -> date:
        """The day it is due on if the time is extended."""
        return self.due_on + timedelta(days=DAYS_TO_ANSWER[self.kind])

    def with_more_time(self) -> PrivacyRequest:
        """Raises ExtendedAlready."""
        if self.extended:
            raise ExtendedAlready
        return replace(
            self, due_on=self.extended_until, extended=True, reminded_on=None, version=self.version + 1
        )

    def closed(self, state: State, now: datetime) -> PrivacyRequest:
        return replace(self, state=state, closed_at=now, version=self.version + 1)

    def days_left(self, today: date) -> int:
        """Negative once the day has passed."""
        return (self.due_on - today).days


def due_on(kind: str, received_at: datetime) -> date:
    """The Taipei day by which a request has to be answered."""
    return taipei_day(received_at) + timedelta(days=DAYS_TO_ANSWER[kind])


def request_number(received_at: datetime, number: int) -> str:
    """`PD20260219-0001`: what people say on the telephone."""
    return f"PD{taipei_day(received_at):%Y%m%d}-{number:04d}"


def is_to_be_reminded(request: PrivacyRequest, today: date) -> bool:
    """Once when five days are left, and daily from the day before it is due."""
    left = request.days_left(today)
    if left > REMIND_BEFORE_DAYS:
        return False
    if request.reminded_on is None:
        return True
    return left <= REMIND_DAILY_DAYS and request.reminded_on < today
