"""Reactivate an account: by its owner with a code and a new password, by an operator, or on approved evidence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.statements import STATEMENT_LIFE, AccountStatement, StatementSigner

from accounts.attempts.actions import begin_attempt, settle_attempt
from accounts.attempts.rules import NAME, PAIR
from accounts.audit.actions import record
from accounts.passwords.actions import prepare_password, set_password
from accounts.passwords.rules import NewPassword, PasswordChangedMeanwhile
from accounts.reactivation.rules import (
    REPEATED_WITHIN,
    Approval,
    NothingToReactivate,
    Outcome,
    OwnReactivation,
    check_approval,
    check_staff,
    is_holder,
    outcome_for,
)
from accounts.registry import actions as registry
from accounts.registry.messages import BY_EVIDENCE, BY_HELPDESK, BY_NEW_PASSWORD
from accounts.registry.rules import Account, AccountNotFound, State
from accounts.sessions.adapters import verified
from accounts.sources import source_of
from accounts.vault import Vault
from accounts.verification import actions as verification
from accounts.verification.actions import CodeSender
from accounts.verification.rules import (
    REACTIVATION,
    CaseCodeWrong,
    CodeRecipient,
    CodeSent,
    StoredChallenge,
    sent_for,
)

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore
    from accounts.audit.store import AuditStore
    from accounts.passwords.store import PasswordStore
    from accounts.reactivation.store import ReactivationStore
    from accounts.registry.store import AccountStore
    from accounts.verification.store import ChallengeStore


@dataclass(frozen=True)
class ReactivationStores:
    """What a reactivation reads and writes, in one transaction."""

    accounts: AccountStore
    challenges: ChallengeStore
    guesses: GuessStore
    audit: AuditStore
    passwords: PasswordStore
    outbox: Outbox


OpenStores = Callable[[], AbstractContextManager[ReactivationStores]]

# By the owner of a frozen account


def request_reactivation_code(
    sender: CodeSender,
    accounts: AccountStore,
    account_name: str,
    channel: str,
    ip: str | None,
    now: datetime,
) -> CodeSent:
    """Send a code to the owner of a frozen account, by `email` or `sms`.

    Frozen or not, known or not, the answer is the same, and so is the work. Raises TooManyCodes, counted per name and
    asking source.
    """
    source = source_of(ip)
    asked = sender.vault.subject_index("reactivation-of", account_name.lower())
    verification.require_question_allowed(sender.challenges, asked, source, now)
    account = registry.account_named(accounts, account_name)
    question_id, sent = uuid4(), False
    recipient = _verified_contact(account, channel)
    if account is not None and recipient is not None:
        to = CodeRecipient(
            channel=channel, recipient=recipient, locale=account.locale, account_id=account.account_id
        )
        sent = verification.answer_question(
            sender,
            to,
            REACTIVATION,
            question_id=question_id,
            asked=asked,
            source=source,
            known=False,
            now=now,
        )
    if not sent:
        sender.pretend(REACTIVATION, question_id=question_id, asked=asked, source=source, now=now)
    return sent_for(question_id, now)


def _verified_contact(account: Account | None, channel: str) -> str | None:
    """Where a code to the owner goes; None unless the account is frozen."""
    if account is None or account.state is not State.FROZEN:
        return None
    return account.email if channel == "email" else account.mobile


def reactivate_frozen_account(
    stores: OpenStores, vault: Vault, challenge_id: UUID, code: str, password: str, ip: str | None
) -> Account:
    """變更密碼進行帳號啟用: with the code and a new password the account is active at once.

    `stores` opens a transaction; the slow hashing takes place outside any. A password that breaks a rule leaves the
    code as good as it was. A call whose answer was lost may come again: whoever knows the password that was set gets
    the same answer. Raises CaseCodeWrong, Refused(INVALID).
    """
    try:
        account = _checked(stores, vault, challenge_id, code)
        new = prepare_password(stores, vault, account.account_id, password)
        with stores() as opened:
            outcome = _reactivate_with(opened, vault, challenge_id, code, new, ip, _now())
        return _raised(outcome)
    except CaseCodeWrong:
        return _reactivated_before(stores, vault, challenge_id, code, password)


def _raised(outcome: Account | CaseCodeWrong) -> Account:
    """A refusal is raised only now, after the commit, so that a wrong code stays counted."""
    if isinstance(outcome, CaseCodeWrong):
        raise outcome
    return outcome


def _checked(stores: OpenStores, vault: Vault, challenge_id: UUID, code: str) -> Account:
    """Whose code it is; nothing is said of the password before. Raises CaseCodeWrong."""
    with stores() as opened:
        found = _judged(opened, vault, challenge_id, code, _now())
    if isinstance(found, CaseCodeWrong):
        raise found
    return found[1]


def _judged(
    stores: ReactivationStores, vault: Vault, challenge_id: UUID, code: str, now: datetime
) -> tuple[StoredChallenge, Account] | CaseCodeWrong:
    """The challenge that the code answers and its account, locked. A refusal is returned: its count is kept."""
    try:
        fitting = verification.fitting_challenge(
            stores.challenges, vault, challenge_id, REACTIVATION, code, now
        )
        account = registry.locked_account(stores.accounts, fitting.account_id or UUID(int=0))
    except CaseCodeWrong as wrong:
        return wrong
    except AccountNotFound:
        return CaseCodeWrong()
    if account.state is not State.FROZEN:
        # Closed, disabled or reactivated meanwhile: the code opens nothing any more, and says no more than a wrong one.
        verification.count_try(stores.challenges, fitting)
        return CaseCodeWrong()
    return fitting, account


def _reactivate_with(
    stores: ReactivationStores,
    vault: Vault,
    challenge_id: UUID,
    code: str,
    new: NewPassword,
    ip: str | None,
    now: datetime,
) -> Account | CaseCodeWrong:
    found = _judged(stores, vault, challenge_id, code, now)
    if isinstance(found, CaseCodeWrong):
        return found
    fitting, account = found
    try:
        set_password(stores, account, new, now)
    except PasswordChangedMeanwhile:
        return CaseCodeWrong()
    verification.mark_used(stores.challenges, fitting, now)
    registry.reactivate(
        stores.accounts,
        stores.audit,
        stores.outbox,
        account,
        how=BY_NEW_PASSWORD,
        detail={"by": "owner"},
        now=now,
        actor_account_id=account.account_id,
        ip=ip,
    )
    return account


def _reactivated_before(
    stores: OpenStores, vault: Vault, challenge_id: UUID, code: str, password: str
) -> Account:
    """The same answer for a call that comes again; its password counts as a guess. Raises CaseCodeWrong."""
    with stores() as opened:
        account = _reactivated_just_now(opened, vault, challenge_id, code, _now())
        index = vault.name_index(account.account_name)
        pair = vault.subject_index(PAIR, f"{index.hex()}/code:{challenge_id}")
        attempt = begin_attempt(opened.guesses, account, index, {NAME: index, PAIR: pair}, _now())
    matches = verified(attempt.password_hash, password)
    with stores() as opened:
        account = _reactivated_just_now(opened, vault, challenge_id, code, _now())
        right = not attempt.suspended and matches and account.password_hash == attempt.password_hash
        settle_attempt(opened.guesses, attempt, right=right, now=_now())
    if not right:
        raise CaseCodeWrong
    return account


def _reactivated_just_now(
    stores: ReactivationStores, vault: Vault, challenge_id: UUID, code: str, now: datetime
) -> Account:
    """Raises CaseCodeWrong."""
    used = verification.challenge_just_used(
        stores.challenges, vault, challenge_id, REACTIVATION, code, since=now - REPEATED_WITHIN
    )
    if used is None or used.account_id is None:
        raise CaseCodeWrong
    account = registry.account(stores.accounts, used.account_id)
    if account.state is not State.ACTIVE:
        raise CaseCodeWrong
    return account


# By an operator, and on approved evidence


def account_for_reactivation(
    accounts: AccountStore,
    audit: AuditStore,
    signer: StatementSigner,
    actor: Actor,
    account_name: str,
    reason: str,
    now: datetime,
) -> dict[str, Any]:
    """Whose account it is that evidence was handed in for; the look is recorded, with its reason.

    Raises AccountNotFound, NothingToReactivate, OwnReactivation.
    """
    account = registry.account_named(accounts, account_name)
    if account is None:
        raise AccountNotFound(account_name)
    if outcome_for(account) is not Outcome.REACTIVATED:
        raise NothingToReactivate(account_name)
    if is_holder(account, actor.account_id, actor.person_key):
        raise OwnReactivation
    record(
        audit,
        "account_looked_up",
        now=now,
        subject_id=account.account_id,
        detail={"reason": reason},
        actor_account_id=actor.account_id,
        ip=actor.ip,
    )
    statement = AccountStatement(
        account_id=account.account_id,
        account_name=account.account_name,
        name=account.name,
        state=account.state,
        organisation_name=account.organisation_name,
        person_key=account.person_key,
        told_to=actor.account_id,
        expires_at=now + STATEMENT_LIFE,
    )
    return vars(statement) | {"statement": signer.sign(statement)}


def reactivate_by_operator(
    stores: ReactivationStores, account_name: str, *, who: str, reason: str, now: datetime
) -> None:
    """Make a frozen account active again, once the helpdesk knows who asks. Raises NothingToReactivate.

    `who` is the operator, `reason` how the owner was recognised: both go into the audit log.
    """
    account = _locked(stores.accounts, account_name)
    if account is None or account.state is not State.FROZEN:
        raise NothingToReactivate(account_name)
    detail = {"who": who, "reason": reason}
    _reactivate(stores, account, BY_HELPDESK, detail, now)


def approve_by_operators(
    stores: ReactivationStores,
    reactivations: ReactivationStore,
    account_name: str,
    *,
    checked_by: str,
    approved_by: str,
    reason: str,
    evidence_reference: str,
    now: datetime,
) -> None:
    """Like an approval of the helpdesk, by two people of the staff. Raises ApprovalNotValid, NothingToReactivate."""
    account = _locked(stores.accounts, account_name)
    if account is None or outcome_for(account) is not Outcome.REACTIVATED:
        raise NothingToReactivate(account_name)
    check_staff(
        registry.account_named(stores.accounts, checked_by),
        registry.account_named(stores.accounts, approved_by),
    )
    approval = Approval(
        reactivation_id=uuid4(),
        account_id=account.account_id,
        checked_by=checked_by,
        approved_by=approved_by,
        reason=reason,
        evidence_reference=evidence_reference,
        approved_at=now,
    )
    apply_approval(stores, reactivations, approval, now)


def apply_approval(
    stores: ReactivationStores, reactivations: ReactivationStore, approval: Approval, now: datetime
) -> Outcome:
    """Reactivate a frozen or disabled account whose owner was recognised by evidence. An approval counts once.

    Raises ApprovalNotValid, NothingToReactivate, AccountNotFound.
    """
    account = registry.locked_account(stores.accounts, approval.account_id)
    known = reactivations.outcome_of(approval.reactivation_id)
    if known is not None:
        return known
    check_approval(approval, account)
    outcome = outcome_for(account)
    reactivations.add(approval, outcome, now)
    if outcome is Outcome.REACTIVATED:
        detail = {
            "who": approval.approved_by,
            "checked_by": approval.checked_by,
            "reason": approval.reason,
            "evidence": approval.evidence_reference,
            "reactivation_id": str(approval.reactivation_id),
        }
        _reactivate(stores, account, BY_EVIDENCE, detail, now)
    return outcome


def _locked(accounts: AccountStore, account_name: str) -> Account | None:
    named = registry.account_named(accounts, account_name)
    return registry.locked_account(accounts, named.account_id) if named else None


def _reactivate(
    stores: ReactivationStores, account: Account, how: str, detail: dict[str, Any], now: datetime
) -> None:
    registry.reactivate(
        stores.accounts, stores.audit, stores.outbox, account, how=how, detail=detail, now=now
    )


def _now() -> datetime:
    return datetime.now(UTC)
