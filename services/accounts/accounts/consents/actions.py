"""Agree to the privacy notice, or not; publish a new version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from mtnet_chassis.rpc.actor import Actor
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts.audit.actions import record
from accounts.consents.rules import (
    MOST_SHOWN,
    Consent,
    Notice,
    NoticeNotValid,
    NoticeOutdated,
    PublishedNotice,
    checked_notice,
)
from accounts.registry import actions as registry
from accounts.sessions import own as sessions

if TYPE_CHECKING:
    from accounts.audit.store import AuditStore
    from accounts.consents.store import ConsentStore
    from accounts.registry.store import AccountStore
    from accounts.sessions.store import SessionStore


@dataclass(frozen=True)
class ConsentStores:
    """What agreeing reads and writes, in one transaction."""

    consents: ConsentStore
    accounts: AccountStore
    sessions: SessionStore
    audit: AuditStore


@dataclass(frozen=True)
class OwnConsents:
    """`needed` is the notice in force where its owner has not agreed to it."""

    needed: Notice | None
    agreed: list[Consent]


def privacy_notice(consents: ConsentStore, now: datetime) -> Notice:
    """The notice in force today."""
    return consents.notice_in_force(taipei_day(now))


def agreed_in_application(
    consents: ConsentStore, application_id: UUID, version: str, *, ip: str | None, now: datetime
) -> None:
    """An applicant ticked that they agree; once is enough."""
    consents.add_application_consent(application_id, version, now, ip)


def take_over_consents(consents: ConsentStore, application_id: UUID, account_id: UUID) -> None:
    """The application became an account: its owner has agreed to what the applicant agreed to."""
    consents.copy_consents(application_id, account_id)


def needs_consent(consents: ConsentStore, account_id: UUID, now: datetime) -> bool:
    """Whether whoever logs in now has to agree to the notice first."""
    return not consents.has_agreed(account_id, taipei_day(now))


def own_consents(consents: ConsentStore, account_id: UUID, now: datetime) -> OwnConsents:
    """What there is to agree to, and what was agreed to, newest first."""
    needed = privacy_notice(consents, now) if needs_consent(consents, account_id, now) else None
    return OwnConsents(needed, consents.consents_of(account_id, most=MOST_SHOWN))


def agree_to_notice(stores: ConsentStores, actor: Actor, version: str, now: datetime) -> OwnConsents:
    """The owner agrees to the notice in force; no session of theirs is asked any more. Twice is once.

    Raises NoticeOutdated for another version than the one in force.
    """
    # A login meanwhile waits, and then finds the consent.
    registry.locked_account(stores.accounts, actor.account_id)
    if version != privacy_notice(stores.consents, now).version:
        raise NoticeOutdated
    if stores.consents.add_account_consent(actor.account_id, version, now, "login", actor.ip):
        _record(stores.audit, "notice_agreed", actor, {"version": version}, now)
    sessions.asked_for_consent_no_more(stores.sessions, actor.account_id)
    return own_consents(stores.consents, actor.account_id, now)


def decline_notice(stores: ConsentStores, actor: Actor, now: datetime) -> None:
    """Not now: nothing changes but that it is on record, once a session."""
    version = privacy_notice(stores.consents, now).version
    if sessions.decline_consent(stores.sessions, actor.session_id, now):
        _record(stores.audit, "notice_declined", actor, {"version": version}, now)


def _record(audit: AuditStore, action: str, actor: Actor, detail: dict[str, object], now: datetime) -> None:
    record(
        audit,
        action,
        now=now,
        subject_id=actor.account_id,
        detail=detail,
        ip=actor.ip,
        actor_account_id=actor.account_id,
    )


# Versions


def notices(consents: ConsentStore) -> tuple[PublishedNotice, ...]:
    """All versions, the latest first."""
    return consents.notices()


def publish_notice(
    consents: ConsentStore, audit: AuditStore, notice: Notice, *, who: str, reason: str, now: datetime
) -> None:
    """A new version: from its day on applicants agree to it, and members are asked at their next login.

    Raises NoticeNotValid.
    """
    others = consents.notices(lock=True)
    consents.add_notice(checked_notice(notice, today=taipei_day(now), others=others))
    detail = {
        "version": notice.version,
        "from": notice.effective_on.isoformat(),
        "who": who,
        "reason": reason,
    }
    record(audit, "notice_published", now=now, subject_id=None, detail=detail)


def withdraw_notice(
    consents: ConsentStore, audit: AuditStore, version: str, *, who: str, reason: str, now: datetime
) -> None:
    """Take a version back that is not in force yet. Raises NoticeNotValid."""
    if not consents.remove_notice(version, today=taipei_day(now)):
        raise NoticeNotValid(f"there is no version {version} that is still to come into force")
    detail = {"version": version, "who": who, "reason": reason}
    record(audit, "notice_withdrawn", now=now, subject_id=None, detail=detail)
