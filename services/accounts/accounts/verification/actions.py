"""Prove contacts by code, and open a case by code. A stranger learns nothing about which cases exist."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from mtnet_chassis.data.sealing import seal
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.masking import masked_contact

from accounts import events
from accounts.actions.desk import Desk
from accounts.applications.actions import grant, keep, opened
from accounts.applications.rules import Application, Contact, Status
from accounts.numbers import id_number_is_valid, is_case_number, normalised_number
from accounts.registry.rules import State
from accounts.sessions.actions import account_subject, new_device
from accounts.sources import UNKNOWN, source_of
from accounts.submission.names import keep_name
from accounts.vault import new_code, token_hash
from accounts.verification import rules as codes
from accounts.verification.mailboxes import compared, mailbox_of
from accounts.verification.store import NewChallenge, StoredChallenge

APPLICATION_CONTACT = "application_contact"
CASE_ACCESS = "case_access"
DEVICE = "device"


@dataclass(frozen=True)
class CodeSent:
    challenge_id: UUID
    channel: str
    recipient: str
    expires_at: datetime
    resend_at: datetime
    sent_at: datetime


@dataclass(frozen=True)
class OpenedCase:
    application_token: str
    application: Application


def request_contact_code(desk: Desk, token: str, contact: str, device_token: str | None = None) -> CodeSent:
    """Send a code to a contact of an application.

    Raises NotEditable, TooSoon, TooManyCodes, Refused(CONTACT_MISSING, ALREADY_VERIFIED).
    """
    application = opened(desk, token, lock=True)
    application.require_editable()
    found = application.contact(contact)
    if found is None:
        raise Refused("CONTACT_MISSING")
    if found.verified_at is not None:
        raise Refused("ALREADY_VERIFIED")
    # An application names any number of contacts in turn, and a machine begins any number of applications.
    source = desk.applications.started_from(application.application_id) or UNKNOWN
    codes.require_modest(
        of_application=desk.challenges.asked_by(application.application_id, now=desk.now),
        from_source=_asked_from(desk, source),
    )
    mailbox = mailbox_of(found.value)
    known = _is_known(desk, mailbox, device_token)
    sent = desk.challenges.sent_to(
        mailbox,
        purpose=APPLICATION_CONTACT,
        source=source,
        application_id=application.application_id,
        now=desk.now,
    )
    codes.require_sendable(sent, found.channel, known=known, now=desk.now)
    challenge_id = _send(desk, _about(application, found), APPLICATION_CONTACT, source=source, known=known)
    return CodeSent(
        challenge_id,
        found.channel,
        masked_contact(found.value),
        desk.now + codes.LIFE,
        desk.now + codes.RESEND_AFTER,
        desk.now,
    )


def verify_contact(
    desk: Desk, token: str, contact: str, code: str, device_token: str | None = None
) -> Application:
    """A code comes back. An older code stays good for its own time; the device it comes from is its owner's.

    Raises NotEditable, CodeWrong, CodeExpired, CodeVoid (all of which count the try), TooManyGuesses.
    """
    application = opened(desk, token, lock=True)
    application.require_editable()
    found = application.contact(contact)
    if found is None:
        raise codes.CodeExpired
    if found.verified_at is not None:
        return application
    typed = codes.normalised_code(code)
    mailbox = mailbox_of(found.value)
    stored = [
        one
        for one in desk.challenges.challenges_for_contact(application.application_id, contact, mailbox)
        if compared(one.recipient) == found.compared
    ]
    if not stored:
        raise codes.CodeExpired
    if _is_guessed_at(desk, stored[0]):
        raise codes.TooManyGuesses
    for one in stored:
        if hmac.compare_digest(one.challenge.code_hash, desk.vault.code_hash(one.challenge_id, typed)):
            codes.check(one.challenge, matches=True, now=desk.now)
            desk.challenges.mark_used(one.challenge_id, desk.now)
            application = application.with_contact_verified(found, now=desk.now)
            keep(desk, token, application)
            desk.applications.save_contacts(application)
            keep_name(desk, application)
            if device_token:
                desk.guesses.add_device(_owner_of(desk, mailbox), token_hash(device_token), desk.now)
            desk.outbox.announce(events.contact_verified(application, contact, desk.now))
            return application
    desk.challenges.count_try([one.challenge_id for one in stored])
    codes.check(stored[0].challenge, matches=False, now=desk.now)
    raise codes.CodeWrong(0)


def request_case_access(
    desk: Desk, query: str, ip: str | None = None, device_token: str | None = None
) -> CodeSent:
    """Send a code for the case asked for by number, or to every address with cases under the ID number asked for.

    Each address gets a code of its own, so that nobody switches off another's by naming the same ID number; a draft
    is found by its case number alone, since anybody can begin one under any ID number. Known or not, the answer is
    the same and so is the work: an unknown case gets a challenge too, to nobody, which no code fits; so does a known
    one whose address had its codes for this hour. What strangers ask for is no part of what a device of the owner
    may. Raises TooManyCodes, counted per question and asking source: it tells nothing either; Refused(INVALID) for what
    can be no number of either kind.
    """
    typed, source = normalised_number(query), source_of(ip)
    if not is_case_number(typed) and not id_number_is_valid(typed):
        raise Refused(INVALID, fields={"query": ["CASE_QUERY_INVALID"]})
    asked = desk.vault.question_index(typed)
    numbered = desk.applications.application_numbered(typed)
    found = [numbered] if numbered else desk.applications.applications_submitted_by(desk.vault.index(typed))
    newest = {a.code_contact.compared: (a, a.code_contact) for a in reversed(found) if a.code_contact}
    owned = {
        mailbox for _, c in newest.values() if _is_known(desk, mailbox := mailbox_of(c.value), device_token)
    }
    if not owned:
        if desk.challenges.times_asked(asked, source=source, now=desk.now) >= codes.MOST_PER_HOUR:
            raise codes.TooManyCodes
        codes.require_modest(from_source=_asked_from(desk, source))
    question_id, sent = uuid4(), 0
    # In one order, since `sent_to` locks and two questions may share addresses.
    for application, contact in sorted(newest.values(), key=lambda pair: mailbox_of(pair[1].value)):
        mailbox = mailbox_of(contact.value)
        before = desk.challenges.sent_to(mailbox, purpose=CASE_ACCESS, source=source, now=desk.now)
        if before.is_enough(contact.channel, known=mailbox in owned):
            continue
        _send(
            desk,
            _about(application, contact),
            CASE_ACCESS,
            question_id=question_id,
            asked=asked,
            source=source,
            known=mailbox in owned,
        )
        sent += 1
    if not sent:
        _pretend(desk, CASE_ACCESS, question_id, asked, source)
    return _sent(desk, question_id)


def open_case(
    desk: Desk, question_id: UUID, code: str, device_token: str | None = None
) -> tuple[list[OpenedCase], str]:
    """Open what the address whose code this is may open: the case asked for, and what its person handed in from there.

    And a new secret for the device, which is now known for that address. Raises CaseCodeWrong for whatever does not
    fit: a wrong code, an old one, a question that nobody got a code for.
    """
    fitting = _fitting(desk, question_id, CASE_ACCESS, code)
    try:
        if fitting.application_id is None:
            raise codes.CaseCodeWrong
        opened_now = _opened_by(desk, fitting.application_id, fitting.recipient)
    except codes.CaseCodeWrong:
        desk.challenges.count_try([fitting.challenge_id])
        raise
    desk.challenges.mark_used(fitting.challenge_id, desk.now)
    device = new_device(desk, _owner_of(desk, fitting.mailbox), device_token)
    return [OpenedCase(grant(desk, application), application) for application in opened_now], device


def request_device_code(desk: Desk, account_name: str, ip: str | None, locale: str) -> CodeSent:
    """Send a code to the mailbox of an account, which makes the device it is typed into one of its owner's.

    So nobody's wrong passwords keep an owner out. Known or not, the answer is the same, and so is the work.
    Raises TooManyCodes, counted per name and asking source.
    """
    source = source_of(ip)
    asked = desk.vault.subject_index("device-of", account_name.lower())
    if desk.challenges.times_asked(asked, source=source, now=desk.now) >= codes.MOST_PER_HOUR:
        raise codes.TooManyCodes
    codes.require_modest(from_source=_asked_from(desk, source))
    account = desk.accounts.account_named(account_name)
    question_id, sent = uuid4(), False
    if account is not None and account.state is State.ACTIVE:
        before = desk.challenges.sent_to(
            mailbox_of(account.email), purpose=DEVICE, source=source, now=desk.now
        )
        if not before.is_enough("email", known=False):
            about = _About(None, account.account_id, None, "email", account.email, account.locale)
            _send(desk, about, DEVICE, question_id=question_id, asked=asked, source=source)
            sent = True
    if not sent:
        _pretend(desk, DEVICE, question_id, asked, source)
    return _sent(desk, question_id)


def confirm_device(desk: Desk, challenge_id: UUID, code: str, device_token: str | None = None) -> str:
    """A new secret for a device that is now one of the account's owner. Raises CaseCodeWrong."""
    fitting = _fitting(desk, challenge_id, DEVICE, code)
    if fitting.account_id is None:
        raise codes.CaseCodeWrong
    desk.challenges.mark_used(fitting.challenge_id, desk.now)
    return new_device(desk, account_subject(desk, fitting.account_id), device_token)


