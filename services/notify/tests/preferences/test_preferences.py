"""Preferences: what may be chosen, what is always on, and what holds without a choice."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.notices import Category
from notify.contact_points import actions as contact_points
from notify.contact_points import rules as persons
from notify.contact_points.rules import CaseHasAccount, addresses
from notify.preferences import actions, rules
from notify.preferences.rules import ALWAYS, CHOOSABLE, DEFAULTS, NONE, NotChoosable

from ..builders import NOW, seconds

SERVICES = ("notify",)
LEGAL, SECURITY, REMINDER, INFORMATION = Category
CHANNELS = st.frozensets(st.sampled_from(["email", "sms", "line", "fax", "pigeon"]))
CHOICES = st.dictionaries(st.sampled_from(list(Category)), CHANNELS)


@given(CHOICES)
def test_legal_and_security_notices_always_have_the_mailbox_whatever_is_stored(chosen):
    held = rules.complete(chosen)
    assert set(held) == set(Category)
    for category, channels in held.items():
        always = ALWAYS.get(category, NONE)
        assert always <= channels <= always | CHOOSABLE[category]
    assert "email" in held[LEGAL] & held[SECURITY]


@given(st.sampled_from(list(Category)), CHANNELS)
def test_a_choice_is_kept_as_it_was_made_or_refused(category, channels):
    try:
        kept = rules.choice(category, channels)
    except NotChoosable:
        assert channels - CHOOSABLE[category] - ALWAYS.get(category, NONE)
    else:
        assert rules.complete({category: kept})[category] == channels | ALWAYS.get(category, NONE)


def test_without_a_choice_everything_comes_by_mail_and_nothing_else():
    assert rules.complete({}) == dict.fromkeys(Category, frozenset({"email"}))
    assert all(DEFAULTS[category] <= CHOOSABLE[category] for category in Category)


@pytest.mark.parametrize("category", [LEGAL, SECURITY])
def test_the_mailbox_cannot_be_switched_off_for_what_is_always_on(category):
    with pytest.raises(NotChoosable):
        rules.without(rules.complete({}), category, "email")


@pytest.mark.stack
def test_choices_are_looked_up_for_many_at_once(tx):
    chooser, other = persons.account(uuid4()), persons.application(uuid4())
    actions.choose(tx, chooser, {LEGAL: frozenset({"email", "line", "fax"}), REMINDER: NONE}, NOW)
    held = actions.chosen_channels(tx, [chooser, other])
    assert held[chooser] == {
        LEGAL: {"email", "line", "fax"},
        SECURITY: {"email"},
        REMINDER: set(),
        INFORMATION: {"email"},
    }
    assert held[other] == rules.complete({})
    assert actions.chosen_channels(tx, []) == {}


@pytest.mark.stack
def test_one_channel_is_switched_off_and_on_and_the_rest_stays(tx):
    person = persons.account(uuid4())
    actions.turn_on(tx, person, INFORMATION, "line", at=NOW)
    actions.turn_off(tx, person, INFORMATION, at=NOW + seconds(1))
    actions.turn_off(tx, person, INFORMATION, at=NOW + seconds(2))
    assert actions.chosen_channels(tx, [person])[person][INFORMATION] == {"line"}
    with pytest.raises(NotChoosable):
        actions.turn_off(tx, person, LEGAL, at=NOW)


@pytest.mark.stack
def test_an_applicant_chooses_for_the_case_alone_and_the_account_takes_it_over(tx):
    application_id, account_id = uuid4(), uuid4()
    applicant, owner = persons.application(application_id), persons.account(account_id)
    actions.choose(tx, applicant, {LEGAL: frozenset({"fax"})}, NOW)
    with pytest.raises(NotChoosable):
        actions.choose(tx, applicant, {REMINDER: NONE}, NOW)
    for _ in range(2):
        actions.open_account(tx, application_id, account_id, addresses(emails=["c@x.tw"]), None, NOW)
    assert actions.chosen_channels(tx, [owner])[owner][LEGAL] == {"email", "fax"}
    with pytest.raises(CaseHasAccount):
        actions.choose(tx, applicant, {LEGAL: NONE}, NOW)


@pytest.mark.stack
def test_an_owner_who_chose_already_keeps_that_choice(tx):
    application_id, owner = uuid4(), persons.account(uuid4())
    actions.choose(tx, persons.application(application_id), {LEGAL: frozenset({"fax"})}, NOW)
    actions.choose(tx, owner, {LEGAL: frozenset({"line"})}, NOW)
    actions.open_account(tx, application_id, owner.id, addresses(emails=["c@x.tw"]), "+886224201234", NOW)
    assert contact_points.of(tx, owner, "fax").address == "+886224201234"
    assert actions.chosen_channels(tx, [owner])[owner][LEGAL] == {"email", "line"}
    actions.close_account(tx, owner.id)
    actions.open_account(tx, application_id, owner.id, addresses(emails=["c@x.tw"]), None, NOW)
    assert contact_points.points_of(tx, [owner]) == {}
    assert actions.chosen_channels(tx, [owner])[owner] == rules.complete({})
