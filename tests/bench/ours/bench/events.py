"""The events of the measurement."""

from dataclasses import dataclass
from uuid import UUID

from mtnet_contracts.event import Event


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    """Something changed on the producing side."""

    source = "bench"
    aggregate = "thing"
    subject = "thing_id"

    thing_id: UUID
    number: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Followed(Event):
    """The outgoing event of the effect."""

    source = "bench"
    aggregate = "follower"
    subject = "thing_id"

    thing_id: UUID
    number: int
    text: str


ANNOUNCES = (Happened,)
