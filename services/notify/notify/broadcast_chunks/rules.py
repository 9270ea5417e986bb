"""Chunks: people who are written to together, by one channel, in one language."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from notify.contact_points.rules import Address, Person

# One call of LINE's multicast takes so many.
LARGEST_CHUNK = 500
# A person without any delivery is counted under the reason.
UNREACHED = "none:"


@dataclass(frozen=True)
class Reach:
    """How one person is reached: `ways` are channels with addresses; without any, `reason` says why."""

    position: int
    person: Person
    name: str
    locale: str
    ways: tuple[Address, ...]
    reason: str = ""


@dataclass(frozen=True)
class Chunk:
    """People who are written to together: by one channel, in one language.

    `recipients` are kept for a channel that takes many at once (LINE): what is tried again is the same. Others have
    one delivery each. `channel` None: nobody of them can be reached, for this reason.
    """

    channel: str | None
    locale: str
    members: tuple[Reach, ...]
    recipients: tuple[str, ...]
    reason: str = ""

    @property
    def positions(self) -> list[int]:
        return [each.position for each in self.members]


def chunks_of(reaches: Sequence[Reach], largest: int = LARGEST_CHUNK) -> list[Chunk]:
    """By channel and language, in the order of the people; those who cannot be reached by their reason."""
    groups: dict[tuple[str | None, str, str], list[tuple[Reach, str]]] = {}
    for reach in reaches:
        for channel, address in reach.ways:
            groups.setdefault((channel, reach.locale, ""), []).append((reach, address))
        if not reach.ways:
            groups.setdefault((None, "", reach.reason), []).append((reach, ""))
    return [
        Chunk(
            channel=channel,
            locale=locale,
            reason=reason,
            members=tuple(reach for reach, _ in members[begin : begin + largest]),
            recipients=tuple(address for _, address in members[begin : begin + largest]) if channel else (),
        )
        for (channel, locale, reason), members in groups.items()
        for begin in range(0, len(members), largest)
    ]


@dataclass(frozen=True)
class LeasedChunk:
    """A chunk that one sender tries."""

    broadcast_id: UUID
    chunk: int
    channel: str
    locale: str
    positions: list[int]
    recipients: list[str]
    attempts: int
    first_tried_at: datetime
    category: str
    texts: dict[str, dict[str, str]]
    template_version: int | None = None


@dataclass(frozen=True)
class SentChunk:
    """A chunk that one call has sent, and whose people have no message of their own yet.

    `counts` has one outcome. `person_kinds` and `person_ids` are in the order of `recipients`.
    """

    chunk: int
    channel: str
    locale: str
    template_version: int
    recipients: list[str]
    person_kinds: list[str]
    person_ids: list[UUID]
    counts: dict[str, int]
    closed_at: datetime


@dataclass(frozen=True)
class Crowd:
    """People who are reached by one way alone, and in one language: `positions` rise, addresses in their order."""

    locale: str
    positions: list[int]
    addresses: list[str]

    def up_to(self, position: int) -> "Crowd":
        end = bisect_right(self.positions, position)
        return Crowd(self.locale, self.positions[:end], self.addresses[:end])


@dataclass(frozen=True)
class OpenChunk:
    """A chunk whose people have a delivery each."""

    chunk: int
    channel: str
    message_ids: list[UUID]


@dataclass(frozen=True)
class PersonLine:
    """One message of one person; of somebody who is not taken up yet, or not reached, there is none."""

    position: int
    person_kind: str
    person_id: UUID
    chunk_state: str | None
    reason: str | None
    channel: str | None
    delivery_state: str | None
    failure: str | None
    at: datetime | None
    counts: dict[str, int] | None
