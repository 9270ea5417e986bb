"""Send one-time codes and check them. Knows neither cases nor accounts."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from mtnet_chassis.data.database import Tx
from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.masking import masked_contact

from accounts.attempts.actions import guesses_in, is_known_device
from accounts.settings import Settings
from accounts.sources import UNKNOWN
from accounts.vault import Vault, new_code, vault_of
from accounts.verification import messages
from accounts.verification.mailboxes import compared, mailbox_of
from accounts.verification.rules import (
    APPLICATION_CONTACT,
    DIGITS,
    LIFE,
    MOST_PER_HOUR,
    NEW_CONTACT,
    RESEND_AFTER,
    CaseCodeWrong,
    CodeExpired,
    CodeRecipient,
    CodeSent,
    CodeVoid,
    CodeWrong,
    StoredChallenge,
    TooManyCodes,
    TooManyGuesses,
    ValidCode,
    check,
    normalised_code,
    require_modest,
    require_sendable,
)
from accounts.verification.store import ChallengeStore, NewChallenge

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore


@dataclass(frozen=True)
class CodeSender:
    """What is needed to send a code. `sealing_key` is notify's public key: only notify can read the code."""

    challenges: ChallengeStore
    guesses: GuessStore
    outbox: Outbox
    vault: Vault
    sealing_key: str

    def send(
        self,
        to: CodeRecipient,
        purpose: str,
        *,
        source: str,
        known: bool,
        now: datetime,
        question_id: UUID | None = None,
        asked: bytes | None = None,
    ) -> UUID:
        """Store the hash of a new code and announce VerificationCodeRequested. Returns the challenge's id."""
        challenge_id, code = uuid4(), new_code(DIGITS)
        self.challenges.add_challenge(
            NewChallenge(
                challenge_id=challenge_id,
                purpose=purpose,
                application_id=to.application_id,
                account_id=to.account_id,
                contact=to.contact,
                channel=to.channel,
                recipient=to.recipient,
                mailbox=mailbox_of(to.recipient),
                code_hash=self.vault.code_hash(challenge_id, code),
                created_at=now,
                expires_at=now + LIFE,
                asked=asked,
                question_id=question_id,
                source=source,
                known=known,
            )
        )
        sealed_code = seal(self.sealing_key, code, str(challenge_id))
        self.outbox.announce(
            messages.verification_code_requested(
                challenge_id, purpose, to, sealed_code=sealed_code, expires_at=now + LIFE
            )
        )
        return challenge_id

    def pretend(self, purpose: str, *, question_id: UUID, asked: bytes, source: str, now: datetime) -> None:
        """Do the same work for nobody, so that the time of an answer tells nothing. No code fits this challenge."""
        challenge_id, code = uuid4(), new_code(DIGITS)
        nobody = f"nobody:{asked.hex()}"
        self.challenges.add_challenge(
            NewChallenge(
                challenge_id=challenge_id,
                purpose=purpose,
                application_id=None,
                contact="applicant_email",
                channel="email",
                recipient=nobody,
                mailbox=nobody,
                code_hash=self.vault.code_hash(challenge_id, code),
                created_at=now,
                expires_at=now + LIFE,
                asked=asked,
                question_id=question_id,
                source=source,
            )
        )
        seal(self.sealing_key, code, str(challenge_id))


def code_sender(tx: Tx, settings: Settings) -> CodeSender:
    return CodeSender(
        ChallengeStore(tx), guesses_in(tx), Outbox(tx), vault_of(settings), settings.sealing_public_key
    )


# Codes to a contact of an application


def send_contact_code(
    sender: CodeSender, to: CodeRecipient, *, source: str, device_token: str | None, now: datetime
) -> CodeSent:
    """Send a code to the contact of an application. Raises TooSoon, TooManyCodes."""
    if to.application_id is None:
        raise ValueError("a contact belongs to an application")
    # An application names any number of contacts in turn, and a machine begins any number of applications.
    require_modest(
        of_application=sender.challenges.asked_by(to.application_id, now=now),
        from_source=_asked_from(sender.challenges, source, now),
    )
    mailbox = mailbox_of(to.recipient)
    known = is_known_device(sender.guesses, sender.vault, mailbox, device_token)
    sent = sender.challenges.sent_to(
        mailbox, purpose=APPLICATION_CONTACT, source=source, application_id=to.application_id, now=now
    )
    require_sendable(sent, to.channel, known=known, now=now)
    challenge_id = sender.send(to, APPLICATION_CONTACT, source=source, known=known, now=now)
    return CodeSent(
        challenge_id, to.channel, masked_contact(to.recipient), now + LIFE, now + RESEND_AFTER, now
    )


def use_contact_code(
    challenges: ChallengeStore,
    vault: Vault,
    code: str,
    *,
    application_id: UUID,
    contact: str,
    value: str,
    now: datetime,
) -> None:
    """Use up the code that was sent to this contact. An older code stays good for its own time.

    Raises CodeWrong, CodeExpired, CodeVoid, TooManyGuesses. Only a wrong code counts as a try: the other refusals roll
    the transaction back.
    """
    typed = normalised_code(code)
    stored = [
        one
        for one in challenges.challenges_for_contact(application_id, contact, mailbox_of(value))
        if compared(one.recipient) == compared(value)
    ]
    _use_one_of(challenges, vault, stored, typed, now)


def _use_one_of(
    challenges: ChallengeStore, vault: Vault, stored: list[StoredChallenge], typed: str, now: datetime
) -> None:
    """Use up the one that fits; `stored` has the newest first."""
    if not stored:
        raise CodeExpired
    if _has_too_many_guesses(challenges, stored[0], now):
        raise TooManyGuesses
    for one in stored:
        if _fits(vault, one, typed):
            check(one.challenge, matches=True, now=now)
            challenges.mark_used(one.challenge_id, now)
            return
    challenges.count_try([one.challenge_id for one in stored])
    check(stored[0].challenge, matches=False, now=now)
    raise CodeWrong(0)


