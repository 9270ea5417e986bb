"""What an owner reads of an entry: who did it, from where, and no more than concerns them."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from accounts.history import rules

OWNER, REVIEWER = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 2, 19, 9, tzinfo=UTC)


def read(action, *, actor=None, unit=None, **detail):
    return rules.as_read_by_owner(
        NOW, action, actor=actor, owner=OWNER, unit=unit, ip="192.0.2.7", detail=detail
    )


@pytest.mark.parametrize(
    ("entry", "by", "category", "ip"),
    [
        (read("logged_in", actor=OWNER), "owner", "logins", "192.0.2.7"),
        (read("login_failed"), "somebody", "logins", "192.0.2.7"),
        (read("profile_changed", actor=OWNER), "owner", "changes", "192.0.2.7"),
        (read("form_viewed", actor=REVIEWER, unit="north"), "staff", "looks", None),
        (read("account_reactivated", who="operator1"), "staff", "changes", None),
        (read("contact_change_undone"), "somebody", "changes", "192.0.2.7"),
        (read("account_frozen"), "system", "changes", None),
        (read("something_of_next_year", actor=OWNER), "owner", "changes", "192.0.2.7"),
    ],
)
def test_says_who_did_what(entry, by, category, ip):
    assert (entry.by, entry.category, entry.ip) == (by, category, ip)


def test_ids_names_of_staff_and_their_reasons_stay_inside():
    entry = read(
        "id_number_revealed", actor=REVIEWER, unit="north", reason="電話核對", who="王", session_id="x"
    )
    assert (entry.detail, entry.unit) == ({}, "north")
    assert read("login_refused", reason="frozen").detail == {"reason": "frozen"}


def test_a_period_is_whole_days_in_taipei():
    begins, ends = rules.period(date(2026, 2, 19), date(2026, 2, 19))
    assert begins.astimezone(UTC) == datetime(2026, 2, 18, 16, tzinfo=UTC)
    assert ends.astimezone(UTC) == datetime(2026, 2, 19, 16, tzinfo=UTC)
    assert rules.period(None, None) == (None, None)
