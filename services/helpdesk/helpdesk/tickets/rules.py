"""The ticket: its states as a machine, who is answering, what comes in and where it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import helpdesk.deadlines.rules as deadlines
from helpdesk.deadlines.rules import NEVER, Deadlines, WorkingCalendar
from helpdesk.desk_people.rules import Agent
from helpdesk.file_checks.rules import StoredFile

LEASE = timedelta(minutes=10)
# A solved one is opened again by what comes in.
REOPENS_WITHIN = timedelta(days=14)
# A solved ticket is closed by itself once nobody has said otherwise for so long.
CLOSES_AFTER = REOPENS_WITHIN
LONGEST_SUBJECT = 200
LONGEST_TEXT = 10_000
MOST_FILES = 10
MOST_PROBLEMS = 20


class TicketNotFound(Exception):
    """No such ticket."""


class TicketMerged(Exception):
    """Its thread goes on in another one; that one is changed."""


class TicketChanged(Exception):
    """Something happened to it since the agent saw it: a message came in, or a colleague changed it."""


class StateNotAllowed(Exception):
    """The machine has no way from here to there."""


class NoWayBack(Exception):
    """Nobody can be written to there: a caller who left no address, say."""


class NotAnAgent(Exception):
    """A ticket is owned by people of the desk alone."""


class LeasedByAnother(Exception):
    """Somebody else is answering."""

    def __init__(self, holder: str, expires_at: datetime) -> None:
        super().__init__(holder)
        self.holder = holder
        self.expires_at = expires_at


class State(StrEnum):
    """Where a ticket stands. The drawing is in the service's README."""

    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"


_WORKED_ON = frozenset({State.OPEN, State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY, State.RESOLVED})
WAITING = frozenset({State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY})
DONE = frozenset({State.RESOLVED, State.CLOSED})
# So many tickets are one thread at most.
MOST_MERGED = 20
# What an agent may do. What comes in, and the clock, take ways of these as well, and no others.
WAYS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.NEW: _WORKED_ON,
        State.OPEN: _WORKED_ON - {State.OPEN},
        State.WAITING_CUSTOMER: _WORKED_ON - {State.WAITING_CUSTOMER},
        State.WAITING_THIRD_PARTY: _WORKED_ON - {State.WAITING_THIRD_PARTY},
        State.RESOLVED: frozenset({State.CLOSED, State.REOPENED}),
        State.CLOSED: frozenset({State.REOPENED}),
        State.REOPENED: _WORKED_ON,
    }
)


@dataclass(frozen=True)
class Inbound:
    """One thing that arrived, understood. It is recorded once for its `item_id`, however often it comes.

    `address`: who wrote, on that channel: a mail address, a number (E.164), a LINE user id; empty where a web form or a
    caller left none. `references`: Message-IDs that it answers, in angle brackets, newest first. `ticket_number`: found
    in the subject. `link_token`: of the secret link or the plus address. `message_id`: its own, in angle brackets.
    `automatic`: no person wrote it (an auto-reply, a bounce): it is kept, and opens nothing that was solved.
    `locale`: that of the text, `zh-Hant` or `en`. `quoted`: what the person quoted, apart from `text`; `truncated`: the
    raw form has more; `problems`: codes of what was wrong with it. `acknowledge`: its sender may be told at once that
    it came in.
    """

    item_id: UUID
    channel: str
    address: str
    name: str
    subject: str
    text: str
    references: tuple[str, ...] = ()
    ticket_number: str | None = None
    link_token: str | None = None
    attachments: tuple[StoredFile, ...] = ()
    automatic: bool = False
    spam: bool = False
    locale: str = "zh-Hant"
    received_at: datetime | None = None
    message_id: str | None = None
    category: str | None = None
    quoted: str = ""
    truncated: bool = False
    problems: tuple[str, ...] = ()
    acknowledge: bool = False


@dataclass(frozen=True)
class Recorded:
    """Where an inbound item went. `new`: it opened this ticket. `again`: it had been recorded before."""

    ticket_id: UUID
    entry_id: UUID
    number: str
    new: bool
    again: bool = False


@dataclass(frozen=True)
class Lease:
    """Who is answering, until when."""

    account_id: UUID
    name: str
    expires_at: datetime