# Codes to a new contact of an account


def send_new_contact_code(
    sender: CodeSender, to: CodeRecipient, *, change_id: UUID, source: str, now: datetime
) -> CodeSent:
    """Send a code to a contact that the owner of an account wants to have. Raises TooSoon, TooManyCodes.

    Who is logged in could have anybody written to: codes are counted by account, source and mailbox.
    """
    if to.account_id is None:
        raise ValueError("a new contact belongs to an account")
    require_modest(
        of_application=sender.challenges.asked_by_account(to.account_id, purpose=NEW_CONTACT, now=now),
        from_source=_asked_from(sender.challenges, source, now),
    )
    sent = sender.challenges.sent_to(
        mailbox_of(to.recipient), purpose=NEW_CONTACT, source=source, account_id=to.account_id, now=now
    )
    require_sendable(sent, to.channel, known=False, now=now)
    sender.send(to, NEW_CONTACT, source=source, known=False, now=now, question_id=change_id)
    return CodeSent(change_id, to.channel, masked_contact(to.recipient), now + LIFE, now + RESEND_AFTER, now)


def use_new_contact_code(
    challenges: ChallengeStore, vault: Vault, code: str, *, change_id: UUID, now: datetime
) -> None:
    """Use up a code that was sent for this change. Raises CodeWrong, CodeExpired, CodeVoid, TooManyGuesses."""
    stored = [one for one in challenges.challenges_of_question(change_id) if one.purpose == NEW_CONTACT]
    newest_first = sorted(stored, key=lambda one: one.challenge.expires_at, reverse=True)
    _use_one_of(challenges, vault, newest_first, normalised_code(code), now)


def valid_codes(challenges: ChallengeStore, application_id: UUID, now: datetime) -> dict[str, ValidCode]:
    """By contact, the newest code that can still be used, for a page that is opened again."""
    return challenges.valid_codes(application_id, now=now)


# Codes for a question whose answer must not tell what exists


def require_question_allowed(challenges: ChallengeStore, asked: bytes, source: str, now: datetime) -> None:
    """Judge how often this was asked, and how much from this source. It tells nothing either. Raises TooManyCodes."""
    if challenges.times_asked(asked, source=source, now=now) >= MOST_PER_HOUR:
        raise TooManyCodes
    require_modest(from_source=_asked_from(challenges, source, now))


def answer_question(
    sender: CodeSender,
    to: CodeRecipient,
    purpose: str,
    *,
    question_id: UUID,
    asked: bytes,
    source: str,
    known: bool,
    now: datetime,
) -> bool:
    """Send a code unless its mailbox had as many as may be. Returns whether one went out."""
    before = sender.challenges.sent_to(mailbox_of(to.recipient), purpose=purpose, source=source, now=now)
    if before.is_enough(to.channel, known=known):
        return False
    sender.send(to, purpose, source=source, known=known, now=now, question_id=question_id, asked=asked)
    return True


def fitting_challenge(
    challenges: ChallengeStore, vault: Vault, question_id: UUID, purpose: str, code: str, now: datetime
) -> StoredChallenge:
    """The challenge that this code answers.

    Raises CaseCodeWrong; the try then counts for every code of the question.
    """
    asked = [one for one in challenges.challenges_of_question(question_id) if one.purpose == purpose]
    typed = normalised_code(code)
    # In one order, since the check locks the mailbox.
    closed = {
        one.mailbox
        for one in sorted(asked, key=lambda one: one.mailbox)
        if _has_too_many_guesses(challenges, one, now)
    }
    fitting = [one for one in asked if _fits(vault, one, typed) and one.mailbox not in closed]
    try:
        if not fitting:
            raise CaseCodeWrong
        check(fitting[0].challenge, matches=True, now=now)
    except (CaseCodeWrong, CodeVoid, CodeExpired) as problem:
        challenges.count_try([one.challenge_id for one in asked])
        raise CaseCodeWrong from problem
    return fitting[0]


def challenge_just_used(
    challenges: ChallengeStore,
    vault: Vault,
    question_id: UUID,
    purpose: str,
    code: str,
    *,
    since: datetime,
) -> StoredChallenge | None:
    """The challenge that this code answered since then: for a call that comes again because its answer was lost."""
    typed = normalised_code(code)
    for one in challenges.challenges_of_question(question_id):
        used_at = one.challenge.used_at
        if one.purpose == purpose and used_at is not None and used_at >= since and _fits(vault, one, typed):
            return one
    return None


def count_try(challenges: ChallengeStore, challenge: StoredChallenge) -> None:
    """The code was right, but opens nothing any more: it counts as a wrong one."""
    challenges.count_try([challenge.challenge_id])


def mark_used(challenges: ChallengeStore, challenge: StoredChallenge, now: datetime) -> None:
    challenges.mark_used(challenge.challenge_id, now)


def _fits(vault: Vault, one: StoredChallenge, typed: str) -> bool:
    return hmac.compare_digest(one.challenge.code_hash, vault.code_hash(one.challenge_id, typed))


def _has_too_many_guesses(challenges: ChallengeStore, one: StoredChallenge, now: datetime) -> bool:
    before = challenges.sent_to(one.mailbox, purpose=one.purpose, source=one.source, now=now)
    return before.is_guessed_at(known=one.known)


def _asked_from(challenges: ChallengeStore, source: str, now: datetime) -> int:
    """How many codes a source asked for. Sources that are not known share no limit."""
    return 0 if source == UNKNOWN else challenges.asked_from(source, now=now)
