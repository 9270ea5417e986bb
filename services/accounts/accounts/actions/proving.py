"""Prove contacts by code, and open a case by code. A stranger learns nothing about which cases exist."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from mtnet_chassis.doors import Refused
from mtnet_chassis.sealing import seal

from accounts import events
from accounts.actions.desk import Desk
from accounts.actions.drafting import grant, keep, opened
from accounts.clients.phones import masked_email, masked_phone
from accounts.clients.vault import new_code
from accounts.domain import codes
from accounts.domain.application import Application, Contact, Status
from accounts.domain.numbers import normalised_number
from accounts.store.challenges import NewChallenge

APPLICATION_CONTACT = "application_contact"
CASE_ACCESS = "case_access"


@dataclass(frozen=True)
class CodeSent:
    challenge_id: UUID
    channel: str
    recipient: str
    expires_at: datetime
    resend_at: datetime


@dataclass(frozen=True)
class OpenedCase:
    application_token: str
    application: Application


def request_contact_code(desk: Desk, token: str, contact: str) -> CodeSent:
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
    source = desk.applications.started_from(application.application_id)
    codes.require_modest(
        of_application=desk.challenges.asked_by(application.application_id, now=desk.now),
        from_source=desk.challenges.asked_from(source, now=desk.now) if source else 0,
    )
    codes.require_sendable(desk.challenges.sent_to(found.value, now=desk.now), found.channel, now=desk.now)
    challenge_id = _send(desk, APPLICATION_CONTACT, application, found, source=source)
    masked = masked_phone(found.value) if found.channel == "sms" else masked_email(found.value)
    return CodeSent(challenge_id, found.channel, masked, desk.now + codes.LIFE, desk.now + codes.RESEND_AFTER)


def verify_contact(desk: Desk, token: str, contact: str, code: str) -> Application:
    """A code comes back. An older code stays good for its own time.

    Raises NotEditable, CodeWrong, CodeExpired, CodeVoid (all of which count the try).
    """
    application = opened(desk, token, lock=True)
    application.require_editable()
    found = application.contact(contact)
    if found is None:
        raise codes.CodeExpired
    if found.verified_at is not None:
        return application
    typed = codes.normalised_code(code)
    stored = desk.challenges.challenges_for_contact(application.application_id, contact, found.value)
    if not stored:
        raise codes.CodeExpired
    for one in stored:
        if hmac.compare_digest(one.challenge.code_hash, desk.vault.code_hash(one.challenge_id, typed)):
            codes.check(one.challenge, matches=True, now=desk.now)
            desk.challenges.mark_used(one.challenge_id, desk.now)
            application = application.with_contact_verified(contact, found.value, now=desk.now)
            keep(desk, token, application)
            desk.applications.save_contacts(application)
            desk.outbox.announce(events.contact_verified(application, contact, desk.now))
            return application
    desk.challenges.count_try([one.challenge_id for one in stored])
    codes.check(stored[0].challenge, matches=False, now=desk.now)
    raise codes.CodeWrong(0)


def request_case_access(desk: Desk, query: str, source: str | None = None) -> CodeSent:
    """Send a code for the case asked for by number, or to every address with cases under the ID number asked for.

    Each address gets a code of its own, so that nobody switches off another's by naming the same ID number; a draft
    is found by its case number alone, since anybody can begin one under any ID number. Known or not, the answer is
    the same and so is the work: an unknown case gets a challenge too, to nobody, which no code fits; so does a known
    one whose address had its codes for this hour. Raises TooManyCodes, counted per question and per
    asking address (`source`): it tells nothing either.
    """
    typed = normalised_number(query)
    asked = desk.vault.question_index(typed)
    if desk.challenges.times_asked(asked, now=desk.now) >= codes.MOST_PER_HOUR:
        raise codes.TooManyCodes
    codes.require_modest(from_source=desk.challenges.asked_from(source, now=desk.now) if source else 0)
    numbered = desk.applications.application_numbered(typed)
    found = [numbered] if numbered else desk.applications.applications_submitted_by(desk.vault.index(typed))
    newest = {a.code_contact.value: (a, a.code_contact) for a in reversed(found) if a.code_contact}
    question_id, sent = uuid4(), 0
    # In one order, since `sent_to` locks and two questions may share addresses.
    for recipient, (application, contact) in sorted(newest.items()):
        if desk.challenges.sent_to(recipient, now=desk.now).is_enough(contact.channel):
            continue
        _send(desk, CASE_ACCESS, application, contact, question_id=question_id, asked=asked, source=source)
        sent += 1
    if not sent:
        _pretend(desk, question_id, asked, source)
    return CodeSent(question_id, "email", "", desk.now + codes.LIFE, desk.now + codes.RESEND_AFTER)


def open_case(desk: Desk, question_id: UUID, code: str) -> list[OpenedCase]:
    """Open what the address whose code this is may open: the case asked for, and what its person handed in from there.

    Raises CaseCodeWrong for whatever does not fit: a wrong code, an old one, a question that nobody got a code for.
    """
    behind = desk.challenges.challenges_of_question(question_id)
    typed = codes.normalised_code(code)
    fitting = [
        one
        for one in behind
        if hmac.compare_digest(one.challenge.code_hash, desk.vault.code_hash(one.challenge_id, typed))
    ]
    try:
        if not fitting or fitting[0].application_id is None:
            raise codes.CaseCodeWrong
        codes.check(fitting[0].challenge, matches=True, now=desk.now)
        opened_now = _opened_by(desk, fitting[0].application_id, fitting[0].recipient)
    except (codes.CaseCodeWrong, codes.CodeVoid, codes.CodeExpired) as problem:
        desk.challenges.count_try([one.challenge_id for one in behind])
        raise codes.CaseCodeWrong from problem
    desk.challenges.mark_used(fitting[0].challenge_id, desk.now)
    return [OpenedCase(grant(desk, application), application) for application in opened_now]


def _opened_by(desk: Desk, application_id: UUID, recipient: str) -> list[Application]:
    """The case asked for, then the others of its person whose code would go to the same address, newest first.

    Raises CaseCodeWrong when the address was changed meanwhile.
    """
    asked = desk.applications.application(application_id)
    if not any(c.value == recipient and c.verified_at is not None for c in asked.contacts):
        raise codes.CaseCodeWrong
    sealed = desk.applications.sealed_id_number(application_id)
    others = desk.applications.applications_submitted_by(sealed.index) if sealed else []
    same = (a for a in others if a.code_contact is not None and a.code_contact.value == recipient)
    return [asked, *(a for a in same if a.application_id != application_id)]


def _send(
    desk: Desk,
    purpose: str,
    application: Application,
    contact: Contact,
    *,
    question_id: UUID | None = None,
    asked: bytes | None = None,
    source: str | None = None,
) -> UUID:
    challenge_id, code = uuid4(), new_code(codes.DIGITS)
    desk.challenges.add_challenge(
        NewChallenge(
            challenge_id=challenge_id,
            purpose=purpose,
            application_id=application.application_id,
            contact=contact.contact,
            channel=contact.channel,
            recipient=contact.value,
            code_hash=desk.vault.code_hash(challenge_id, code),
            created_at=desk.now,
            expires_at=desk.now + codes.LIFE,
            asked=asked,
            question_id=question_id,
            source=source,
        )
    )
    desk.outbox.announce(
        events.verification_code_requested(
            challenge_id=challenge_id,
            purpose=purpose,
            channel=contact.channel,
            recipient=contact.value,
            sealed_code=seal(desk.settings.sealing_public_key, code, str(challenge_id)),
            expires_at=desk.now + codes.LIFE,
            locale=application.locale,
            case_number=application.case_number if application.status is not Status.DRAFT else None,
        )
    )
    return challenge_id


def _pretend(desk: Desk, question_id: UUID, asked: bytes, source: str | None) -> None:
    """The same row and the same sealing as a real code, for nobody."""
    challenge_id, code = uuid4(), new_code(codes.DIGITS)
    desk.challenges.add_challenge(
        NewChallenge(
            challenge_id=challenge_id,
            purpose=CASE_ACCESS,
            application_id=None,
            contact="applicant_email",
            channel="email",
            recipient=f"nobody:{asked.hex()}",
            code_hash=desk.vault.code_hash(challenge_id, code),
            created_at=desk.now,
            expires_at=desk.now + codes.LIFE,
            asked=asked,
            question_id=question_id,
            source=source,
        )
    )
    seal(desk.settings.sealing_public_key, code, str(challenge_id))
