"""Contacts as rules: in whatever order things are done, at most two of a kind, one first, never without an address."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from accounts.profile import rules
from accounts.registry.rules import AccountContact
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 2, 19, 9, tzinfo=UTC)


def a_contact(kind="email", value="a@example.com", is_primary=False):
    return AccountContact(
        contact_id=uuid4(), kind=kind, value=value, compared=value, is_primary=is_primary, verified_at=NOW
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "replace", "remove", "primary"]),
        st.sampled_from(["email", "mobile"]),
        st.integers(0, 4),
        st.integers(0, 3),
    ),
    max_size=25,
)


@given(STEPS)
def test_at_most_two_of_a_kind_exactly_one_first_and_always_an_address(steps):
    contacts = (a_contact(is_primary=True),)
    for what, kind, value, place in steps:
        new = a_contact(kind, f"{kind}{value}")
        chosen = contacts[place % len(contacts)].contact_id
        try:
            if what == "add":
                contacts = rules.with_contact(contacts, new, replacing=None)
            elif what == "replace":
                contacts = rules.with_contact(contacts, new, replacing=chosen)
            elif what == "remove":
                contacts = rules.without_contact(contacts, chosen)
            else:
                contacts = rules.with_primary(contacts, chosen)
        except (rules.TooManyContacts, rules.ContactKnown, rules.ContactNotFound, rules.LastEmail):
            continue
        for each in ("email", "mobile"):
            same = [contact for contact in contacts if contact.kind == each]
            assert len(same) <= rules.MOST_OF_A_KIND
            assert len({contact.compared for contact in same}) == len(same)
            assert sum(contact.is_primary for contact in same) == (1 if same else 0)
        assert any(contact.kind == "email" for contact in contacts)


def test_a_third_address_the_same_address_and_an_address_in_place_of_a_mobile_are_refused():
    first, second = a_contact(is_primary=True), a_contact(value="b@example.com")
    mobile = a_contact("mobile", "+886912345678", is_primary=True)
    with pytest.raises(rules.TooManyContacts):
        rules.with_contact((first, second), a_contact(value="c@example.com"), replacing=None)
    with pytest.raises(rules.ContactKnown):
        rules.with_contact((first,), a_contact(), replacing=None)
    with pytest.raises(rules.ContactNotFound):
        rules.with_contact((first, mobile), a_contact(value="c@example.com"), replacing=mobile.contact_id)


def test_an_address_can_be_proved_once_more_in_place_of_itself():
    first, second = a_contact(is_primary=True), a_contact(value="b@example.com")
    again = a_contact()
    assert rules.with_contact((first, second), again, replacing=first.contact_id) == (
        replace(again, is_primary=True),
        second,
    )
    with pytest.raises(rules.ContactKnown):
        rules.with_contact((first, second), a_contact(), replacing=second.contact_id)


def test_the_second_address_is_the_first_once_the_first_is_gone_and_the_last_one_stays():
    first, second = a_contact(is_primary=True), a_contact(value="b@example.com")
    left = rules.without_contact((first, second), first.contact_id)
    assert left == (replace(second, is_primary=True),)
    with pytest.raises(rules.LastEmail):
        rules.without_contact(left, second.contact_id)


def a_change(**changes):
    return rules.ContactChange(
        **{
            "change_id": UUID(int=1),
            "account_id": UUID(int=2),
            "change": "replaced",
            "kind": "email",
            "contact_id": None,
            "value": "b@example.com",
            "requested_at": NOW,
            "expires_at": NOW + rules.CHANGE_WAITS,
        }
        | changes
    )


def test_a_change_waits_an_hour_and_is_made_once():
    a_change().require_waiting(NOW + timedelta(minutes=59, seconds=59))
    for change, now in (
        (a_change(), NOW + timedelta(hours=1)),
        (a_change(changed_at=NOW), NOW),
    ):
        with pytest.raises(rules.ContactNotFound):
            change.require_waiting(now)


def test_a_change_can_be_undone_for_72_hours_and_once():
    made = a_change(changed_at=NOW, undo_until=NOW + rules.UNDO_WITHIN)
    made.require_undoable(NOW + timedelta(hours=72) - timedelta(microseconds=1))
    for change, now in (
        (made, NOW + timedelta(hours=72)),
        (replace(made, undone_at=NOW), NOW),
        (a_change(), NOW),
    ):
        with pytest.raises(rules.UndoNotPossible):
            change.require_undoable(now)
