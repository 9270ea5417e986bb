"""What may be decided about a quick answer by whom, and which searches are never kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from helpdesk.quick_answers.rules import (
    LONGEST_REVIEW,
    MACHINE,
    Author,
    Decision,
    DecisionNotAllowed,
    NotTheirs,
    QuickAnswer,
    QuickAnswerChanged,
    QuickAnswerRetired,
    ReviewDayNotValid,
    State,
    changed,
    checked_review_day,
    decided,
    may_be_personal,
    may_change,
    possible,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 26)
LEAD = Author(uuid4(), "客服組長", True)
AGENT = Author(uuid4(), "客服人員", False)


def an_answer(**changes):
    return replace(
        QuickAnswer(
            answer_id=uuid4(),
            number=1,
            state=State.DRAFT,
            category="mtnet",
            question={"zh-Hant": "忘記密碼怎麼辦", "en": "I forgot my password"},
            answer={
                "zh-Hant": "於登入頁點選「忘記密碼」。",
                "en": "Choose “forgot password” on the login page.",
            },
            owner_id=AGENT.account_id,
            owner_name=AGENT.name,
            review_on=TODAY + timedelta(days=30),
            version=1,
            changed_at=NOW,
        ),
        **changes,
    )


@pytest.mark.parametrize(("state", "decision"), list(product(State, Decision)))
def test_each_decision_in_each_state(state, decision):
    before = an_answer(state=state, version=4)
    states, becomes = MACHINE[decision]
    if state not in states:
        with pytest.raises(DecisionNotAllowed):
            decided(before, LEAD, decision, 4, TODAY, NOW)
        return
    after = decided(before, LEAD, decision, 4, TODAY + timedelta(days=9), NOW)
    assert (after.state, after.version) == (becomes or state, 5)
    moved = decision in (Decision.PUBLISH, Decision.CONFIRM)
    assert (after.review_on != before.review_on) is moved
    assert (after.owner_id == LEAD.account_id) is (decision == Decision.TAKE_OVER)
    assert after.question == before.question


def test_an_answer_becomes_published_retired_and_a_draft_again():
    assert {(a, b) for states, b in MACHINE.values() for a in states if b} == {
        (State.DRAFT, State.PUBLISHED),
        (State.DRAFT, State.RETIRED),
        (State.PUBLISHED, State.RETIRED),
        (State.RETIRED, State.DRAFT),
    }


@pytest.mark.parametrize("state", State)
def test_agents_decide_nothing_and_leads_what_the_state_allows(state):
    assert possible(an_answer(state=state), AGENT) == []
    assert set(possible(an_answer(state=state), LEAD)) == {d for d in Decision if state in MACHINE[d][0]}
    with pytest.raises(DecisionNotAllowed):
        decided(an_answer(state=state), AGENT, Decision.RETIRE, 1, TODAY, NOW)


def test_nobody_takes_over_what_is_theirs():
    assert Decision.TAKE_OVER not in possible(an_answer(owner_id=LEAD.account_id), LEAD)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("author", [LEAD, AGENT], ids=["lead", "agent"])
@pytest.mark.parametrize("own", [True, False])
def test_who_may_change_the_text(state, author, own):
    known = an_answer(state=state, owner_id=author.account_id if own else uuid4())
    allowed = state != State.RETIRED and (author.lead or (own and state == State.DRAFT))
    assert may_change(known, author) is allowed
    wanted = an_answer(question={"zh-Hant": "新", "en": "New"})
    if allowed:
        after = changed(known, author, wanted, NOW)
        assert (after.question, after.version, after.state) == (wanted.question, 2, state)
        assert (after.owner_id, after.answer_id) == (known.owner_id, known.answer_id)
    else:
        with pytest.raises(QuickAnswerRetired if author.lead else NotTheirs):
            changed(known, author, wanted, NOW)


def test_what_a_colleague_changed_meanwhile_is_not_overwritten():
    with pytest.raises(QuickAnswerChanged):
        changed(an_answer(version=2), LEAD, an_answer(version=1), NOW)
    with pytest.raises(QuickAnswerChanged):
        decided(an_answer(version=2), LEAD, Decision.PUBLISH, 1, TODAY, NOW)


@given(st.integers(-10, 800))
def test_a_review_day_is_after_today_and_within_two_years(days):
    day = TODAY + timedelta(days=days)
    if 0 < days <= LONGEST_REVIEW.days:
        assert checked_review_day(day, TODAY) == day
    else:
        with pytest.raises(ReviewDayNotValid):
            checked_review_day(day, TODAY)
    assert TODAY < checked_review_day(None, TODAY) <= TODAY + LONGEST_REVIEW


@pytest.mark.parametrize(("days", "due"), [(-1, True), (0, True), (1, False)])
def test_a_published_answer_is_due_on_its_day(days, due):
    day = TODAY + timedelta(days=days)
    assert an_answer(state=State.PUBLISHED, review_on=day).is_due(TODAY) is due
    assert not an_answer(state=State.DRAFT, review_on=day).is_due(TODAY)


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("A123456789 忘記密碼", True),
        ("a223456789", True),
        ("0912-345-678", True),
        ("0912 345 678", True),
        ("04595257", True),
        ("name@example.com", True),
        ("AA-01", False),
        ("密碼 90 天", False),
        ("2026-11", False),
        ("船舶進港", False),
    ],
)
def test_what_may_be_somebodys_number_or_address_is_not_kept(text, personal):
    assert may_be_personal(text) is personal
