"""When an access token allows what: each state of system, secret, grant and token against each other."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from accounts.api_clients.rules import (
    ApiToken,
    ScopeNotGranted,
    TokenNotValid,
    allowed_scopes,
    granted_scopes,
)
from accounts.subscribers.rules import ScopeGrant, Secret, State, Subscriber, SubscriberRefused, new_scope
from mtnet_contracts.vocabulary.scopes import SCOPES

NOW = datetime(2026, 11, 27, 4, tzinfo=UTC)
TODAY = date(2026, 11, 27)
A_MINUTE = timedelta(minutes=1)
ISSUED = NOW - 2 * A_MINUTE


def a_system(
    state=State.ACTIVE, changed=NOW - timedelta(days=9), secret_ends=None, ends_on=TODAY, granted=None
):
    return Subscriber(
        subscriber_id=uuid4(),
        name="vessels",
        title="Vessels",
        owner="Bureau",
        contact_email="a@b.example",
        system="vessels",
        state=state,
        registered_at=NOW - timedelta(days=9),
        secrets=(Secret(1, "hash", NOW - timedelta(days=9), secret_ends), Secret(2, "hash", NOW, None)),
        scopes=(ScopeGrant("accounts.read", "why", ends_on, granted or NOW - timedelta(days=9)),),
        state_changed_at=changed,
    )


def a_token(**changed):
    told = {"scopes": ("accounts.read",), "issued_at": ISSUED, "expires_at": NOW + 8 * A_MINUTE}
    return ApiToken(**{"subscriber_id": uuid4(), "secret_number": 1} | told | changed)


# By what is asked: what is good, and what is not any more.
STATES = {State.ACTIVE: True, State.SUSPENDED: False, State.REMOVED: False}
STATE_CHANGES = {ISSUED - A_MINUTE: True, ISSUED + A_MINUTE: False}
SECRET_ENDS = {None: True, NOW + A_MINUTE: True, NOW: False, NOW - A_MINUTE: False}
EXPIRIES = {NOW + A_MINUTE: True, NOW: False, NOW - A_MINUTE: False}
GRANT_ENDS = {TODAY + timedelta(days=1): True, TODAY: True, TODAY - timedelta(days=1): False}
GRANTED = {ISSUED - A_MINUTE: True, ISSUED: True, ISSUED + A_MINUTE: False}


@pytest.mark.parametrize(
    ("state", "changed", "secret_ends", "expires_at"),
    list(product(STATES, STATE_CHANGES, SECRET_ENDS, EXPIRIES)),
)
def test_a_token_is_as_good_as_the_worst_of_what_it_stands_on(state, changed, secret_ends, expires_at):
    good = STATES[state] and STATE_CHANGES[changed] and SECRET_ENDS[secret_ends] and EXPIRIES[expires_at]
    for ends_on, granted in product(GRANT_ENDS, GRANTED):
        system = a_system(state, changed, secret_ends, ends_on, granted)
        token = a_token(expires_at=expires_at)
        if not good:
            with pytest.raises(TokenNotValid):
                allowed_scopes(token, system, NOW, TODAY)
            continue
        holds = GRANT_ENDS[ends_on] and GRANTED[granted]
        assert allowed_scopes(token, system, NOW, TODAY) == ({"accounts.read"} if holds else set())


def test_a_token_allows_no_more_than_it_was_asked_for():
    assert allowed_scopes(a_token(scopes=()), a_system(), NOW, TODAY) == set()
    assert allowed_scopes(a_token(scopes=("snapshots.read",)), a_system(), NOW, TODAY) == set()


@pytest.mark.parametrize(("token", "system"), [(None, a_system()), (a_token(), None), (None, None)])
def test_what_is_not_there_is_not_valid(token, system):
    with pytest.raises(TokenNotValid):
        allowed_scopes(token, system, NOW, TODAY)


def test_a_token_of_a_secret_that_is_not_there_is_not_valid():
    with pytest.raises(TokenNotValid):
        allowed_scopes(a_token(secret_number=3), a_system(), NOW, TODAY)


class TestScopesOfANewToken:
    def test_all_that_is_granted_today_or_what_is_asked_for(self):
        assert granted_scopes(a_system(), (), TODAY) == ("accounts.read",)
        assert granted_scopes(a_system(), ("accounts.read",), TODAY) == ("accounts.read",)

    @pytest.mark.parametrize("wanted", [("snapshots.read",), ("accounts.read", "snapshots.read")])
    def test_nothing_that_is_not_granted_even_beside_what_is(self, wanted):
        with pytest.raises(ScopeNotGranted):
            granted_scopes(a_system(), wanted, TODAY)

    @pytest.mark.parametrize("wanted", [(), ("accounts.read",)])
    def test_a_grant_ends_with_its_last_day(self, wanted):
        with pytest.raises(ScopeNotGranted):
            granted_scopes(a_system(ends_on=TODAY - timedelta(days=1)), wanted, TODAY)


class TestGrants:
    @pytest.mark.parametrize("scope", SCOPES)
    def test_each_scope_takes_a_reason_and_an_end_within_a_year(self, scope):
        last = TODAY + timedelta(days=366)
        assert new_scope(scope, " why ", last, TODAY, NOW) == ScopeGrant(scope, "why", last, NOW)
        for reason, ends_on, words in (
            ("", last, "reason"),
            ("two\nlines", last, "reason"),
            ("x" * 301, last, "reason"),
            ("why", None, "until"),
            ("why", last + timedelta(days=1), str(last)),
            ("why", TODAY - timedelta(days=1), "over already"),
        ):
            with pytest.raises(SubscriberRefused, match=words):
                new_scope(scope, reason, ends_on, TODAY, NOW)

    def test_a_scope_that_is_none_is_named(self):
        with pytest.raises(SubscriberRefused, match=r"no scope 'everything'.*accounts\.read"):
            new_scope("everything", "why", TODAY, TODAY, NOW)
