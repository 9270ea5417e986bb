"""The rules of a case: claims, decisions, stages, and who may do what."""

from dataclasses import replace

import pytest
from mtnet_contracts.vocabulary.office_calendar import OfficeCalendar
from review.cases.rules import (
    Case,
    CaseNotFound,
    CaseNotOpen,
    Claim,
    ClaimedByAnother,
    FieldNotAsked,
    LastStage,
    NotClaimed,
    NotLastStage,
    NotReturned,
    OwnCase,
    PersonUnknown,
    Reason,
    StaleVersion,
    State,
)

from ..builders import MONDAY_MORNING, NO_HOLIDAYS, a_case, a_reviewer, a_submission, day, minutes

NOW = MONDAY_MORNING
NORTH = a_reviewer("north", "北部航務中心審核員")
OTHER_NORTH = a_reviewer("north", "北部航務中心第二位審核員")
OPERATIONS = a_reviewer("operations")
SOUTH = a_reviewer("south")
REASONS = (Reason("WRONG", "applicant.phone"),)


def decide(case: Case, decision: str, by=NORTH, version=None, now=NOW, reasons=REASONS) -> Case:
    version = case.version if version is None else version
    match decision:
        case "forward":
            return case.forward(by, version, now, NO_HOLIDAYS)
        case "return":
            return case.send_back(by, version, reasons, now)
        case "approve":
            return case.approve(by, version, now)
        case "reject":
            return case.reject(by, version, reasons, now)
    raise AssertionError(decision)


DECISIONS = ("forward", "return", "approve", "reject")


class TestClaims:
    def test_a_claim_lasts_fifteen_minutes(self):
        claim = a_case().claim_for(NORTH, NOW).claim
        assert claim.name == NORTH.name
        assert claim.expires_at == NOW + minutes(15)

    def test_the_second_claimer_is_told_who_holds_it_and_until_when(self):
        case = a_case().claim_for(NORTH, NOW)
        with pytest.raises(ClaimedByAnother) as refused:
            case.claim_for(OTHER_NORTH, NOW + minutes(14.9))
        assert (refused.value.holder, refused.value.expires_at) == (NORTH.name, NOW + minutes(15))

    def test_the_holder_renews_it(self):
        case = a_case().claim_for(NORTH, NOW).claim_for(NORTH, NOW + minutes(10))
        assert case.claim.expires_at == NOW + minutes(25)

    def test_it_is_taken_over_at_the_very_end(self):
        case = a_case().claim_for(NORTH, NOW).claim_for(OTHER_NORTH, NOW + minutes(15))
        assert case.claim.account_id == OTHER_NORTH.account_id

    def test_a_claim_that_ran_out_still_counts_while_nobody_took_it_over(self):
        case = a_case().claim_for(NORTH, NOW)
        assert decide(case, "forward", now=NOW + minutes(40)).stage == 2

    def test_a_claim_that_was_taken_over_is_lost(self):
        case = a_case().claim_for(NORTH, NOW).claim_for(OTHER_NORTH, NOW + minutes(20))
        with pytest.raises(ClaimedByAnother):
            decide(case, "forward", now=NOW + minutes(21))
        with pytest.raises(NotClaimed):
            decide(case, "forward", now=NOW + minutes(60))

    def test_a_released_case_is_free_for_others(self):
        case = a_case().claim_for(NORTH, NOW).release(NORTH, NOW)
        assert case.claim is None
        assert case.claim_for(OTHER_NORTH, NOW).claim.account_id == OTHER_NORTH.account_id

    def test_only_the_holder_releases(self):
        with pytest.raises(NotClaimed):
            a_case().release(NORTH, NOW)
        with pytest.raises(ClaimedByAnother):
            a_case().claim_for(NORTH, NOW).release(OTHER_NORTH, NOW)

    def test_claiming_does_not_make_an_open_page_stale(self):
        case = a_case()
        assert case.claim_for(NORTH, NOW).version == case.version


class TestUnits:
    def test_a_unit_that_the_case_has_not_reached_does_not_know_it(self):
        case = a_case(("north", "operations"))
        assert not case.is_visible_to("operations")
        with pytest.raises(CaseNotFound):
            case.claim_for(OPERATIONS, NOW)

    def test_another_centre_never_knows_it(self):
        case = decide(a_case().claim_for(NORTH, NOW), "forward")
        with pytest.raises(CaseNotFound):
            case.claim_for(SOUTH, NOW)

    def test_the_unit_that_forwarded_it_may_look_and_not_touch(self):
        case = decide(a_case().claim_for(NORTH, NOW), "forward")
        assert case.is_visible_to("north")
        with pytest.raises(CaseNotOpen):
            case.claim_for(NORTH, NOW)

    @pytest.mark.parametrize("decision", DECISIONS)
    @pytest.mark.parametrize("stranger", [OPERATIONS, SOUTH], ids=["a later stage", "another centre"])
    def test_no_other_unit_decides(self, decision, stranger):
        with pytest.raises(CaseNotFound):
            decide(a_case().claim_for(NORTH, NOW), decision, by=stranger)


