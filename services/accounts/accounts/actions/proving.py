"""Prove contacts by code, and open a case by code. A stranger learns nothing about which cases exist."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from mtnet_chassis.doors import Refused
from mtnet_chassis.sealing import seal

from accounts import events
from accounts.actions.desk import Desk
from accounts.actions.drafting import opened
from accounts.clients.phones import masked_email, masked_phone
from accounts.clients.vault import new_code, new_token, token_hash
from accounts.domain import codes
from accounts.domain.application import CONTACTS, Application, Status
from accounts.domain.numbers import normalised_number
from accounts.store.challenges import NewChallenge

CASE_TOKEN_LIFE = timedelta(hours=2)
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
    _require_sendable(desk, found.value)
    challenge_id = _send(
        desk,
        APPLICATION_CONTACT,
        application,
        contact=contact,
        channel=CONTACTS[contact][2],
        recipient=found.value,
    )
    masked = masked_phone(found.value) if CONTACTS[contact][2] == "sms" else masked_email(found.value)
    return CodeSent(
        challenge_id, CONTACTS[contact][2], masked, desk.now + codes.LIFE, desk.now + codes.RESEND_AFTER
    )


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
            desk.applications.save_application(application)
            desk.applications.save_contacts(application)
            desk.outbox.announce(events.contact_verified(application, contact, desk.now))
            return application
    desk.challenges.count_try([one.challenge_id for one in stored])
    codes.check(stored[0].challenge, matches=False, now=desk.now)
    raise codes.CodeWrong(0)


def request_case_access(desk: Desk, query: str) -> CodeSent:
    """Send a code to the verified e-mail of the case asked for, by case number or ID number.

    Known or not, the answer is the same and so is the work: an unknown case gets a challenge too, to nobody, which
    no code fits; so does a known one whose address had its codes for this hour. Raises TooManyCodes, counted per
    question, so it tells nothing either.
    """
    typed = normalised_number(query)
    asked = desk.vault.question_index(typed)
    if desk.challenges.times_asked(asked, now=desk.now) >= codes.MOST_PER_HOUR:
        raise codes.TooManyCodes
    application = desk.applications.application_numbered(typed)
    by_person = desk.applications.applications_of_person(desk.vault.index(typed))
    candidates = ([application] if application else []) + by_person
    chosen = next((a for a in candidates if _reachable(a)), None)
    recipient = _email_of(chosen) if chosen else f"nobody:{asked.hex()}"
    exhausted = desk.challenges.sent_to(recipient, now=desk.now).within_hour >= codes.MOST_PER_HOUR
    if chosen and not exhausted:
        challenge_id = _send(
            desk,
            CASE_ACCESS,
            chosen,
            contact="applicant_email",
            channel="email",
            recipient=recipient,
            asked=asked,
        )
    else:
        challenge_id = _pretend(desk, f"nobody:{asked.hex()}", asked)
    return CodeSent(challenge_id, "email", "", desk.now + codes.LIFE, desk.now + codes.RESEND_AFTER)


def open_case(desk: Desk, challenge_id: UUID, code: str) -> list[OpenedCase]:
    """Open the person's cases that share the proved e-mail address, newest first.

    Raises CaseCodeWrong for whatever does not fit: a wrong code, an old one, a challenge that nobody got.
    """
    stored = desk.challenges.challenge_for_update(challenge_id, CASE_ACCESS)
    typed = codes.normalised_code(code)
    fits = hmac.compare_digest(
        stored.challenge.code_hash if stored else bytes(32), desk.vault.code_hash(challenge_id, typed)
    )
    if stored is None:
        raise codes.CaseCodeWrong
    try:
        codes.check(stored.challenge, matches=fits and stored.application_id is not None, now=desk.now)
    except (codes.CodeVoid, codes.CodeExpired, codes.CodeWrong) as problem:
        desk.challenges.count_try([challenge_id])
        raise codes.CaseCodeWrong from problem
    if stored.application_id is None:
        raise codes.CaseCodeWrong
    desk.challenges.mark_used(challenge_id, desk.now)
    asked = desk.applications.application(stored.application_id)
    sealed = desk.applications.sealed_id_number(asked.application_id)
    others = desk.applications.applications_of_person(sealed.index) if sealed else []
    found = [asked, *(a for a in others if a.application_id != asked.application_id)]
    return [
        OpenedCase(_grant(desk, a), a) for a in found if _reachable(a) and _email_of(a) == stored.recipient
    ]


def _grant(desk: Desk, application: Application) -> str:
    token = new_token()
    desk.applications.add_grant(token_hash(token), application.application_id, desk.now + CASE_TOKEN_LIFE)
    return token


def _reachable(application: Application) -> bool:
    """The applicant's e-mail was proved, so a code can go there; an expired draft is gone."""
    contact = application.contact("applicant_email")
    return contact is not None and contact.verified_at is not None


def _email_of(application: Application) -> str:
    contact = application.contact("applicant_email")
    return contact.value if contact else ""


def _require_sendable(desk: Desk, recipient: str) -> None:
    codes.require_sendable(desk.challenges.sent_to(recipient, now=desk.now), now=desk.now)


def _send(
    desk: Desk,
    purpose: str,
    application: Application,
    *,
    contact: str,
    channel: str,
    recipient: str,
    asked: bytes | None = None,
) -> UUID:
    challenge_id, code = uuid4(), new_code(codes.DIGITS)
    _keep(desk, challenge_id, code, purpose, application.application_id, contact, channel, recipient, asked)
    desk.outbox.announce(
        events.verification_code_requested(
            challenge_id=challenge_id,
            purpose=purpose,
            channel=channel,
            recipient=recipient,
            sealed_code=seal(desk.settings.sealing_public_key, code, str(challenge_id)),
            expires_at=desk.now + codes.LIFE,
            locale=application.locale,
            case_number=application.case_number if application.status is not Status.DRAFT else None,
        )
    )
    return challenge_id


def _pretend(desk: Desk, recipient: str, asked: bytes) -> UUID:
    """The same rows and the same sealing as a real code, for nobody."""
    challenge_id, code = uuid4(), new_code(codes.DIGITS)
    _keep(desk, challenge_id, code, CASE_ACCESS, None, "applicant_email", "email", recipient, asked)
    seal(desk.settings.sealing_public_key, code, str(challenge_id))
    return challenge_id


def _keep(
    desk: Desk,
    challenge_id: UUID,
    code: str,
    purpose: str,
    application_id: UUID | None,
    contact: str,
    channel: str,
    recipient: str,
    asked: bytes | None,
) -> None:
    desk.challenges.add_challenge(
        NewChallenge(
            challenge_id=challenge_id,
            purpose=purpose,
            application_id=application_id,
            contact=contact,
            channel=channel,
            recipient=recipient,
            code_hash=desk.vault.code_hash(challenge_id, code),
            created_at=desk.now,
            expires_at=desk.now + codes.LIFE,
            asked=asked,
        )
    )
