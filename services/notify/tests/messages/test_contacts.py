"""Own copies of contacts, in whatever order the events arrive."""

from itertools import permutations
from uuid import uuid4

import pytest
from notify.messages.actions import account_contacts, applicant, forget_account, keep_language
from notify.messages.rules import Contact, ContactUnknown
from notify.messages.store import MessageStore

from ..builders import CONTACT, NOW, seconds

SERVICES = ("notify",)


def test_the_latest_submission_s_contact_stays_in_whatever_order_they_come(tx):
    store, application_id = MessageStore(tx), uuid4()
    newer = Contact("新", "new@example.com", "en")
    for submission, contact in ((2, newer), (1, CONTACT)):
        store.keep_applicant(application_id, "PTAPPLY0000000000000", contact, submission)
    assert applicant(store, application_id) == newer


def test_an_unknown_contact_is_waited_for(tx):
    with pytest.raises(ContactUnknown):
        applicant(MessageStore(tx), uuid4())
    known = uuid4()
    MessageStore(tx).keep_account(known, CONTACT, NOW)
    assert account_contacts(MessageStore(tx), [known]) == {known: CONTACT}
    with pytest.raises(ContactUnknown):
        account_contacts(MessageStore(tx), [known, uuid4()])


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_an_account_s_newest_contact_and_language_stay_in_whatever_order_they_come(tx, order):
    store, account_id = MessageStore(tx), uuid4()
    opened = Contact("王小明", "first@example.com", "zh-Hant")
    changed = Contact("王小明", "second@example.com", "zh-Hant")
    known = [
        lambda: store.keep_account(account_id, opened, NOW),
        lambda: store.keep_account(account_id, changed, NOW + seconds(1)),
        lambda: store.keep_language(account_id, "en", NOW + seconds(2)),
        lambda: store.keep_language(account_id, "zh-Hant", NOW - seconds(1)),
    ]
    waiting = [known[number] for number in order]
    while waiting:  # a language that finds no account is tried again, as its event is
        event = waiting.pop(0)
        if event() is False:
            waiting.append(event)
    assert account_contacts(store, [account_id]) == {
        account_id: Contact("王小明", "second@example.com", "en")
    }


def test_a_language_of_nobody_is_tried_again(tx):
    store, account_id = MessageStore(tx), uuid4()
    with pytest.raises(ContactUnknown):
        keep_language(store, account_id, "en", NOW)
    store.keep_account(account_id, CONTACT, NOW)
    keep_language(store, account_id, "en", NOW)


def test_a_closed_account_is_forgotten_and_what_comes_late_is_not_waited_for(tx):
    store, account_id = MessageStore(tx), uuid4()
    store.keep_account(account_id, CONTACT, NOW)
    forget_account(store, account_id)
    assert account_contacts(store, [account_id]) == {}
    store.keep_account(account_id, CONTACT, NOW + seconds(1))
    assert account_contacts(store, [account_id]) == {}, "nor is a late contact kept"
