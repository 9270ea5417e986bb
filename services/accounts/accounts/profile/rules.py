"""The rules of an owner's own data and contacts: how many contacts, how long a change waits and can be undone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from accounts.registry.rules import AccountContact

MOST_OF_A_KIND = 2
CHANNELS = {"email": "email", "mobile": "sms"}
ADDED, REPLACED, REMOVED, MADE_PRIMARY = "added", "replaced", "removed", "made_primary"
# How long a contact that was asked for waits for its code: an hour, in which another code may be sent.
CHANGE_WAITS = timedelta(hours=1)
UNDO_WITHIN = timedelta(hours=72)


class ProfileChanged(Exception):
    """The data are not what was shown: another window changed them."""


class TooManyContacts(Exception):
    """Two of each kind are enough."""


class ContactKnown(Exception):
    """The account has this contact already."""


class ContactNotFound(Exception):
    """The account has no such contact, or no such change waits."""


class LastEmail(Exception):
    """The last address cannot be removed: it is the way back into the account."""


class UndoNotPossible(Exception):
    """The link is unknown, was used, or is older than 72 hours."""


@dataclass(frozen=True, kw_only=True)
class OwnData:
    """What owners may change without anybody else. `version` 0: still as in the application."""

    phone: str | None = None
    fax: str | None = None
    department: str | None = None
    title: str | None = None
    version: int = 0


Contacts = tuple[AccountContact, ...]


def require_addable(contacts: Contacts, kind: str, compared: str, *, replacing: UUID | None) -> None:
    """Judge whether a contact may be asked for; one in place of itself is proved once more.

    Raises ContactNotFound, ContactKnown, TooManyContacts.
    """
    if replacing is not None:
        found(contacts, replacing, kind)
    same = [each for each in contacts if each.kind == kind]
    if any(each.compared == compared and each.contact_id != replacing for each in same):
        raise ContactKnown
    if replacing is None and len(same) >= MOST_OF_A_KIND:
        raise TooManyContacts


def found(contacts: Contacts, contact_id: UUID, kind: str | None = None) -> AccountContact:
    """Raises ContactNotFound."""
    for each in contacts:
        if each.contact_id == contact_id and kind in (None, each.kind):
            return each
    raise ContactNotFound


def with_contact(contacts: Contacts, new: AccountContact, *, replacing: UUID | None) -> Contacts:
    """With a contact that was proved: in the place of another, or beside it; the first of a kind is its first.

    Raises ContactNotFound, ContactKnown, TooManyContacts: much may have changed since it was asked for.
    """
    require_addable(contacts, new.kind, new.compared, replacing=replacing)
    if replacing is not None:
        former = found(contacts, replacing)
        new = replace(new, is_primary=former.is_primary)
        return tuple(new if each is former else each for each in contacts)
    is_first = not any(each.kind == new.kind for each in contacts)
    return (*contacts, replace(new, is_primary=is_first))


def without_contact(contacts: Contacts, contact_id: UUID) -> Contacts:
    """Without one contact; if it was the first, the second becomes it. Raises ContactNotFound, LastEmail."""
    gone = found(contacts, contact_id)
    left = tuple(each for each in contacts if each is not gone)
    same = [each for each in left if each.kind == gone.kind]
    if gone.kind == "email" and not same:
        raise LastEmail
    if gone.is_primary and same:
        return with_primary(left, same[0].contact_id)
    return left


def with_primary(contacts: Contacts, contact_id: UUID) -> Contacts:
    """This contact is the first of its kind from now on. Raises ContactNotFound."""
    chosen = found(contacts, contact_id)
    return tuple(
        replace(each, is_primary=each is chosen) if each.kind == chosen.kind else each for each in contacts
    )


@dataclass(frozen=True, kw_only=True)
class ContactChange:
    """A change of contacts: asked for, then made, then perhaps undone. `before` is what all contacts were."""

    change_id: UUID
    account_id: UUID
    change: str
    kind: str
    contact_id: UUID | None
    value: str | None
    requested_at: datetime
    expires_at: datetime
    changed_at: datetime | None = None
    undo_until: datetime | None = None
    undone_at: datetime | None = None
    before: Contacts = ()

    def require_waiting(self, now: datetime) -> None:
        """Raises ContactNotFound for one that was made, or has waited too long."""
        if self.changed_at is not None or now >= self.expires_at:
            raise ContactNotFound

    def require_undoable(self, now: datetime) -> None:
        """Raises UndoNotPossible."""
        if self.undone_at is not None or self.undo_until is None or now >= self.undo_until:
            raise UndoNotPossible
