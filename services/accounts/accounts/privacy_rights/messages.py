"""What requests for personal data announce: their own words as contract events."""

from __future__ import annotations

from datetime import date, datetime

from mtnet_contracts.events import (
    AccountClosed,
    PrivacyRequestAnswered,
    PrivacyRequestDueSoon,
    PrivacyRequestReceived,
)

from accounts.privacy_rights.rules import PrivacyRequest
from accounts.registry.rules import Account

DONE = PrivacyRequestAnswered.OUTCOME_DONE
REFUSED = PrivacyRequestAnswered.OUTCOME_REFUSED
EXTENDED = PrivacyRequestAnswered.OUTCOME_EXTENDED
WITHDRAWN = PrivacyRequestAnswered.OUTCOME_WITHDRAWN


def request_received(
    request: PrivacyRequest, account: Account, emails: tuple[str, ...]
) -> PrivacyRequestReceived:
    return PrivacyRequestReceived(
        request_id=request.request_id,
        request_number=request.request_number,
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        locale=account.locale,
        emails=emails,
        kind=request.kind,
        received_at=request.received_at,
        due_on=request.due_on,
    )


def request_answered(
    request: PrivacyRequest,
    account: Account,
    emails: tuple[str, ...],
    *,
    outcome: str,
    note: str,
    now: datetime,
) -> PrivacyRequestAnswered:
    return PrivacyRequestAnswered(
        request_id=request.request_id,
        request_number=request.request_number,
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        locale=account.locale,
        emails=emails,
        kind=request.kind,
        outcome=outcome,
        note=note,
        answered_at=now,
        due_on=request.due_on,
    )


def request_due_soon(request: PrivacyRequest, emails: tuple[str, ...], today: date) -> PrivacyRequestDueSoon:
    return PrivacyRequestDueSoon(
        request_id=request.request_id,
        request_number=request.request_number,
        kind=request.kind,
        received_at=request.received_at,
        due_on=request.due_on,
        days_left=request.days_left(today),
        emails=emails,
    )


def account_closed(account: Account, now: datetime) -> AccountClosed:
    return AccountClosed(
        account_id=account.account_id,
        account_name=account.account_name,
        reason=AccountClosed.REASON_BY_OWNER,
        closed_at=now,
    )
