"""Contact points: what events say, what people prove, and what is out of reach, in whatever order it is heard."""

from dataclasses import replace
from itertools import permutations
from uuid import uuid4

import pytest
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.events import (
    AccountOpened,
    ApplicationResubmitted,
    ApplicationSubmitted,
    ContactChanged,
    ContactChangeUndone,
)
from mtnet_contracts.examples import example_of
from notify.contact_points import actions, rules
from notify.contact_points.actions import add_verified, keep_points, mark_reachable, mark_unreachable
from notify.contact_points.messages import addresses_of_account, addresses_of_applicant
from notify.contact_points.rules import FAX, LINE, AccountClosed, CaseHasAccount, addresses

from ..builders import NOW, seconds

SERVICES = ("notify",)
pytestmark = pytest.mark.stack
LINKED = "U" + "0" * 32


def somebody():
    return rules.account(uuid4())


def found(tx, person):
    points = actions.points_of(tx, [person]).get(person, [])
    return [(point.channel, point.address) for point in points]


def test_the_first_of_each_channel_stands_in_front_and_none_twice():
    given = addresses(
        emails=["b@x.tw", None, "a@x.tw", "b@x.tw"], mobiles=[""], faxes=["+886233436767#12", "+886224201234"]
    )
    assert given == (("email", "b@x.tw"), ("email", "a@x.tw"), ("fax", "+886224201234"))


@pytest.mark.parametrize("event", [ApplicationSubmitted, ApplicationResubmitted])
def test_an_applicant_is_reached_before_the_organisation(event):
    submitted = example_of(event)
    numbers = (
        replace(submitted.applicant, fax="+886233436767"),
        replace(submitted.company, fax="+886224201234"),
    )
    given = addresses_of_applicant(replace(submitted, applicant=numbers[0], company=numbers[1]))
    assert given[0] == ("email", submitted.applicant.email)
    assert ("sms", submitted.applicant.mobile) in given
    assert [address for channel, address in given if channel == FAX] == ["+886233436767", "+886224201234"]
    alone = addresses_of_applicant(replace(submitted, company=None))
    assert alone[:2] == (("email", submitted.applicant.email), ("sms", submitted.applicant.mobile))


def test_an_account_is_reached_by_its_first_contacts_and_then_by_those_beside_them():
    opened = example_of(AccountOpened)
    assert addresses_of_account(opened) == (("email", opened.email), ("sms", opened.mobile))
    for event in (ContactChanged, ContactChangeUndone):
        changed = replace(example_of(event), second_email="second@x.tw", second_mobile=None)
        expected = [("email", changed.email), ("email", "second@x.tw"), ("sms", changed.mobile)]
        assert list(addresses_of_account(changed)) == expected


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_addresses_stay_in_whatever_order_events_come(tx, order):
    person = somebody()
    known = [("first@x.tw", 0), ("second@x.tw", 1), ("third@x.tw", 2)]
    for number in order:
        address, at = known[number]
        keep_points(tx, person, addresses(emails=[address], mobiles=["+886912345678"]), NOW + seconds(at))
    assert found(tx, person) == [("email", "third@x.tw"), ("sms", "+886912345678")]


def test_many_are_looked_up_at_once_and_strangers_have_nothing(tx):
    people = [somebody() for _ in range(3)]
    for number, person in enumerate(people[:2]):
        keep_points(tx, person, addresses(emails=[f"{number}@x.tw", f"other{number}@x.tw"]), NOW)
    points = actions.points_of(tx, people)
    assert [point.address for point in points[people[1]]] == ["1@x.tw", "other1@x.tw"]
    assert people[2] not in points
    assert actions.points_of(tx, []) == {}


def test_a_number_of_one_s_own_stands_before_what_the_application_says_and_replaces_the_last(tx):
    person = somebody()
    keep_points(tx, person, addresses(faxes=["+886224201234"]), NOW)
    add_verified(tx, person, FAX, "+886233436767", NOW)
    add_verified(tx, person, FAX, "+886233436768", NOW + seconds(1))
    keep_points(tx, person, addresses(faxes=["+886224201234"]), NOW + seconds(2))
    assert found(tx, person) == [(FAX, "+886233436768"), (FAX, "+886224201234")]
    assert actions.of(tx, person, FAX).own
    assert actions.remove(tx, person, FAX)
    assert not actions.remove(tx, person, FAX), "what an event said is not the person's to remove"
    assert found(tx, person) == [(FAX, "+886224201234")]


