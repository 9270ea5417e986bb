"""What the ledger hears and tells. The source `tests` keeps these out of the portal's catalogue."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from mtnet_contracts.event import Event

__all__ = ["ANNOUNCES", "LISTENS_TO", "Booked", "Cancelled", "Paid"]


@dataclass(frozen=True, kw_only=True)
class Paid(Event):
    source: ClassVar[str] = "tests"
    aggregate: ClassVar[str] = "account"
    subject: ClassVar[str] = "account_id"

    account_id: UUID
    number: int
    wish: str = ""


@dataclass(frozen=True, kw_only=True)
class Cancelled(Event):
    """Of the same aggregate; the ledger has no handler for it."""

    source: ClassVar[str] = "tests"
    aggregate: ClassVar[str] = "account"
    subject: ClassVar[str] = "account_id"

    account_id: UUID


@dataclass(frozen=True, kw_only=True)
class Booked(Event):
    source: ClassVar[str] = "tests"
    aggregate: ClassVar[str] = "booking"
    subject: ClassVar[str] = "account_id"

    account_id: UUID
    paid_event_id: UUID
    number: int


ANNOUNCES = (Booked,)
LISTENS_TO = (Paid,)
