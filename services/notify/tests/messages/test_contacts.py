"""Own copies of contacts, in whatever order the events arrive."""

from uuid import uuid4

import pytest
from notify.messages.actions import account_contacts, applicant
from notify.messages.rules import Contact, ContactUnknown
from notify.messages.store import MessageStore

from ..builders import CONTACT

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
    MessageStore(tx).keep_account(known, CONTACT)
    assert account_contacts(MessageStore(tx), [known]) == {known: CONTACT}
    with pytest.raises(ContactUnknown):
        account_contacts(MessageStore(tx), [known, uuid4()])
