"""What the endpoints of owners' own data answer with."""

from __future__ import annotations

from mtnet_contracts.vocabulary.masking import masked_contact

from accounts.profile.actions import OwnContacts, Profile
from accounts.profile.rules import ContactChange
from accounts.registry.rules import Account


def profile_view(profile: Profile) -> dict[str, object]:
    account, data = profile.account, profile.data
    return {
        "account_name": account.account_name,
        "name": account.name,
        "masked_id_number": profile.masked_number,
        "identity_type": account.identity_type,
        "organisation_name": account.organisation_name,
        "locale": account.locale,
        **vars(data),
    }


def contacts_view(own: OwnContacts) -> dict[str, object]:
    return {
        "contacts": [vars(contact) for contact in own.contacts],
        "waiting": [vars(change) for change in own.waiting],
    }


def undo_view(found: tuple[Account, ContactChange]) -> dict[str, object]:
    account, change = found
    return {
        "account_name": account.account_name,
        "changed_at": change.changed_at,
        "undo_until": change.undo_until,
        "contacts_before": [masked_contact(each.value) for each in change.before],
    }
