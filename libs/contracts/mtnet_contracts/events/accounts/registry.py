"""An account was opened."""

from dataclasses import dataclass
from uuid import UUID

from mtnet_contracts.event import Event


@dataclass(frozen=True, kw_only=True)
class AccountOpened(Event):
    """An approved application became an account; it cannot log in until it is activated.

    `fax` is the applicant's number on the stamped form, or else the organisation's.
    """

    source = "accounts"
    aggregate = "account"
    subject = "account_id"

    account_id: UUID
    application_id: UUID
    account_name: str
    identity_type: str
    name: str
    email: str
    mobile: str | None = None
    locale: str = "zh-Hant"
    organisation_id: UUID | None = None
    fax: str | None = None
