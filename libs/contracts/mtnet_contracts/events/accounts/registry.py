"""An account was opened; its roles were changed."""

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, kw_only=True)
class AccountRolesChanged(Event):
    """An operator gave the account a role or took one away. `roles`: all that it has since `changed_at`.

    Its sessions have ended. What was signed for it before `changed_at` still names the former roles.
    """

    source = "accounts"
    aggregate = "account"
    subject = "account_id"

    account_id: UUID
    account_name: str
    roles: tuple[str, ...]
    changed_at: datetime
