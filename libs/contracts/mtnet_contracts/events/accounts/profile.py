"""The contacts of an account, and the language its owner is written to in, have changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class ContactChanged(Event):
    """A contact of an account was added, replaced, removed, or made the first of its kind.

    `change` is one of added, replaced, removed, made_primary; `channel` is email or sms; `old` and `new` are what the
    contact was and is. `email` and `mobile` are the account's first contacts from now on, `second_email` and
    `second_mobile` those beside them. Each of `emails`, the
    addresses as they were before, is told, and so is `old` where it is a mobile.

    `sealed_token` is for notify alone; its context is the account's id. The link `/contacts/undo/<token>` brings all
    contacts back as they were before this change, until `undo_until`.
    """

    source = "accounts"
    aggregate = "account"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    account_name: str
    name: str
    locale: str
    change: str
    channel: str
    old: str | None = None
    new: str | None = None
    email: str
    mobile: str | None = None
    emails: tuple[str, ...]
    changed_at: datetime
    sealed_token: str
    undo_until: datetime
    second_email: str | None = None
    second_mobile: str | None = None


@dataclass(frozen=True, kw_only=True)
class ContactChangeUndone(Event):
    """The owner of a former contact said that a change was not theirs: the contacts are again as they were before.

    All sessions have ended, and a new password is needed (`/forgot-password`). `email` and `mobile` are the account's
    first contacts from now on, `second_email` and `second_mobile` those beside them; each of `emails` is told.
    """

    source = "accounts"
    aggregate = "account"
    subject = "account_id"
    holds = Holds.SECRETS

    account_id: UUID
    account_name: str
    name: str
    locale: str
    email: str
    mobile: str | None = None
    emails: tuple[str, ...]
    undone_at: datetime
    second_email: str | None = None
    second_mobile: str | None = None


@dataclass(frozen=True, kw_only=True)
class MailLanguageChanged(Event):
    """The owner of an account wants to be written to in this language from now on (`zh-Hant` or `en`)."""

    source = "accounts"
    aggregate = "account"
    subject = "account_id"

    account_id: UUID
    account_name: str
    locale: str
    changed_at: datetime
