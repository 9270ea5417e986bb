"""Two people judge, neither of them the holder; whatever is tried in whatever order."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
from helpdesk.reactivations import rules
from helpdesk.reactivations.rules import CHECKS, DECIDED, Case, Person, State, same_person
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.calls.helpdesk import reactivations as calls
from mtnet_contracts.events import ReactivationRefused

from ..builders import NOW

HOLDER = Person(uuid4(), "carrier2026", "航運公司承辦人", "holder-key")
FIRST, SECOND = (Person(uuid4(), f"helpdesk{n}", f"客服 {n}", f"key-{n}") for n in (1, 2))
# The same people under other accounts, or with another spelling of the name.
FIRST_AGAIN = Person(uuid4(), "otherdesk1", "客服 1", "key-1")
FIRST_SPELT = Person(FIRST.account_id, "ＨelpDesk1", "客服 1", None)
HOLDER_AT_THE_DESK = Person(uuid4(), "helpdesk9", "客服 9", "holder-key")
PEOPLE = (HOLDER, FIRST, SECOND, FIRST_AGAIN, FIRST_SPELT, HOLDER_AT_THE_DESK)


def a_case(evidence="letter", **changes):
    made = Case(
        reactivation_id=uuid4(),
        number="RA2026-000001",
        account_id=HOLDER.account_id,
        account_name=HOLDER.account_name,
        name=HOLDER.name,
        organisation_name=None,
        person_key=HOLDER.person_key,
        account_state="disabled",
        evidence=evidence,
        reference="航港字第 1140000001 號",
        received_on=date(2026, 11, 25),
        opened_by=FIRST,
        opened_at=NOW,
    )
    return replace(made, **changes)


def checked(case, by=FIRST):
    return case.checked(by, case.version, CHECKS[case.evidence], "印信相符", NOW)


def test_the_contract_and_the_rules_say_the_same():
    assert {kind: frozenset(checks) for kind, checks in calls.CHECKS.items()} == CHECKS
    assert set(calls.STATES) == set(State)
    assert calls.REFUSAL_REASONS == ReactivationRefused.REASONS


@pytest.mark.parametrize("evidence", CHECKS)
def test_one_checks_and_another_approves(evidence):
    case = checked(a_case(evidence))
    case = case.approved(SECOND, case.version, CHECKS[evidence], NOW)
    assert (case.state, case.checked_by, case.decided_by) == (State.APPROVED, FIRST, SECOND)


@pytest.mark.parametrize("evidence", CHECKS)
def test_everything_has_to_be_ticked_by_both(evidence):
    for left_out in CHECKS[evidence]:
        some = CHECKS[evidence] - {left_out}
        with pytest.raises(rules.ChecksMissing):
            a_case(evidence).checked(FIRST, 1, some, "印信相符", NOW)
        with pytest.raises(rules.ChecksMissing):
            checked(a_case(evidence)).approved(SECOND, 2, some, NOW)


@pytest.mark.parametrize("again", [FIRST, FIRST_AGAIN, FIRST_SPELT])
def test_the_one_who_checked_does_not_approve_under_whatever_account(again):
    with pytest.raises(rules.SecondPersonNeeded):
        checked(a_case()).approved(again, 2, CHECKS["letter"], NOW)


@pytest.mark.parametrize("holder", [HOLDER, HOLDER_AT_THE_DESK])
def test_the_holder_does_nothing_with_their_own_case(holder):
    for work in (
        lambda: a_case().checked(holder, 1, CHECKS["letter"], "我", NOW),
        lambda: checked(a_case()).approved(holder, 2, CHECKS["letter"], NOW),
        lambda: a_case().refused(holder, 1, "incomplete", "", NOW),
    ):
        with pytest.raises(rules.OwnReactivation):
            work()
    assert a_case().can(holder) == []


def test_nobody_approves_what_nobody_has_checked():
    with pytest.raises(rules.ReactivationNotChecked):
        a_case().approved(SECOND, 1, CHECKS["letter"], NOW)


def test_what_was_seen_before_a_colleague_changed_it_is_not_decided():
    with pytest.raises(rules.ReactivationChanged):
        checked(a_case()).approved(SECOND, 1, CHECKS["letter"], NOW)


def test_a_decision_stays():
    refused = a_case().refused(SECOND, 1, "incomplete", "缺印信", NOW)
    with pytest.raises(rules.ReactivationDecided):
        refused.checked(FIRST, 2, CHECKS["letter"], "印信相符", NOW)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["check", "approve", "refuse"]), st.sampled_from(PEOPLE), st.booleans(), st.booleans()
    ),
    max_size=12,
)


@given(STEPS)
def test_whatever_is_tried_an_approval_is_of_two_people_and_never_of_the_holder(steps):
    case = a_case()
    for what, who, all_ticked, seen in steps:
        ticks = CHECKS["letter"] if all_ticked else frozenset({"name_fits"})
        version, offered, before = case.version if seen else case.version - 1, case.can(who), case
        try:
            if what == "check":
                case = case.checked(who, version, ticks, "印信相符", NOW)
            elif what == "approve":
                case = case.approved(who, version, ticks, NOW)
            else:
                case = case.refused(who, version, "incomplete", "", NOW)
        except (
            rules.OwnReactivation,
            rules.ReactivationDecided,
            rules.ReactivationChanged,
            rules.ReactivationNotChecked,
            rules.SecondPersonNeeded,
            rules.ChecksMissing,
        ):
            assert not (seen and all_ticked and what in offered), "what is offered can be done"
            continue
        assert before.state not in DECIDED
        assert case.version == before.version + 1
    if case.state == State.APPROVED:
        assert not same_person(case.checked_by, case.decided_by)
    for person in (case.checked_by, case.decided_by):
        assert person is None or not (
            person.account_id == HOLDER.account_id or person.person_key == HOLDER.person_key
        )


def test_two_without_a_known_id_number_are_two_people():
    one, other = (replace(person, person_key=None) for person in (FIRST, SECOND))
    assert not same_person(one, other)
    assert same_person(one, replace(one, account_id=UUID(int=1)))