def _sent(desk: Desk, question_id: UUID) -> CodeSent:
    """What is told of a question, whether a code went out for it or not."""
    return CodeSent(question_id, "email", "", desk.now + codes.LIFE, desk.now + codes.RESEND_AFTER, desk.now)


def _fitting(desk: Desk, question_id: UUID, purpose: str, code: str) -> StoredChallenge:
    """The code behind a question that this is. Raises CaseCodeWrong; a wrong try counts against every one of them."""
    behind = [one for one in desk.challenges.challenges_of_question(question_id) if one.purpose == purpose]
    typed = codes.normalised_code(code)
    guessed_at = {
        one.mailbox for one in sorted(behind, key=lambda one: one.mailbox) if _is_guessed_at(desk, one)
    }
    fitting = [
        one
        for one in behind
        if hmac.compare_digest(one.challenge.code_hash, desk.vault.code_hash(one.challenge_id, typed))
        and one.mailbox not in guessed_at
    ]
    try:
        if not fitting:
            raise codes.CaseCodeWrong
        codes.check(fitting[0].challenge, matches=True, now=desk.now)
    except (codes.CaseCodeWrong, codes.CodeVoid, codes.CodeExpired) as problem:
        desk.challenges.count_try([one.challenge_id for one in behind])
        raise codes.CaseCodeWrong from problem
    return fitting[0]


