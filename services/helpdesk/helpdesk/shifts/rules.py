"""Three shifts a day, all days of the year; who may put whom down; who may take over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from helpdesk.deadlines.rules import TAIPEI
from helpdesk.desk_people.rules import Agent

# When each begins, on the clock of Taipei, which has no summer time.
BEGINS: Mapping[str, int] = MappingProxyType({"night": 0, "morning": 8, "evening": 16})
SHIFT = timedelta(hours=8)
MOST_ON_SHIFT = 10
# A roster is written for the weeks to come.
FURTHEST = timedelta(days=92)


class ShiftOver(Exception):
    """What is past stays as it was."""


class ShiftTooFar(Exception):
    """Nobody writes a roster for next year."""


class ShiftOfAnother(Exception):
    """Agents put down themselves; a lead puts down everybody."""


class ShiftFull(Exception):
    """More people than there are desks."""


class HandoverNotFound(Exception):
    """No such report."""


class OwnHandover(Exception):
    """Nobody takes over from themselves."""


class AcknowledgedAlready(Exception):
    """Somebody has taken over before."""


@dataclass(frozen=True)
class Slot:
    """A shift of a day in Taipei."""

    day: date
    shift: str

    @property
    def begins_at(self) -> datetime:
        return datetime.combine(self.day, time(BEGINS[self.shift]), TAIPEI)

    @property
    def ends_at(self) -> datetime:
        return self.begins_at + SHIFT


def slot_at(now: datetime) -> Slot:
    """The shift that is on."""
    local = now.astimezone(TAIPEI)
    shift = max((name for name in BEGINS if BEGINS[name] <= local.hour), key=lambda name: BEGINS[name])
    return Slot(local.date(), shift)


@dataclass(frozen=True)
class Entry:
    """Somebody on the roster."""

    day: date
    shift: str
    account_id: UUID
    name: str


def require_may_change(slot: Slot, account_id: UUID, agent: Agent, now: datetime) -> None:
    """Raises ShiftOfAnother, ShiftOver, ShiftTooFar."""
    if account_id != agent.account_id and not agent.lead:
        raise ShiftOfAnother
    if slot.ends_at <= now:
        raise ShiftOver
    if slot.begins_at > now + FURTHEST:
        raise ShiftTooFar


@dataclass(frozen=True)
class Handover:
    """What a shift leaves to the next. `situation`: how the desk stood then."""

    position: int
    day: date
    shift: str
    written_at: datetime
    written_by_id: UUID
    written_by: str
    text: str
    situation: dict[str, Any]
    acknowledged_at: datetime | None = None
    acknowledged_by_id: UUID | None = None
    acknowledged_by: str | None = None

    def may_be_acknowledged_by(self, agent: Agent) -> bool:
        return self.acknowledged_at is None and agent.account_id != self.written_by_id

    def acknowledged(self, agent: Agent, now: datetime) -> Handover:
        """Raises OwnHandover, AcknowledgedAlready."""
        if agent.account_id == self.written_by_id:
            raise OwnHandover
        if self.acknowledged_at is not None:
            raise AcknowledgedAlready
        return replace(
            self, acknowledged_at=now, acknowledged_by_id=agent.account_id, acknowledged_by=agent.name
        )