class TestOwnCases:
    @pytest.mark.parametrize(
        "applicant_is_reviewer",
        [
            a_reviewer(person_key=a_submission().person_key),
            a_reviewer(account_name=a_submission().account_name),
            a_reviewer(account_name=a_submission().account_name.lower()),
        ],
        ids=["the same person", "the same account name", "the same account name in other letters"],
    )
    def test_nobody_claims_or_decides_a_case_of_their_own(self, applicant_is_reviewer):
        case = a_case()
        with pytest.raises(OwnCase):
            case.claim_for(applicant_is_reviewer, NOW)
        for decision in DECISIONS:
            with pytest.raises(OwnCase):
                decide(case, decision, by=applicant_is_reviewer)

    @pytest.mark.parametrize("person_key", [None, ""])
    def test_who_is_not_known_as_a_person_claims_and_decides_nothing(self, person_key):
        """Nobody could tell that the case is their own: an account name is not a person."""
        unknown = a_reviewer(person_key=person_key)
        case = a_case()
        assert not case.may_be_claimed_by(unknown, NOW)
        with pytest.raises(PersonUnknown):
            case.claim_for(unknown, NOW)
        claimed = replace(case, claim=Claim(unknown.account_id, unknown.name, NOW + minutes(15)))
        assert not claimed.may_be_decided_by(unknown, NOW)
        for decision in DECISIONS:
            with pytest.raises(PersonUnknown):
                decide(claimed, decision, by=unknown)


class TestDecisions:
    @pytest.mark.parametrize("decision", DECISIONS)
    def test_need_a_claim(self, decision):
        with pytest.raises(NotClaimed):
            decide(a_case(), decision)

    @pytest.mark.parametrize("decision", DECISIONS)
    @pytest.mark.parametrize("offset", [-1, 1])
    def test_need_the_version_that_the_reviewer_saw(self, decision, offset):
        case = a_case().claim_for(NORTH, NOW)
        with pytest.raises(StaleVersion):
            decide(case, decision, version=case.version + offset)

    @pytest.mark.parametrize("decision", DECISIONS)
    @pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
    def test_are_for_open_cases_only(self, decision, state):
        case = replace(a_case().claim_for(NORTH, NOW), state=state)
        with pytest.raises(CaseNotOpen):
            decide(case, decision)

    @pytest.mark.parametrize("decision", ["forward", "return", "reject"])
    def test_make_every_page_that_is_open_elsewhere_stale(self, decision):
        case = a_case().claim_for(NORTH, NOW)
        with pytest.raises(StaleVersion):
            decide(decide(case, decision), "forward", version=case.version)

    def test_forwarding_gives_the_next_unit_a_deadline_of_its_own_and_no_claim(self):
        later = NOW + minutes(60 * 24 * 4)  # Friday
        case = decide(a_case().claim_for(NORTH, NOW), "forward", now=later)
        assert (case.unit, case.stage, case.claim, case.state) == ("operations", 2, None, State.OPEN)
        assert case.due_on == day("2026-12-02")
        assert case.stages[0].handled_at == later

    def test_the_last_stage_cannot_forward(self):
        with pytest.raises(LastStage):
            decide(a_case(("north",)).claim_for(NORTH, NOW), "forward")

    def test_only_the_last_stage_approves(self):
        with pytest.raises(NotLastStage):
            decide(a_case().claim_for(NORTH, NOW), "approve")
        case = decide(a_case().claim_for(NORTH, NOW), "forward").claim_for(OPERATIONS, NOW)
        assert decide(case, "approve", by=OPERATIONS).state is State.APPROVED

    def test_a_returned_case_is_due_thirty_days_later_in_taipei(self):
        case = decide(a_case().claim_for(NORTH, NOW), "return")
        assert (case.state, case.resubmit_by) == (State.RETURNED, day("2026-12-23"))

    def test_a_rejected_case_is_over(self):
        case = decide(a_case().claim_for(NORTH, NOW), "reject")
        assert (case.state, case.claim) == (State.REJECTED, None)

    @pytest.mark.parametrize("decision", ["return", "reject"])
    @pytest.mark.parametrize("field", ["form", "company.name_zh"])
    def test_a_person_without_a_company_is_not_asked_to_correct_one(self, decision, field):
        case = a_case(("north",), identity_type="individual").claim_for(NORTH, NOW)
        with pytest.raises(FieldNotAsked, match=field):
            decide(case, decision, reasons=(Reason("WRONG", field),))


