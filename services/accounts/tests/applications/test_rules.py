"""An application whatever happens to it, in any order: found by Hypothesis, judged by what must always hold."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from accounts.applications.rules import (
    CONTACTS,
    Application,
    Form,
    Incomplete,
    Mark,
    NotEditable,
    NotWithdrawable,
    Status,
    new_application,
)
from accounts.tracking import rules as decisions
from accounts.tracking.rules import UnexpectedDecision
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from mtnet_contracts.vocabulary.answers import SECTIONS
from mtnet_contracts.vocabulary.questions import read

START = datetime(2026, 3, 1, tzinfo=UTC)
NOTICE = "2025-02"
COMPANY = {
    "unified_business_number": "04595257",
    "name_zh": "x",
    "city": "keelung",
    "address": "x",
    "phone": "+886233436767",
}
VALUES = st.sampled_from(["a@example.com", "b@example.com"])
MOBILES = st.sampled_from(["+886912345678", "+886922345678"])
ENDED = {Status.APPROVED, Status.REJECTED, Status.WITHDRAWN}


class ApplicationMachine(RuleBasedStateMachine):
    @initialize(identity_type=st.sampled_from(["company", "public_body", "individual", "bureau"]))
    def begin(self, identity_type):
        self.now = START
        self.application = new_application(
            application_id=UUID(int=1),
            random_hex="936ec90162340",
            identity_type=identity_type,
            locale="zh-Hant",
            now=self.now,
        )
        self.number = self.application.case_number
        self.submissions = 0
        self.proved = set()
        self.ended = None

    def later(self):
        self.now += timedelta(minutes=1)
        return self.now

    def digest(self):
        return str(self.application.answers)

    @rule(
        email=VALUES,
        mobile=MOBILES,
        section=st.sampled_from(["registration", "identity", "company", "applicant"]),
    )
    def fill_in(self, section, email, mobile):
        answers = read(
            SECTIONS[section],
            {
                "registration": {"method": "email", "notice_version": NOTICE, "agreed": True},
                "identity": {"account_name": "QWERTYUI"},
                "company": COMPANY | {"email": email, "mobile": mobile},
                "applicant": {"name": "x", "email": email, "mobile": mobile},
            }[section],
        )
        if section not in self.application.sections:
            return
        if not self.application.editable:
            with pytest.raises(NotEditable):
                self.application.with_section(answers, now=self.later())
            return
        self.application = self.application.with_section(answers, now=self.later())

    @rule(contact=st.sampled_from(sorted(CONTACTS)))
    def prove(self, contact):
        found = self.application.contact(contact)
        if found is None or not self.application.editable:
            return
        self.proved.add((CONTACTS[contact][1], found.value))
        self.application = self.application.with_contact_verified(found, now=self.later())

    @rule()
    def upload(self):
        if self.application.editable:
            form = Form(
                UUID(int=2), "forms/x", "x.pdf", "application/pdf", 9, 1, "0", self.digest(), self.later()
            )
            self.application = Application(**vars(self.application) | {"form": form})

    @rule()
    def hand_in(self):
        told = {"notice_version": NOTICE, "content_hash": self.digest()}
        if not self.application.editable:
            with pytest.raises(NotEditable):
                self.application.submit(now=self.later(), **told)
        elif missing := self.application.missing(**told):
            with pytest.raises(Incomplete) as incomplete:
                self.application.submit(now=self.later(), **told)
            assert incomplete.value.missing == missing
        else:
            self.application = self.application.submit(now=self.later(), **told)
            self.submissions += 1

    @rule()
    def withdraw(self):
        try:
            self.application = self.application.withdraw(now=self.later())
        except NotWithdrawable:
            assert self.application.status in ENDED | {Status.DRAFT}

    @rule(decision=st.sampled_from(["waiting", "returned", "approved", "rejected"]), old=st.booleans())
    def decide(self, decision, old):
        facts = {
            "waiting": {
                "unit": "north",
                "stage": 1,
                "stages": 2,
                "due_on": date(2026, 3, 9),
                "expected_on": None,
            },
            "returned": {
                "marks": (Mark("WRONG", "applicant.phone"),),
                "note": "",
                "resubmit_by": date(2026, 4, 1),
            },
            "approved": {},
            "rejected": {"marks": (), "note": ""},
        }[decision]
        before = self.application
        submission = self.application.submission - old
        try:
            self.application = getattr(decisions, decision)(
                before, submission=submission, now=self.later(), **facts
            )
        except UnexpectedDecision:
            assert before.status not in (Status.SUBMITTED, Status.IN_REVIEW)
        if old or before.status is Status.WITHDRAWN:
            assert self.application is before

    @invariant()
    def the_number_stays_and_submissions_count(self):
        assert self.application.case_number == self.number
        assert self.application.submission == self.submissions

    @invariant()
    def what_has_ended_stays_ended(self):
        if self.ended is not None:
            assert self.application.status is self.ended
        if self.application.status in ENDED:
            self.ended = self.application.status

    @invariant()
    def no_contact_counts_as_proved_that_was_not(self):
        for contact in self.application.contacts:
            if contact.verified_at is not None:
                assert (CONTACTS[contact.contact][1], contact.value) in self.proved

    @invariant()
    def whoever_waits_for_a_decision_had_everything(self):
        application = self.application
        if application.status in (Status.SUBMITTED, Status.IN_REVIEW, Status.APPROVED):
            assert application.missing(notice_version=NOTICE, content_hash=self.digest()) == ()
            assert application.submitted_at is not None
            assert application.expires_at is None
            assert application.marks == ()


ApplicationMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestApplicationMachine = ApplicationMachine.TestCase
