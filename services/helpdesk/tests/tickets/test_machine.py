"""The ticket as a machine: whatever agents, people and the clock do, in any order, it stays whole."""

from datetime import timedelta

import pytest
from helpdesk.deadlines.rules import NEVER
from helpdesk.tickets.belonging import Candidate, belongs_to
from helpdesk.tickets.rules import (
    DONE,
    LEASE,
    REOPENS_WITHIN,
    WAITING,
    WAYS,
    LeasedByAnother,
    State,
    StateNotAllowed,
    TicketChanged,
    TicketMerged,
)
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ..builders import CALENDAR, NOW, a_ticket, an_agent, an_inbound

ONE, OTHER, LEAD = an_agent("一號"), an_agent("二號"), an_agent("組長", lead=True)
agents = st.sampled_from([ONE, OTHER, LEAD])
minutes = st.integers(0, 60 * 24 * 20)
THEN = st.sampled_from([State.OPEN, State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY, State.RESOLVED])


class TicketMachine(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.now, self.ticket, self.answers = NOW, a_ticket(), 0

    def becomes(self, ticket):
        """Each change that an agent should have seen raises the version; time never runs backwards."""
        assert ticket.version >= self.ticket.version
        assert ticket.updated_at >= self.ticket.updated_at
        if ticket.state != self.ticket.state:
            assert ticket.version > self.ticket.version
        self.ticket = ticket

    @rule(passed=minutes)
    def time_passes(self, passed):
        self.now += timedelta(minutes=passed)

    @rule(agent=agents, take_over=st.booleans())
    def lease(self, agent, take_over):
        held = self.ticket.live_lease(self.now)
        if held is not None and held.account_id != agent.account_id and not (agent.lead and take_over):
            with pytest.raises(LeasedByAnother):
                self.ticket.leased_to(agent, self.now, take_over=take_over)
        else:
            self.becomes(self.ticket.leased_to(agent, self.now, take_over=take_over))
            assert self.ticket.lease.expires_at == self.now + LEASE

    @rule(agent=agents)
    def release(self, agent):
        before = self.ticket.lease
        self.becomes(self.ticket.released_by(agent))
        kept = before is not None and before.account_id != agent.account_id
        assert (self.ticket.lease is before) if kept else (self.ticket.lease is None)

    @rule(agent=agents, then=THEN, stale=st.booleans())
    def answer(self, agent, then, stale):
        version = self.ticket.version - stale
        held = self.ticket.live_lease(self.now)
        if stale:
            with pytest.raises(TicketChanged):
                self.ticket.answered_by(agent, version, then, self.now, CALENDAR)
        elif held is not None and held.account_id != agent.account_id:
            with pytest.raises(LeasedByAnother):
                self.ticket.answered_by(agent, version, then, self.now, CALENDAR)
        else:
            was_done = self.ticket.state in DONE
            self.becomes(self.ticket.answered_by(agent, version, then, self.now, CALENDAR))
            self.answers += 1
            assert self.ticket.lease is None
            assert self.ticket.owner_id is not None
            if not was_done or then != State.RESOLVED:
                assert self.ticket.state == then

    @rule(to=st.sampled_from(State))
    def move(self, to):
        before = self.ticket
        if to == before.state:
            assert before.changed({"state": to}, self.now, CALENDAR) == before
        elif to in WAYS[before.state]:
            self.becomes(before.changed({"state": to}, self.now, CALENDAR))
            assert self.ticket.state == to
        else:
            with pytest.raises(StateNotAllowed):
                before.changed({"state": to}, self.now, CALENDAR)

    @rule(priority=st.sampled_from(["low", "normal", "high", "urgent"]), spam=st.booleans())
    def sort(self, priority, spam):
        self.becomes(self.ticket.changed({"priority": priority, "spam": spam}, self.now, CALENDAR))

    @precondition(lambda self: self.ticket.state != State.CLOSED)
    @rule(automatic=st.booleans())
    def person_writes(self, automatic):
        before = self.ticket.state
        self.becomes(self.ticket.with_message(self.now, CALENDAR, automatic=automatic))
        if automatic:
            assert self.ticket.state == before
        else:
            assert self.ticket.state not in DONE | WAITING

    @rule()
    def answer_comes_back(self):
        self.becomes(self.ticket.with_failed_answer(self.now, CALENDAR))
        assert self.ticket.state not in DONE | WAITING

    @rule(agent=agents, solved=st.booleans(), incoming=st.booleans())
    def call(self, agent, solved, incoming):
        self.becomes(self.ticket.after_call(agent, self.now, CALENDAR, solved=solved, incoming=incoming))
        self.answers += 1

    @invariant()
    def the_times_fit_the_state(self):
        ticket = self.ticket
        assert (ticket.resolved_at is not None) == (ticket.state in DONE)
        assert (ticket.closed_at is not None) == (ticket.state == State.CLOSED)
        assert (ticket.deadlines.paused_at is not None) == (ticket.state in WAITING)
        assert (ticket.first_answered_at is not None) == (self.answers > 0)
        if ticket.state in DONE or ticket.spam:
            assert ticket.due_at == NEVER
        if ticket.state in WAITING and self.answers and not ticket.spam:
            assert ticket.due_at == NEVER
        if ticket.state not in DONE | WAITING and not ticket.spam:
            assert ticket.due_at < NEVER

    @invariant()
    def what_comes_in_has_a_place(self):
        """A reference leads to the ticket unless it has been done for long; then to a new one that is linked."""
        found = belongs_to(an_inbound(), [Candidate("reference", self.ticket, False)], self.now)
        done_at = self.ticket.resolved_at
        goes_on = self.ticket.state != State.CLOSED and (
            done_at is None or self.now - done_at <= REOPENS_WITHIN
        )
        assert (found.to is self.ticket) == goes_on
        assert (found.linked_to is self.ticket) == (not goes_on)


TestTicketMachine = TicketMachine.TestCase
TestTicketMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_from_every_state_there_is_a_way_to_every_other():
    for start in State:
        reached, edge = {start}, {start}
        while edge:
            edge = {to for each in edge for to in WAYS[each]} - reached
            reached |= edge
        assert reached >= set(State) - {State.NEW}


def test_nothing_becomes_new_again():
    assert all(State.NEW not in ways for ways in WAYS.values())


def test_a_merged_ticket_is_not_answered():
    merged = a_ticket(merged_into=a_ticket().ticket_id)
    with pytest.raises(TicketMerged):
        merged.answered_by(ONE, merged.version, State.OPEN, NOW, CALENDAR)
    assert merged.due_at == NEVER
