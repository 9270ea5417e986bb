"""Whatever reviewers and applicants do in whatever order, a case keeps its promises."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from review.cases.rules import (
    CaseNotFound,
    CaseNotOpen,
    ClaimedByAnother,
    LastStage,
    NotClaimed,
    NotLastStage,
    NotReturned,
    OwnCase,
    Reason,
    StaleVersion,
    State,
)

from ..builders import MONDAY_MORNING, NO_HOLIDAYS, a_case, a_reviewer, a_submission

REFUSALS = (
    CaseNotFound, CaseNotOpen, ClaimedByAnother, LastStage, NotClaimed, NotLastStage, NotReturned, OwnCase,
    StaleVersion,
)  # fmt: skip
PEOPLE = [
    a_reviewer("north"),
    a_reviewer("north"),
    a_reviewer("north", person_key=a_submission().person_key),
    a_reviewer("operations"),
    a_reviewer("operations"),
    a_reviewer("south"),
]
people = st.sampled_from(PEOPLE)


class ACase(RuleBasedStateMachine):
    """Everybody tries everything; a refused attempt changes nothing."""

    @initialize(
        route=st.sampled_from([("north", "operations"), ("operations",), ("north", "south", "north")])
    )
    def begins(self, route):
        self.now = MONDAY_MORNING
        self.case = a_case(route)
        self.first = self.case
        self.agreed: list[str] = []
        self.returned_at_stage = None

    def attempt(self, act, by, *, decides=True):
        before = self.case
        self.now += timedelta(seconds=1)
        try:
            after = act(before)
        except REFUSALS:
            return False
        assert by.unit == before.unit, "only the unit that holds the case acts"
        assert before.state is State.OPEN
        assert not before.is_own_case_of(by)
        if decides:
            assert before.claim.account_id == by.account_id
            assert after.version == before.version + 1
            assert after.claim is None
        self.case = after
        return True

    @rule(by=people, later=st.booleans())
    def claims(self, by, later):
        self.now += timedelta(minutes=16) if later else timedelta(0)
        live = self.case.claim and self.case.claim.is_live(self.now + timedelta(seconds=1))
        holder = self.case.claim and self.case.claim.account_id
        if self.attempt(lambda case: case.claim_for(by, self.now), by, decides=False):
            assert not live or holder == by.account_id, "a live claim is nobody else's"

    @rule(unit=st.sampled_from(["north", "operations"]))
    def works_one_stage_through(self, unit):
        by = next(person for person in PEOPLE if person.unit == unit)
        self.claims(by, later=True)
        (self.approves if self.case.is_last_stage else self.forwards)(by, 0)

    @rule(by=people)
    def releases(self, by):
        self.attempt(lambda case: case.release(by, self.now), by, decides=False)

    @rule(by=people, behind=st.sampled_from([0, 0, 0, 1]))
    def forwards(self, by, behind):
        unit, version = self.case.unit, self.case.version - behind
        if self.attempt(lambda case: case.forward(by, version, self.now, NO_HOLIDAYS), by):
            assert not behind
            self.agreed.append(unit)

    @rule(by=people, behind=st.sampled_from([0, 0, 0, 1]))
    def approves(self, by, behind):
        unit, version = self.case.unit, self.case.version - behind
        if self.attempt(lambda case: case.approve(by, version, self.now), by):
            assert not behind
            self.agreed.append(unit)

    @rule(by=people)
    def sends_back(self, by):
        reasons = (Reason("WRONG", "applicant.phone"),)
        if self.attempt(lambda case: case.send_back(by, case.version, reasons, self.now), by):
            self.returned_at_stage = self.case.stage

    @rule(by=people, really=st.sampled_from([False, False, True]))
    def rejects(self, by, really):
        if really:
            self.attempt(lambda case: case.reject(by, case.version, (), self.now), by)

    @rule()
    def resubmits(self):
        self.now += timedelta(seconds=1)
        number = self.case.submission + 1
        try:
            self.case = self.case.resubmit(a_submission(submission=number), self.now, NO_HOLIDAYS)
        except NotReturned:
            assert self.case.state is not State.RETURNED
        else:
            assert self.case.stage == self.returned_at_stage

    @rule(really=st.sampled_from([False, False, False, True]))
    def withdraws(self, really):
        if really:
            self.case = self.case.withdraw(self.now)

    @invariant()
    def keeps_its_number_and_route(self):
        if hasattr(self, "case"):
            kept = ("case_number", "application_id", "route_id", "identity_type")
            assert all(getattr(self.case, name) == getattr(self.first, name) for name in kept)
            bare = tuple(replace(stage, handled_at=None) for stage in self.case.stages)
            assert bare == self.first.stages

    @invariant()
    def every_unit_agrees_in_order_before_the_approval(self):
        if hasattr(self, "case"):
            route = [stage.unit for stage in self.case.stages]
            assert self.agreed == route[: len(self.agreed)]
            if self.case.state is State.APPROVED:
                assert self.agreed == route

    @invariant()
    def is_claimed_only_while_open_and_waits_only_when_returned(self):
        if hasattr(self, "case"):
            assert self.case.claim is None or self.case.state is State.OPEN
            if self.case.state is State.RETURNED:
                assert self.case.resubmit_by is not None
            if self.case.state is State.OPEN:
                assert self.case.resubmit_by is None


ACase.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestACase = ACase.TestCase