def _opened_by(desk: Desk, application_id: UUID, recipient: str) -> list[Application]:
    """The case asked for, then the others of its person whose code would go to the same address, newest first.

    Raises CaseCodeWrong when the address was changed meanwhile.
    """
    asked, address = desk.applications.application(application_id), compared(recipient)
    if not any(c.compared == address and c.verified_at is not None for c in asked.contacts):
        raise codes.CaseCodeWrong
    sealed = desk.applications.sealed_id_number(application_id)
    others = desk.applications.applications_submitted_by(sealed.index) if sealed else []
    same = (a for a in others if a.code_contact is not None and a.code_contact.compared == address)
    return [asked, *(a for a in same if a.application_id != application_id)]


def _owner_of(desk: Desk, mailbox: str) -> bytes:
    """Under what the devices of a mailbox's, or a telephone's, owner are known."""
    return desk.vault.subject_index("mailbox", mailbox)


def _is_known(desk: Desk, mailbox: str, device_token: str | None) -> bool:
    return bool(device_token) and desk.guesses.knows_device(
        _owner_of(desk, mailbox), token_hash(device_token or "")
    )


def _is_guessed_at(desk: Desk, one: StoredChallenge) -> bool:
    before = desk.challenges.sent_to(one.mailbox, purpose=one.purpose, source=one.source, now=desk.now)
    return before.is_guessed_at(known=one.known)


def _asked_from(desk: Desk, source: str) -> int:
    """How many codes a source asked for; those that nobody knows share no limit."""
    return 0 if source == UNKNOWN else desk.challenges.asked_from(source, now=desk.now)


@dataclass(frozen=True)
class _About:
    """What a code is for, and to whom it goes."""

    application_id: UUID | None
    account_id: UUID | None
    contact: str | None
    channel: str
    recipient: str
    locale: str
    case_number: str | None = None


def _about(application: Application, contact: Contact) -> _About:
    return _About(
        application.application_id,
        None,
        contact.contact,
        contact.channel,
        contact.value,
        application.locale,
        application.case_number if application.status is not Status.DRAFT else None,
    )


def _send(
    desk: Desk,
    about: _About,
    purpose: str,
    *,
    source: str,
    question_id: UUID | None = None,
    asked: bytes | None = None,
    known: bool = False,
) -> UUID:
    challenge_id, code = uuid4(), new_code(codes.DIGITS)
    desk.challenges.add_challenge(
        NewChallenge(
            challenge_id=challenge_id,
            purpose=purpose,
            application_id=about.application_id,
            account_id=about.account_id,
            contact=about.contact,
            channel=about.channel,
            recipient=about.recipient,
            mailbox=mailbox_of(about.recipient),
            code_hash=desk.vault.code_hash(challenge_id, code),
            created_at=desk.now,
            expires_at=desk.now + codes.LIFE,
            asked=asked,
            question_id=question_id,
            source=source,
            known=known,
        )
    )
    desk.outbox.announce(
        events.verification_code_requested(
            challenge_id=challenge_id,
            purpose=purpose,
            channel=about.channel,
            recipient=about.recipient,
            sealed_code=seal(desk.settings.sealing_public_key, code, str(challenge_id)),
            expires_at=desk.now + codes.LIFE,
            locale=about.locale,
            case_number=about.case_number,
        )
    )
    return challenge_id


def _pretend(desk: Desk, purpose: str, question_id: UUID, asked: bytes, source: str) -> None:
    """The same row and the same sealing as a real code, for nobody."""
    challenge_id, code = uuid4(), new_code(codes.DIGITS)
    nobody = f"nobody:{asked.hex()}"
    desk.challenges.add_challenge(
        NewChallenge(
            challenge_id=challenge_id,
            purpose=purpose,
            application_id=None,
            contact="applicant_email",
            channel="email",
            recipient=nobody,
            mailbox=nobody,
            code_hash=desk.vault.code_hash(challenge_id, code),
            created_at=desk.now,
            expires_at=desk.now + codes.LIFE,
            asked=asked,
            question_id=question_id,
            source=source,
        )
    )
    seal(desk.settings.sealing_public_key, code, str(challenge_id))
