"""People ask for what the Personal Data Protection Act gives them, and are answered."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class PrivacyRequestReceived(Event):
    """The owner of an account asked for a right under Article 3 of the Personal Data Protection Act.

    `kind` is one of view, copy, correct, stop, delete. `due_on` is the Taipei day by which it has to be answered
    (Art. 13). Each of `emails` is told.
    """

    source = "accounts"
    aggregate = "privacy_request"
    subject = "request_id"
    holds = Holds.SECRETS

    request_id: UUID
    request_number: str
    account_id: UUID
    account_name: str
    name: str
    locale: str
    emails: tuple[str, ...]
    kind: str
    received_at: datetime
    due_on: date


@dataclass(frozen=True, kw_only=True)
class PrivacyRequestAnswered(Event):
    """A request was answered, or its time was extended. The person has to be told in writing, with the reason.

    `outcome` is one of DONE, REFUSED, EXTENDED, WITHDRAWN; after EXTENDED the request is still open, until `due_on`.
    After DONE of a request to delete, the account is closed and `name` and `emails` are the last that is known of the
    person: nobody may keep them longer than it takes to send this.
    """

    OUTCOME_DONE: ClassVar[str] = "DONE"
    OUTCOME_REFUSED: ClassVar[str] = "REFUSED"
    OUTCOME_EXTENDED: ClassVar[str] = "EXTENDED"
    OUTCOME_WITHDRAWN: ClassVar[str] = "WITHDRAWN"

    source = "accounts"
    aggregate = "privacy_request"
    subject = "request_id"
    holds = Holds.SECRETS

    request_id: UUID
    request_number: str
    account_id: UUID
    account_name: str
    name: str
    locale: str
    emails: tuple[str, ...]
    kind: str
    outcome: str
    note: str
    answered_at: datetime
    due_on: date


@dataclass(frozen=True, kw_only=True)
class PrivacyRequestDueSoon(Event):
    """The time to answer a request is nearly over, or is over: each of `emails`, of the operators, is told.

    `days_left` is negative once `due_on` has passed. It names no person: the request is read at
    `/operations/privacy-requests/<request_id>`.
    """

    source = "accounts"
    aggregate = "privacy_request"
    subject = "request_id"
    holds = Holds.SECRETS

    request_id: UUID
    request_number: str
    kind: str
    received_at: datetime
    due_on: date
    days_left: int
    emails: tuple[str, ...]
