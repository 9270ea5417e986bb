"""Send a code to a contact of an application, and verify the contact by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused

from accounts.applications import actions as applying
from accounts.applications.names import keep_name
from accounts.applications.rules import Application
from accounts.attempts import actions as attempts
from accounts.contacts import messages
from accounts.vault import Vault
from accounts.verification import actions as verification
from accounts.verification.actions import CodeSender
from accounts.verification.mailboxes import mailbox_of
from accounts.verification.rules import CodeExpired, CodeSent

if TYPE_CHECKING:
    from accounts.applications.store import ApplicationStore, GrantStore
    from accounts.attempts.store import GuessStore
    from accounts.registry.store import NameStore
    from accounts.verification.store import ChallengeStore


@dataclass(frozen=True)
class ContactStores:
    """What verifying a contact reads and writes."""

    applications: ApplicationStore
    grants: GrantStore
    names: NameStore
    challenges: ChallengeStore
    guesses: GuessStore
    outbox: Outbox


def request_contact_code(
    sender: CodeSender,
    applications: ApplicationStore,
    grants: GrantStore,
    token: str,
    contact: str,
    device_token: str | None,
    now: datetime,
) -> CodeSent:
    """Send a code to a contact of an application.

    Raises NotEditable, TooSoon, TooManyCodes, Refused(CONTACT_MISSING, ALREADY_VERIFIED).
    """
    application = applying.opened(applications, grants, token, now, lock=True)
    application.require_editable()
    found = application.contact(contact)
    if found is None:
        raise Refused("CONTACT_MISSING")
    if found.verified_at is not None:
        raise Refused("ALREADY_VERIFIED")
    source = applying.started_from(applications, application.application_id)
    to = applying.code_recipient(application, found)
    return verification.send_contact_code(sender, to, source=source, device_token=device_token, now=now)


def verify_contact(
    stores: ContactStores,
    vault: Vault,
    token: str,
    contact: str,
    code: str,
    device_token: str | None,
    now: datetime,
) -> Application:
    """Verify a contact by the code that went to it. The device that the code comes from is its owner's from now on.

    Raises NotEditable, CodeWrong, CodeExpired, CodeVoid, TooManyGuesses. Only a wrong code counts as a try: the other
    refusals roll the transaction back.
    """
    application = applying.opened(stores.applications, stores.grants, token, now, lock=True)
    application.require_editable()
    found = application.contact(contact)
    if found is None:
        raise CodeExpired
    if found.verified_at is not None:
        return application
    application_id = application.application_id
    verification.use_contact_code(
        stores.challenges,
        vault,
        code,
        application_id=application_id,
        contact=contact,
        value=found.value,
        now=now,
    )
    application = application.with_contact_verified(found, now=now)
    applying.keep(stores.applications, stores.grants, token, application, now)
    applying.keep_contacts(stores.applications, application)
    keep_name(stores.applications, stores.names, application)
    owner = attempts.mailbox_subject(vault, mailbox_of(found.value))
    attempts.add_device(stores.guesses, owner, device_token, now)
    stores.outbox.announce(messages.contact_verified(application, contact, now))
    return application
