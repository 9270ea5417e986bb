"""Events into messages: keep contacts, write down what has to be sent. Nothing is sent here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from notify.domain.messages import Contact, ContactUnknown, Message
from notify.store import Store
from notify.templates.actions import current_version


def keep_applicant(
    store: Store, application_id: UUID, case_number: str, contact: Contact, submission: int
) -> None:
    store.keep_applicant(application_id, case_number, contact, submission)


def keep_account(store: Store, account_id: UUID, contact: Contact) -> None:
    store.keep_account(account_id, contact)


def applicant(store: Store, application_id: UUID) -> Contact:
    """Raises ContactUnknown."""
    contact = store.applicant(application_id)
    if contact is None:
        raise ContactUnknown(f"application {application_id}")
    return contact


def account_contacts(store: Store, account_ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Raises ContactUnknown when one of them is."""
    wanted = set(account_ids)
    contacts = dict(store.account_contacts(list(wanted)))
    if missing := wanted - contacts.keys():
        raise ContactUnknown(f"account {min(missing, key=str)}")
    return contacts


def write_messages(store: Store, messages: Sequence[Message], now: datetime) -> None:
    """Intent, in the transaction of the event; the sender sends after the commit."""
    versions = {kind: current_version(kind) for kind in {message.kind for message in messages}}
    store.add_messages(messages, versions, now)
