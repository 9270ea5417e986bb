"""The contacts of an account, made of addresses and numbers that were proved."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from accounts.registry.rules import Account, AccountContact
from accounts.verification.mailboxes import compared


def a_contact(kind: str, value: str, *, is_primary: bool, verified_at: datetime) -> AccountContact:
    """A contact of which a code has just come back."""
    return AccountContact(
        contact_id=uuid4(),
        kind=kind,
        value=value,
        compared=compared(value),
        is_primary=is_primary,
        verified_at=verified_at,
    )


def first_contacts(account: Account, verified_at: datetime) -> tuple[AccountContact, ...]:
    """The contacts that a new account has: those of its application, which were proved there."""
    given = (("email", account.email), ("mobile", account.mobile))
    return tuple(
        a_contact(kind, value, is_primary=True, verified_at=verified_at) for kind, value in given if value
    )
