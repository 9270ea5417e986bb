"""Clocks of requests for personal data: 15 and 30 days in Taipei, extended once by as much; when the desk is told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from accounts.privacy_rights import rules
from accounts.privacy_rights.rules import PrivacyRequest, State
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.dates import taipei_day

# One second before midnight in Taipei, and midnight itself.
BEFORE = datetime(2026, 2, 19, 15, 59, 59, tzinfo=UTC)
AFTER = datetime(2026, 2, 19, 16, tzinfo=UTC)
KINDS = sorted(rules.DAYS_TO_ANSWER)


def a_request(kind="view", received_at=BEFORE):
    return PrivacyRequest(
        request_id=uuid4(),
        request_number="PD20260219-0001",
        account_id=UUID(int=1),
        kind=kind,
        state=State.OPEN,
        words="",
        received_at=received_at,
        due_on=rules.due_on(kind, received_at),
    )


@pytest.mark.parametrize(
    ("kind", "received_at", "day"),
    [
        ("view", BEFORE, date(2026, 3, 6)),
        ("copy", AFTER, date(2026, 3, 7)),
        ("correct", BEFORE, date(2026, 3, 21)),
        ("stop", AFTER, date(2026, 3, 22)),
        ("delete", datetime(2028, 1, 30, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_the_day_it_is_due_is_counted_from_the_day_after_in_taipei(kind, received_at, day):
    assert rules.due_on(kind, received_at) == day


@given(st.sampled_from(KINDS), st.datetimes(datetime(2026, 1, 1), datetime(2032, 12, 31)))
def test_the_time_is_extended_once_and_by_as_much(kind, received):
    longer = a_request(kind, received.replace(tzinfo=UTC)).with_more_time()
    assert longer.due_on - taipei_day(longer.received_at) == timedelta(days=2 * rules.DAYS_TO_ANSWER[kind])
    assert longer.version == 2
    with pytest.raises(rules.ExtendedAlready):
        longer.with_more_time()


def test_who_was_slower_decides_for_themselves_or_comes_too_late_is_refused():
    request = a_request()
    request.require_decidable(UUID(int=2), 1)
    for changed, operator, version, refusal in (
        (request, UUID(int=1), 1, rules.OwnRequest),
        (request, UUID(int=2), 2, rules.RequestChanged),
        (request.closed(State.DONE, BEFORE), UUID(int=2), 2, rules.RequestClosed),
    ):
        with pytest.raises(refusal):
            changed.require_decidable(operator, version)


def test_the_desk_is_told_five_days_before_and_daily_from_the_day_before():
    request, told = a_request("correct"), []
    for days in range(40):
        today = taipei_day(BEFORE) + timedelta(days=days)
        for _ in range(3):
            if rules.is_to_be_reminded(request, today):
                told.append(days)
                request = replace(request, reminded_on=today)
    assert told == [25, *range(29, 40)]


def test_numbers_name_the_day_in_taipei():
    assert rules.request_number(AFTER, 7) == "PD20260220-0007"
    assert rules.request_number(AFTER, 12345) == "PD20260220-12345"
