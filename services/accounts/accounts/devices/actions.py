"""Send a code to the owner of an account, and make the device known that it is typed into."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from accounts.registry import actions as registry
from accounts.registry.rules import State
from accounts.sources import source_of
from accounts.vault import Vault
from accounts.verification import actions as verification
from accounts.verification.actions import CodeSender
from accounts.verification.rules import DEVICE, CaseCodeWrong, CodeRecipient, CodeSent, sent_for

if TYPE_CHECKING:
    from accounts.registry.store import AccountStore
    from accounts.verification.store import ChallengeStore, GuessStore


def account_subject(vault: Vault, account_id: UUID) -> bytes:
    """The key under which the devices of an account are known."""
    return vault.subject_index("account", str(account_id))


def request_device_code(
    sender: CodeSender, accounts: AccountStore, account_name: str, ip: str | None, now: datetime
) -> CodeSent:
    """Send a code to the mailbox of an account: the device it is typed into becomes one of the owner's.

    So nobody's wrong passwords keep an owner out. Known or not, the answer is the same, and so is the work.
    Raises TooManyCodes, counted per name and asking source.
    """
    source = source_of(ip)
    asked = sender.vault.subject_index("device-of", account_name.lower())
    verification.require_question_allowed(sender.challenges, asked, source, now)
    account = registry.account_named(accounts, account_name)
    question_id, sent = uuid4(), False
    if account is not None and account.state is State.ACTIVE:
        to = CodeRecipient(
            channel="email", recipient=account.email, locale=account.locale, account_id=account.account_id
        )
        sent = verification.answer_question(
            sender,
            to,
            DEVICE,
            question_id=question_id,
            asked=asked,
            source=source,
            known=False,
            now=now,
        )
    if not sent:
        sender.pretend(DEVICE, question_id=question_id, asked=asked, source=source, now=now)
    return sent_for(question_id, now)


def confirm_device(
    challenges: ChallengeStore,
    guesses: GuessStore,
    vault: Vault,
    challenge_id: UUID,
    code: str,
    device_token: str | None,
    now: datetime,
) -> str:
    """A new token for a device that is now one of the account owner's. Raises CaseCodeWrong."""
    fitting = verification.fitting_challenge(challenges, vault, challenge_id, DEVICE, code, now)
    if fitting.account_id is None:
        raise CaseCodeWrong
    verification.mark_used(challenges, fitting, now)
    return verification.new_device(guesses, account_subject(vault, fitting.account_id), device_token, now)