class TestWhatTheApplicantDoes:
    def returned(self) -> Case:
        return decide(a_case().claim_for(NORTH, NOW), "return")

    def test_a_returned_application_can_be_resubmitted_with_the_same_case_number(self):
        before = self.returned()
        later = NOW + minutes(60)
        case = before.resubmit(a_submission(submission=2, applicant_name="改名"), later, NO_HOLIDAYS)
        assert case.case_number == before.case_number
        assert (case.state, case.submission, case.unit, case.stage) == (State.OPEN, 2, "north", 1)
        assert (case.applicant_name, case.waiting_since, case.resubmit_by) == ("改名", later, None)

    def test_it_goes_back_to_the_stage_that_returned_it(self):
        case = decide(a_case().claim_for(NORTH, NOW), "forward").claim_for(OPERATIONS, NOW)
        case = decide(case, "return", by=OPERATIONS).resubmit(
            a_submission(submission=2), NOW + minutes(60), NO_HOLIDAYS
        )
        assert (case.unit, case.stage) == ("operations", 2)

    @pytest.mark.parametrize("state", [state for state in State if state is not State.RETURNED])
    def test_only_a_returned_case_takes_a_correction(self, state):
        with pytest.raises(NotReturned):
            replace(a_case(), state=state).resubmit(a_submission(submission=2), NOW, NO_HOLIDAYS)

    @pytest.mark.parametrize("state", State)
    def test_a_withdrawal_ends_the_case_in_every_state(self, state):
        assert replace(a_case(), state=state).withdraw(NOW).state is State.WITHDRAWN

    def test_a_withdrawal_takes_the_case_out_of_the_hands_of_its_reviewer(self):
        case = a_case().claim_for(NORTH, NOW)
        with pytest.raises(StaleVersion):
            decide(case.withdraw(NOW), "forward", version=case.version)


def test_a_case_is_overdue_on_the_day_after_its_deadline():
    case = a_case()
    assert case.due_on == day("2026-11-26")
    assert not case.is_overdue(day("2026-11-26"))
    assert case.is_overdue(day("2026-11-27"))
    assert not replace(case, state=State.RETURNED).is_overdue(day("2026-11-27"))


class TestWhenTheApplicantCanExpectADecision:
    def test_the_stages_still_to_come_are_counted_in_working_days(self):
        case = a_case()  # Monday 23 November; three days at each of two stages
        assert case.due_on == day("2026-11-26")
        assert case.expected_on(NO_HOLIDAYS) == day("2026-12-01")

    def test_holidays_on_the_way_count_for_the_stages_to_come_too(self):
        holidays = OfficeCalendar.with_holidays([day("2026-11-27"), day("2026-12-01")])
        assert a_case().expected_on(holidays) == day("2026-12-03")

    def test_one_stage_is_the_whole_route(self):
        case = a_case(("operations",), identity_type="individual")
        assert case.expected_on(NO_HOLIDAYS) == case.due_on

    def test_forwarding_early_brings_the_day_nearer_and_late_puts_it_off(self):
        early = decide(a_case().claim_for(NORTH, NOW), "forward", now=NOW)
        assert early.expected_on(NO_HOLIDAYS) == early.due_on == day("2026-11-26")
        late = decide(a_case().claim_for(NORTH, NOW), "forward", now=NOW + minutes(60 * 24 * 9))
        assert late.expected_on(NO_HOLIDAYS) == day("2026-12-07")

    @pytest.mark.parametrize(("stages_agreed", "expected"), [(0, "2026-12-17"), (1, "2026-12-14")])
    def test_a_corrected_case_is_counted_anew_from_the_stage_that_returned_it(self, stages_agreed, expected):
        case = a_case().claim_for(NORTH, NOW)
        by = NORTH
        if stages_agreed:
            case, by = decide(case, "forward").claim_for(OPERATIONS, NOW), OPERATIONS
        case = decide(case, "return", by=by)
        later = NOW + minutes(60 * 24 * 16)  # Wednesday 9 December
        assert case.resubmit(a_submission(submission=2), later, NO_HOLIDAYS).expected_on(NO_HOLIDAYS) == day(
            expected
        )
