"""What can be done with contact points: keep what events say, add what a person proves, mark what is out of reach."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from mtnet_chassis.data.database import Tx
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.holder import Holder

from notify.contact_points import rules
from notify.contact_points.messages import fax_removed, line_linked, line_unlinked
from notify.contact_points.rules import (
    FAX,
    LINE,
    AccountClosed,
    Address,
    CaseHasAccount,
    ContactPoint,
    Person,
)
from notify.contact_points.store import ContactPointStore


def person_of(caller: Actor | Holder) -> Person:
    """Who calls, as notify knows them."""
    if isinstance(caller, Holder):
        return rules.application(caller.application_id)
    return rules.account(caller.account_id)


def keep_points(tx: Tx, person: Person, addresses: Sequence[Address], as_of: datetime) -> None:
    """These channels with addresses are what events say of this person, unless something later is known."""
    ContactPointStore(tx).keep(person, addresses, as_of)


def points_of(tx: Tx, persons: Collection[Person]) -> Mapping[Person, Sequence[ContactPoint]]:
    """The addresses of each, by channel; the first of a channel is written to, the others stand by."""
    return ContactPointStore(tx).points_of(persons) if persons else {}


def of(tx: Tx, person: Person, channel: str) -> ContactPoint | None:
    """The first address of a person on this channel."""
    points = points_of(tx, [person]).get(person, ())
    return next((point for point in points if point.channel == channel), None)


def shared_addresses(tx: Tx, channel: str, addresses: Collection[str]) -> set[str]:
    """Of these, those that more than one person has."""
    return ContactPointStore(tx).shared(channel, addresses) if addresses else set()


def is_of_somebody(tx: Tx, channel: str, address: str) -> bool:
    """Whether any person has this address."""
    return ContactPointStore(tx).is_of_somebody(channel, address)


def require_open(tx: Tx, person: Person) -> None:
    """Until the transaction ends nobody else changes what this person has. Raises AccountClosed, CaseHasAccount."""
    closed, account_id = ContactPointStore(tx).lock(person)
    if closed:
        raise AccountClosed
    if account_id is not None:
        raise CaseHasAccount


def owner_of(tx: Tx, person: Person) -> Person:
    """Whose addresses an applicant's are by now: the account's that the application became."""
    _, account_id = ContactPointStore(tx).lock(person)
    return person if account_id is None else rules.account(account_id)


def add_verified(tx: Tx, person: Person, channel: str, address: str, at: datetime) -> None:
    """The person showed that this address is theirs: it counts from now on, in the place of the one they gave before.

    Raises AccountClosed, CaseHasAccount.
    """
    require_open(tx, person)
    ContactPointStore(tx).add_own(person, channel, address, at)


def remove(tx: Tx, person: Person, channel: str) -> bool:
    """Without the address that the person gave on this channel. False where there was none."""
    store = ContactPointStore(tx)
    store.lock(person)
    return store.remove(person, channel) > 0


def mark_unreachable(tx: Tx, channel: str, address: str, at: datetime) -> Sequence[Person]:
    """Nothing arrives there, whosoever it is. Returns the persons for whom this is new."""
    return ContactPointStore(tx).mark(channel, address, at, reachable=False)


def mark_reachable(tx: Tx, channel: str, address: str, at: datetime) -> Sequence[Person]:
    """Something arrives there again. Returns the persons for whom this is new."""
    return ContactPointStore(tx).mark(channel, address, at, reachable=True)


def take_over(tx: Tx, application_id: UUID, account_id: UUID, fax: str | None, at: datetime) -> bool:
    """An application became an account: what the applicant gave to the portal is its owner's. Twice is as good as once.

    `fax` is the number on the stamped form that was approved; one that was proved in the portal stands before it. Whose
    the LINE user is by now, others have to know. False where the account is closed already, and nobody's any more.
    """
    application, account = rules.application(application_id), rules.account(account_id)
    store = ContactPointStore(tx)
    store.lock(application)
    closed, _ = store.lock(account)
    if closed:
        store.forget(application)
        return False
    store.take_over(application, account)
    for channel, number in rules.addresses(faxes=[fax]):
        store.add_own_if_none(account, channel, number, at)
    if (linked := of(tx, account, LINE)) is not None and linked.proved_at is not None:
        Outbox(tx).announce(line_linked(account_id, linked.address, linked.proved_at))
    return True


def undo(tx: Tx, outbox: Outbox, account_id: UUID, addresses: Sequence[Address], undone_at: datetime) -> None:
    """Somebody else had a hand in the contacts: they are as before, and what was added here in that time is gone.

    Whoever took the LINE user, or the fax number, for the owner's has to know.
    """
    keep_points(tx, rules.account(account_id), addresses, undone_at)
    account, since = rules.account(account_id), undone_at - rules.UNDO_WITHIN
    store = ContactPointStore(tx)
    store.lock(account)
    if store.remove(account, FAX, since=since):
        outbox.announce(fax_removed(account_id, undone_at, undone=True))
    if store.remove(account, LINE, since=since):
        outbox.announce(line_unlinked(account_id, undone_at, undone=True))


def forget(tx: Tx, person: Person) -> None:
    ContactPointStore(tx).forget(person)
