"""What protects an account beside its password has changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class SecondFactorChanged(Event):
    """An owner added or removed a second factor, was given recovery codes, or logged in with one.

    `change` is one of totp_added, totp_removed, passkey_added, passkey_removed, recovery_codes_issued,
    recovery_code_used and reset_by_operator (all second factors are gone). `label` is the name its owner gave a
    passkey; `remaining` says how many recovery codes are left. Each of `emails` is told.
    """

    source = "accounts"
    aggregate = "account"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    account_name: str
    name: str
    locale: str
    emails: tuple[str, ...]
    change: str
    changed_at: datetime
    label: str | None = None
    remaining: int | None = None