def test_what_is_out_of_reach_is_told_once_and_the_newest_word_holds(tx):
    one, other = somebody(), rules.application(uuid4())
    for person in (one, other):
        add_verified(tx, person, LINE, LINKED, NOW)
    assert set(mark_unreachable(tx, LINE, LINKED, NOW + seconds(5))) == {one, other}
    assert mark_unreachable(tx, LINE, LINKED, NOW + seconds(6)) == []
    assert mark_reachable(tx, LINE, LINKED, NOW + seconds(4)) == [], "older than what is known"
    point = actions.of(tx, one, LINE)
    assert (point.reachable, point.unreachable_since) == (False, NOW + seconds(5))
    assert set(mark_reachable(tx, LINE, LINKED, NOW + seconds(7))) == {one, other}
    assert mark_unreachable(tx, LINE, LINKED, NOW + seconds(6)) == []
    assert actions.of(tx, one, LINE).reachable


def test_an_address_proved_anew_can_be_reached_again(tx):
    person = somebody()
    add_verified(tx, person, FAX, "+886233436767", NOW)
    mark_unreachable(tx, FAX, "+886233436767", NOW + seconds(1))
    add_verified(tx, person, FAX, "+886233436767", NOW + seconds(2))
    assert actions.of(tx, person, FAX).reachable


def test_an_address_that_stays_keeps_its_state_when_another_comes(tx):
    person = somebody()
    keep_points(tx, person, addresses(emails=["dead@x.tw"]), NOW)
    mark_unreachable(tx, "email", "dead@x.tw", NOW + seconds(1))
    keep_points(tx, person, addresses(emails=["new@x.tw", "dead@x.tw"]), NOW + seconds(2))
    points = actions.points_of(tx, [person])[person]
    assert [(point.address, point.reachable) for point in points] == [
        ("new@x.tw", True),
        ("dead@x.tw", False),
    ]


def test_an_account_takes_over_what_the_applicant_gave_and_the_case_takes_no_more(tx):
    application_id, account_id = uuid4(), uuid4()
    applicant, owner = rules.application(application_id), rules.account(account_id)
    keep_points(tx, applicant, addresses(emails=["clerk@x.tw"]), NOW)
    add_verified(tx, applicant, LINE, LINKED, NOW)
    for _ in range(2):
        assert actions.take_over(tx, application_id, account_id, None, NOW)
    keep_points(tx, owner, addresses(emails=["clerk@x.tw"]), NOW + seconds(1))
    assert found(tx, owner) == [("email", "clerk@x.tw"), (LINE, LINKED)]
    assert found(tx, applicant) == [("email", "clerk@x.tw")]
    with pytest.raises(CaseHasAccount):
        add_verified(tx, applicant, LINE, LINKED, NOW)


def test_what_the_owner_linked_already_is_not_replaced_by_the_applicant_s(tx):
    application_id, account_id = uuid4(), uuid4()
    newer = "U" + "1" * 32
    add_verified(tx, rules.application(application_id), LINE, LINKED, NOW)
    add_verified(tx, rules.account(account_id), LINE, newer, NOW)
    actions.take_over(tx, application_id, account_id, None, NOW)
    assert found(tx, rules.account(account_id)) == [(LINE, newer)]


def test_a_closed_account_has_no_address_and_gets_none_whatever_comes_late(tx):
    person, application_id = somebody(), uuid4()
    add_verified(tx, rules.application(application_id), LINE, LINKED, NOW)
    keep_points(tx, person, addresses(emails=["clerk@x.tw"]), NOW)
    actions.forget(tx, person)
    keep_points(tx, person, addresses(emails=["clerk@x.tw"]), NOW + seconds(1))
    assert not actions.take_over(tx, application_id, person.id, None, NOW)
    assert found(tx, person) == [] == found(tx, rules.application(application_id))
    with pytest.raises(AccountClosed):
        add_verified(tx, person, LINE, LINKED, NOW)


def test_what_somebody_else_added_goes_with_the_change_that_is_undone(tx):
    person = somebody()
    add_verified(tx, person, FAX, "+886233436767", NOW - rules.UNDO_WITHIN - seconds(1))
    add_verified(tx, person, LINE, LINKED, NOW - seconds(60))
    for _ in range(2):
        actions.undo(tx, Outbox(tx), person.id, addresses(emails=["clerk@x.tw"]), NOW)
    assert found(tx, person) == [("email", "clerk@x.tw"), (FAX, "+886233436767")]
    # Who took that user of LINE for the owner is told, once.
    told = tx.execute("SELECT name, payload::jsonb -> 'undone' FROM outbox").fetchall()
    assert told == [("LineUnlinked", True)]


def test_a_fax_number_that_somebody_else_confirmed_goes_too_and_is_told_once(tx):
    person = somebody()
    add_verified(tx, person, FAX, "+886233436767", NOW - seconds(60))
    for _ in range(2):
        actions.undo(tx, Outbox(tx), person.id, addresses(emails=["clerk@x.tw"]), NOW)
    assert found(tx, person) == [("email", "clerk@x.tw")]
    told = tx.execute("SELECT name, payload::jsonb -> 'undone' FROM outbox").fetchall()
    assert told == [("FaxNumberRemoved", True)]
