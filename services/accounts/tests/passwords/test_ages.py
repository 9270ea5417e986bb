"""Passwords of the bureau's own people have a shortest and a longest age; those of members have none."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from accounts import settings as settings_module
from accounts.registry.rules import PasswordAge
from hypothesis import given
from hypothesis import strategies as st
from mtnet_chassis.rpc.actor import ActorVerifier
from mtnet_chassis.settings import SettingMissing

from ..builders import an_account
from ..conftest import ACTOR_KEY, refusal

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
DAY = timedelta(days=1)
AGE = PasswordAge(DAY, 180 * DAY)
PASSWORD, NEW = "Quay!2026side", "Buoy?7tide-moor"


@given(age=st.timedeltas(timedelta(0), 400 * DAY))
def test_of_the_bureau_a_password_is_changed_after_a_day_and_logs_in_for_half_a_year(age):
    of = {"identity_type": "bureau", "set_at": NOW - age, "now": NOW}
    assert AGE.is_too_new(**of) == (age < DAY)
    assert AGE.has_expired(**of) == (age >= 180 * DAY)


@given(
    age=st.timedeltas(timedelta(0), 4000 * DAY),
    kind=st.sampled_from(["company", "public_body", "individual"]),
)
def test_of_everybody_else_neither_counts(age, kind):
    of = {"identity_type": kind, "set_at": NOW - age, "now": NOW}
    assert not AGE.is_too_new(**of)
    assert not AGE.has_expired(**of)


@given(age=st.timedeltas(timedelta(0), 4000 * DAY))
def test_zero_is_no_limit(age):
    none = PasswordAge(timedelta(0), timedelta(0))
    of = {"identity_type": "bureau", "set_at": NOW - age, "now": NOW}
    assert not none.is_too_new(**of)
    assert not none.has_expired(**of)
    assert not AGE.has_expired(identity_type="bureau", set_at=None, now=NOW)


@given(age=st.timedeltas(timedelta(0), 400 * DAY), kind=st.sampled_from(["bureau", "company", "individual"]))
def test_for_two_weeks_before_the_end_its_owner_is_told(age, kind):
    soon = AGE.expires_soon(identity_type=kind, set_at=NOW - age, now=NOW)
    assert (soon is not None) == (kind == "bureau" and age >= 166 * DAY)
    assert soon in (None, NOW - age + 180 * DAY)


def test_where_a_password_lives_for_ten_days_the_last_five_are_said():
    short = PasswordAge(DAY, 10 * DAY)
    of = {"identity_type": "bureau", "now": NOW}
    assert short.expires_soon(**of, set_at=NOW - 4 * DAY) is None
    assert short.expires_soon(**of, set_at=NOW - 5 * DAY) == NOW + 5 * DAY


def test_what_never_expires_is_never_said_to():
    for age, set_at in ((PasswordAge(DAY, timedelta(0)), NOW - 900 * DAY), (AGE, None)):
        assert age.expires_soon(identity_type="bureau", set_at=set_at, now=NOW) is None


@pytest.mark.parametrize(
    ("shortest", "longest"), [("1", "1"), ("5", "3"), ("-1", "90"), ("1", "-1"), ("1", "99999")]
)
def test_ages_that_contradict_each_other_are_no_setting(told, monkeypatch, shortest, longest):
    monkeypatch.setenv("ACCOUNTS_STAFF_PASSWORD_SHORTEST_DAYS", shortest)
    monkeypatch.setenv("ACCOUNTS_STAFF_PASSWORD_LONGEST_DAYS", longest)
    with pytest.raises(SettingMissing, match=r"password|PASSWORD"):
        settings_module.settings.__wrapped__()


@pytest.fixture
def somebody(transactions, ask, rows):
    """`somebody("bureau", days=200)`: whose password is so old."""
    rows("DELETE FROM failed_login")

    def somebody(identity_type, *, days):
        account = an_account(transactions, PASSWORD, identity_type=identity_type)
        rows(
            "UPDATE account SET password_set_at = now() - %s * interval '1 day' WHERE account_id = %s",
            days,
            account.account_id,
        )

        def log_in(password=PASSWORD):
            return ask("log_in", account_name=account.account_name, password=password)

        def change():
            actor = ActorVerifier(ACTOR_KEY.public_key().public_bytes_raw()).verify(log_in()["actor"])
            return {"actor": actor, "current_password": PASSWORD, "password": NEW}

        return SimpleNamespace(account=account, log_in=log_in, change=change)

    return somebody


@pytest.mark.stack
def test_an_expired_password_is_told_after_the_right_one_only_and_a_new_one_logs_in(ask, rows, somebody):
    clerk = somebody("bureau", days=180)
    name = clerk.account.account_name
    assert refusal(ask, "log_in", account_name=name, password="Wrong!7tide").code == "LOGIN_FAILED"
    assert refusal(ask, "log_in", account_name=name, password=PASSWORD).code == "PASSWORD_EXPIRED"
    ((detail,),) = rows(
        "SELECT detail FROM audit_entry WHERE subject_id = %s AND action = 'login_refused'",
        clerk.account.account_id,
    )
    assert detail == {"reason": "password_expired"}
    rows("UPDATE account SET password_set_at = now() WHERE account_id = %s", clerk.account.account_id)
    assert clerk.log_in()["session_token"]
    assert somebody("bureau", days=179).log_in()["session_token"]
    assert somebody("individual", days=2000).log_in()["session_token"]


@pytest.mark.stack
def test_who_changed_the_password_today_waits_a_day_unless_it_is_a_members(ask, somebody):
    refused = refusal(ask, "change_password", **somebody("bureau", days=0).change())
    assert (refused.code, refused.fields) == ("INVALID", {"password": ["PASSWORD_TOO_NEW"]})
    clerk = somebody("bureau", days=2)
    change = clerk.change()
    ask("change_password", **change)
    # The next change waits again: its age was counted anew.
    again = change | {"current_password": NEW, "password": "Other!9harbour-buoy"}
    assert refusal(ask, "change_password", **again).fields == {"password": ["PASSWORD_TOO_NEW"]}
    member = somebody("company", days=0).change()
    ask("change_password", **member)
    ask("change_password", **member | {"current_password": NEW, "password": "Other!9harbour-buoy"})
