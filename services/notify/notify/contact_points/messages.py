"""What is announced of applications and accounts, as addresses of persons; what is announced of LINE and fax."""

from datetime import datetime
from uuid import UUID

from mtnet_contracts.events import (
    AccountOpened,
    ApplicationResubmitted,
    ApplicationSubmitted,
    ContactChanged,
    ContactChangeUndone,
    FaxNumberConfirmed,
    FaxNumberRemoved,
    LineLinked,
    LineUnlinked,
)

from notify.contact_points.rules import EMAIL, SMS, Address, addresses


def addresses_of_applicant(event: ApplicationSubmitted | ApplicationResubmitted) -> tuple[Address, ...]:
    """The applicant's, then the organisation's. A fax number counts for this case: it stands on the stamped form."""
    applicant, company = event.applicant, event.company
    return addresses(
        emails=(applicant.email, company.email if company else None),
        mobiles=(applicant.mobile, company.mobile if company else None),
        faxes=(applicant.fax, company.fax if company else None),
    )


def proved_addresses(event: ApplicationSubmitted) -> tuple[Address, ...]:
    """Those that a code was sent to and came back from, before anything could be handed in."""
    return tuple(pair for pair in addresses_of_applicant(event) if pair[0] in (EMAIL, SMS))


def addresses_of_account(event: AccountOpened | ContactChanged | ContactChangeUndone) -> tuple[Address, ...]:
    """The first contacts, then those beside them."""
    if isinstance(event, AccountOpened):
        return addresses(emails=(event.email,), mobiles=(event.mobile,))
    return addresses(emails=(event.email, event.second_email), mobiles=(event.mobile, event.second_mobile))


def proved_by_code(event: ContactChanged) -> list[Address]:
    """The address that somebody has just shown to be theirs, by a code that was sent there."""
    return [(event.channel, event.new)] if event.new and event.change in ("added", "replaced") else []


def line_linked(account_id: UUID, user_id: str, at: datetime) -> LineLinked:
    return LineLinked(account_id=account_id, line_user_id=user_id, linked_at=at)


def line_unlinked(account_id: UUID, at: datetime, *, undone: bool = False) -> LineUnlinked:
    """`undone`: somebody else had linked it, and the owner has undone that."""
    return LineUnlinked(account_id=account_id, unlinked_at=at, undone=undone)


def fax_confirmed(account_id: UUID, number: str, at: datetime) -> FaxNumberConfirmed:
    return FaxNumberConfirmed(account_id=account_id, number=number, confirmed_at=at)


def fax_removed(account_id: UUID, at: datetime, *, undone: bool = False) -> FaxNumberRemoved:
    """`undone`: somebody else had confirmed it, and the owner has undone that."""
    return FaxNumberRemoved(account_id=account_id, removed_at=at, undone=undone)
