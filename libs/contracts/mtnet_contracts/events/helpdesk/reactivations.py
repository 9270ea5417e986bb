"""The helpdesk has judged evidence of who somebody is, and asks accounts to reactivate the account."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mtnet_contracts.event import Event, Holds


@dataclass(frozen=True, kw_only=True)
class ReactivationApproved(Event):
    """復用: two people of the helpdesk have checked the evidence (handout, 帳號停用、復用).

    `checked_by` and `approved_by` are their account names: never one and the same person. `evidence_reference` says
    where the evidence is kept (a ticket, the file number of a letter) in at most 100 characters, and `reason` how the
    owner was recognised, in at most 500. Neither holds the evidence itself.
    """

    source = "helpdesk"
    aggregate = "reactivation"
    subject = "reactivation_id"
    holds = Holds.SECRETS

    reactivation_id: UUID
    account_id: UUID
    checked_by: str
    approved_by: str
    reason: str
    evidence_reference: str
    approved_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReactivationRefused(Event):
    """The evidence did not show whose the account is. `reason` is one of REASONS; `note` is for the holder to read."""

    source = "helpdesk"
    aggregate = "reactivation"
    subject = "reactivation_id"

    REASONS = ("not_recognised", "not_entitled", "incomplete", "no_answer")

    reactivation_id: UUID
    account_id: UUID
    account_name: str
    reason: str
    note: str
    refused_at: datetime