@dataclass(frozen=True)
class Ticket:
    """A matter of one person. `version` rises with each change that an agent should have seen before the next.

    `by_form`: the form of the portal opened it, and showed its link to whoever sent it; they may have typed anybody's
    address.
    """

    ticket_id: UUID
    number: str
    requester_id: UUID
    channel: str
    address: str
    locale: str
    subject: str
    state: State
    priority: str
    category: str | None
    team: str
    created_at: datetime
    updated_at: datetime
    last_inbound_at: datetime
    deadlines: Deadlines
    link_token: str = field(repr=False)
    owner_id: UUID | None = None
    owner_name: str | None = None
    first_answered_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    lease: Lease | None = None
    merged_into: UUID | None = None
    split_from: UUID | None = None
    by_form: bool = False
    spam: bool = False
    satisfaction: int | None = None
    satisfaction_comment: str = ""
    version: int = 1

    @classmethod
    def opened(
        cls,
        *,
        ticket_id: UUID,
        number: str,
        link_token: str,
        requester_id: UUID,
        channel: str,
        address: str,
        locale: str,
        subject: str,
        now: datetime,
        calendar: WorkingCalendar,
        category: str | None = None,
        priority: str = "normal",
        team: str = "first_line",
    ) -> Ticket:
        """A new one, of now."""
        return cls(
            ticket_id=ticket_id,
            number=number,
            requester_id=requester_id,
            channel=channel,
            address=address,
            locale=locale,
            subject=subject,
            state=State.NEW,
            priority=priority,
            category=category,
            team=team,
            created_at=now,
            updated_at=now,
            last_inbound_at=now,
            deadlines=deadlines.begin(priority, now, calendar),
            link_token=link_token,
        )

    @property
    def due_at(self) -> datetime:
        """The next thing that must be done; NEVER while nothing must."""
        if self.spam or self.merged_into is not None:
            return NEVER
        return deadlines.next_due(
            self.deadlines, answered=self.first_answered_at is not None, done=self.state in DONE
        )

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at <= now

    def live_lease(self, now: datetime) -> Lease | None:
        return self.lease if self.lease is not None and self.lease.expires_at > now else None

    # Answering.

    def leased_to(self, agent: Agent, now: datetime, *, take_over: bool = False) -> Ticket:
        """So that two do not both answer. Once more renews it. A lead takes it over, by saying so.

        Raises LeasedByAnother.
        """
        if not (take_over and agent.lead):
            self._require_no_other(agent, now)
        return replace(self, lease=Lease(agent.account_id, agent.name, now + LEASE))

    def may_be_taken_over_by(self, agent: Agent, now: datetime) -> bool:
        held = self.live_lease(now)
        return held is not None and held.account_id != agent.account_id and agent.lead

    def released_by(self, agent: Agent) -> Ticket:
        """Somebody else's lease stays."""
        if self.lease is None or self.lease.account_id != agent.account_id:
            return self
        return replace(self, lease=None)

    def answered_by(
        self, agent: Agent, version: int, then: State, now: datetime, calendar: WorkingCalendar
    ) -> Ticket:
        """Raises TicketMerged, TicketChanged, LeasedByAnother, StateNotAllowed."""
        self.require_unmerged()
        self.require_version(version)
        self._require_no_other(agent, now)
        if self.state in DONE:
            # What is solved may be answered once more and stays solved; to go on with it is to open it again.
            changed = self if then == State.RESOLVED else self.moved(State.REOPENED, now, calendar)
        else:
            changed = self
        if then != changed.state and changed.state not in DONE:
            changed = changed.moved(then, now, calendar)
        return replace(
            changed,
            owner_id=self.owner_id or agent.account_id,
            owner_name=self.owner_name or agent.name,
            first_answered_at=self.first_answered_at or now,
            lease=None,
        ).touched(now)

    # States.

    def moved(self, to: State, now: datetime, calendar: WorkingCalendar) -> Ticket:
        """Raises StateNotAllowed."""
        if to not in WAYS[self.state]:
            raise StateNotAllowed(f"{self.state} to {to}")
        clocks = self.deadlines
        if self.state in WAITING and to not in WAITING:
            clocks = deadlines.resume(clocks, self.priority, now, calendar)
        if to in WAITING:
            clocks = deadlines.pause(clocks, now)
        if to == State.REOPENED:
            clocks = deadlines.begin_again(clocks, self.priority, now, calendar)
        resolved_at = None if to not in DONE else (self.resolved_at or now)
        return replace(
            self,
            state=to,
            deadlines=clocks,
            resolved_at=resolved_at,
            closed_at=now if to == State.CLOSED else None,
        )

    def with_message(self, now: datetime, calendar: WorkingCalendar, *, automatic: bool = False) -> Ticket:
        """The person wrote. Whoever was waited for has answered; what was solved is opened again.

        An automatic message is kept and moves nothing. The caller sees to it that a closed ticket is not written to.
        """
        if automatic:
            return self.touched(now)
        changed = self
        if self.state in WAITING:
            changed = self.moved(State.OPEN, now, calendar)
        elif self.state in DONE:
            changed = self.moved(State.REOPENED, now, calendar)
        return replace(changed, last_inbound_at=now).touched(now)

    def awaited(self, now: datetime, calendar: WorkingCalendar) -> Ticket:
        """What somebody else had to decide is decided: the desk has it before it again. What is solved stays so."""
        waited = self.state == State.WAITING_THIRD_PARTY and self.merged_into is None
        return (self.moved(State.OPEN, now, calendar) if waited else self).touched(now)

    def with_failed_answer(self, now: datetime, calendar: WorkingCalendar) -> Ticket:
        """The person never got it: the desk has it before it again."""
        changed = self
        if self.merged_into is None:
            if self.state in DONE:
                changed = self.moved(State.REOPENED, now, calendar)
            elif self.state in WAITING:
                changed = self.moved(State.OPEN, now, calendar)
        return changed.touched(now)

    def after_call(
        self, agent: Agent, now: datetime, calendar: WorkingCalendar, *, solved: bool, incoming: bool
    ) -> Ticket:
        """Somebody spoke with the person: that is an answer. Raises StateNotAllowed."""
        changed = self.with_message(now, calendar) if incoming and self.state != State.CLOSED else self
        if solved and changed.state not in DONE:
            changed = changed.moved(State.RESOLVED, now, calendar)
        elif changed.state == State.NEW:
            changed = changed.moved(State.OPEN, now, calendar)
        return replace(
            changed,
            owner_id=self.owner_id or agent.account_id,
            owner_name=self.owner_name or agent.name,
            first_answered_at=self.first_answered_at or now,
        ).touched(now)

    # Other changes.

    def changed(self, changes: Mapping[str, Any], now: datetime, calendar: WorkingCalendar) -> Ticket:
        """Some of state, priority, category, owner_id with owner_name, team, subject, spam. Raises StateNotAllowed."""
        changed = self
        if "state" in changes and changes["state"] != changed.state:
            changed = changed.moved(State(changes["state"]), now, calendar)
        if "priority" in changes and changes["priority"] != changed.priority:
            clocks = deadlines.reprioritise(
                changed.deadlines, changes["priority"], changed.created_at, calendar
            )
            changed = replace(changed, priority=changes["priority"], deadlines=clocks)
        plain = {
            name: changes[name]
            for name in ("category", "owner_id", "owner_name", "team", "subject", "spam")
            if name in changes
        }
        changed = replace(changed, **plain)
        if changed.owner_id != self.owner_id and changed.owner_id and changed.state == State.NEW:
            changed = changed.moved(State.OPEN, now, calendar)
        return changed if changed == self else changed.touched(now)

    def without(self, account_id: UUID, now: datetime) -> Ticket:
        """That account neither answers it any more nor, unless it is done, owns it."""
        after = self
        if self.lease is not None and self.lease.account_id == account_id:
            after = replace(after, lease=None)
        if self.owner_id == account_id and self.state not in DONE:
            after = replace(after, owner_id=None, owner_name=None)
        return after.touched(now)

    def touched(self, now: datetime) -> Ticket:
        return replace(self, updated_at=max(now, self.updated_at), version=self.version + 1)

    def require_unmerged(self) -> None:
        """Raises TicketMerged."""
        if self.merged_into is not None:
            raise TicketMerged

    def require_version(self, version: int | None) -> None:
        """Raises TicketChanged."""
        if version is not None and version != self.version:
            raise TicketChanged

    def _require_no_other(self, agent: Agent, now: datetime) -> None:
        held = self.live_lease(now)
        if held is not None and held.account_id != agent.account_id:
            raise LeasedByAnother(held.name, held.expires_at)
