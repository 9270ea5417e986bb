"""Begin an application, fill it in section by section, and open it by its token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from mtnet_chassis.rpc.actor import Actor
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.call import INVALID
from mtnet_contracts.vocabulary.answers import Answers, Identity, Registration
from mtnet_contracts.vocabulary.masking import masked_id_number

from accounts.applications.access import require_held
from accounts.applications.answers import checked_answers
from accounts.applications.names import reserve_name
from accounts.applications.rules import (
    EDITABLE,
    MOST_STARTS_PER_HOUR,
    Application,
    ApplicationNotFound,
    Contact,
    Status,
    Step,
    form_hash,
    new_application,
)
from accounts.applications.store import ApplicationStore, GrantStore
from accounts.audit.actions import record
from accounts.consents.actions import agreed_in_application, privacy_notice
from accounts.registry.rules import AccountNameTaken
from accounts.sources import UNKNOWN, source_of
from accounts.vault import Vault, new_token, token_hash
from accounts.verification.mailboxes import compared
from accounts.verification.rules import CodeRecipient

if TYPE_CHECKING:
    from accounts.attempts.store import GuessStore
    from accounts.audit.store import AuditStore
    from accounts.consents.store import ConsentStore
    from accounts.registry.store import AccountStore, NameStore


@dataclass(frozen=True)
class DraftStores:
    """What filling in an application reads and writes."""

    applications: ApplicationStore
    grants: GrantStore
    consents: ConsentStore
    accounts: AccountStore
    names: NameStore
    guesses: GuessStore


# Begin and fill in


def start_application(
    applications: ApplicationStore,
    grants: GrantStore,
    *,
    identity_type: str,
    locale: str,
    ip: str | None,
    now: datetime,
) -> tuple[str, Application]:
    """A new draft and the token that opens it. Raises Refused(TOO_MANY_APPLICATIONS)."""
    source, hour = source_of(ip), timedelta(hours=1)
    if source != UNKNOWN and applications.started_since(source, now - hour) >= MOST_STARTS_PER_HOUR:
        raise Refused("TOO_MANY_APPLICATIONS")
    application = new_application(
        application_id=uuid4(),
        random_hex=secrets.token_hex(7)[:13],
        identity_type=identity_type,
        locale=locale,
        now=now,
    )
    applications.add_application(application, source=source)
    return grant(grants, application, now), application


def reopen_untouched(
    applications: ApplicationStore, grants: GrantStore, application_id: UUID, now: datetime
) -> tuple[str, Application] | None:
    """The draft again for a caller who did not get the answer, while nothing has been entered.

    A new token opens it; the one that was given before opens nothing any more. None for a draft that is used, or gone.
    """
    try:
        application = applications.application_for_update(application_id)
    except ApplicationNotFound:
        return None
    if application.status is not Status.DRAFT or application.answers != Answers():
        return None
    grants.remove_all_of(application_id)
    return grant(grants, application, now), application


def save_section(
    stores: DraftStores,
    vault: Vault,
    token: str,
    *,
    section: str,
    answers: dict[str, Any],
    ip: str | None,
    version: str | None,
    now: datetime,
) -> Application:
    """Check the answers of a section and store them.

    Raises Refused(INVALID) with the fields, NotEditable, SectionNotAsked, AnswersChanged.
    """
    applications = stores.applications
    application = opened(applications, stores.grants, token, now, lock=True)
    notice_version = privacy_notice(stores.consents, now).version
    accepted = checked_answers(section, answers, notice_version=notice_version)
    id_number = accepted.id_number if isinstance(accepted, Identity) else None
    if isinstance(accepted, Identity) and id_number:
        person = vault.person_key(vault.index(id_number))
        accepted = replace(
            accepted, id_number=None, masked_id_number=masked_id_number(id_number), person=person
        )
    application.require_version(version, accepted)
    if isinstance(accepted, Identity) and id_number:
        application.require_editable()
        name, person_index = accepted.account_name, vault.index(id_number)
        reserve_name(
            applications,
            stores.accounts,
            stores.names,
            stores.guesses,
            vault,
            application,
            name,
            person_index,
            now,
        )
    application = application.with_section(accepted, now=now, compared=compared)
    try:
        keep(applications, stores.grants, token, application, now)
    except AccountNameTaken as problem:
        # Only a returned case reserves its name while it is edited.
        raise Refused(INVALID, fields={"account_name": ["ACCOUNT_NAME_TAKEN"]}) from problem
    applications.save_contacts(application)
    if id_number is not None:
        sealed = vault.seal(id_number, application.application_id)
        applications.save_id_number(application.application_id, sealed)
    if isinstance(accepted, Registration):
        agreed_in_application(
            stores.consents, application.application_id, accepted.notice_version, ip=ip, now=now
        )
    return application


def missing_of(consents: ConsentStore, application: Application, now: datetime) -> tuple[str, ...]:
    """What stands between now and submitting, as codes."""
    version = privacy_notice(consents, now).version
    return application.missing(notice_version=version, content_hash=form_hash(application))


# Tokens that open an application


def grant(grants: GrantStore, application: Application, now: datetime) -> str:
    """A new token that opens this application."""
    token = new_token()
    grants.add(token_hash(token), application.application_id, application.open_until(now))
    return token


def opened(
    applications: ApplicationStore, grants: GrantStore, token: str, now: datetime, *, lock: bool = False
) -> Application:
    """The application a token opens, with `lock` until the transaction ends. Raises ApplicationNotFound."""
    application_id = grants.opens(token_hash(token), now=now)
    if application_id is None:
        raise ApplicationNotFound
    return application(applications, application_id, lock=lock)


def opened_applications(grants: GrantStore, tokens: list[str], now: datetime) -> list[dict[str, Any]]:
    """What each token opens, in their order (the call's OpenedApplication)."""
    hashes = [token_hash(token) for token in tokens]
    found = {bytes(one["token_hash"]): one for one in grants.opened_by(hashes, now=now)}
    return [
        found[one] | {"position": position, "editable": Status(found[one]["status"]) in EDITABLE}
        for position, one in enumerate(hashes)
        if one in found
    ]


def leave_application(grants: GrantStore, token: str) -> None:
    """The token opens nothing any more. The answer does not tell whether it ever did."""
    grants.remove(token_hash(token))


def shorten_grants(grants: GrantStore, application_id: UUID, until: datetime) -> None:
    """No token of this application lives longer than that."""
    grants.shorten_all_of(application_id, until)


# What other topics read and change


def application(applications: ApplicationStore, application_id: UUID, *, lock: bool = False) -> Application:
    """Raises ApplicationNotFound."""
    if lock:
        return applications.application_for_update(application_id)
    return applications.application(application_id)


def application_numbered(applications: ApplicationStore, case_number: str) -> Application | None:
    return applications.application_numbered(case_number)


def applications_submitted_by(applications: ApplicationStore, person_index: bytes) -> list[Application]:
    """What was submitted under an ID number, newest first."""
    return applications.applications_submitted_by(person_index)


def lapsed_returns(applications: ApplicationStore, before: date) -> list[Application]:
    """A batch of returned cases that were to be corrected before this day, locked."""
    return applications.lapsed_returns(before)


def expired_drafts(applications: ApplicationStore, now: datetime) -> list[UUID]:
    """A batch of drafts that nobody resumed, locked."""
    return applications.expired_drafts(now)


def applications_kept_no_longer(applications: ApplicationStore, now: datetime, most: int) -> list[UUID]:
    """A batch of decided applications that are kept no longer, locked."""
    return applications.kept_no_longer(now, most)


def remove_applications(applications: ApplicationStore, application_ids: list[UUID]) -> None:
    applications.remove_applications(application_ids)


def started_from(applications: ApplicationStore, application_id: UUID) -> str:
    """The source an application was begun from."""
    return applications.started_from(application_id) or UNKNOWN


def answers_submitted(applications: ApplicationStore, application: Application) -> Answers:
    """The answers of the last submission; empty before the first."""
    return applications.answers_submitted(application.application_id, application.submission)


def keep(
    applications: ApplicationStore, grants: GrantStore, token: str, application: Application, now: datetime
) -> None:
    """Save a change of the applicant's; the token it was made with lives on. Raises AccountNameTaken."""
    applications.save_application(application)
    grants.extend(token_hash(token), application.open_until(now))


def keep_contacts(applications: ApplicationStore, application: Application) -> None:
    applications.save_contacts(application)


def save_step(applications: ApplicationStore, application: Application, step: Step) -> None:
    """Save a change of status and add it to the case's progress. Raises AccountNameTaken."""
    applications.save_application(application)
    applications.add_step(application.application_id, step)


def add_holder(applications: ApplicationStore, application_id: UUID, unit: str) -> None:
    """The unit has the case now: its reviewers may see the form and the ID number from now on."""
    applications.add_holder(application_id, unit)


def code_recipient(application: Application, contact: Contact) -> CodeRecipient:
    """Where a code for this application goes. The case number is named once the application was submitted."""
    return CodeRecipient(
        application_id=application.application_id,
        contact=contact.contact,
        channel=contact.channel,
        recipient=contact.value,
        locale=application.locale,
        case_number=application.case_number if application.status is not Status.DRAFT else None,
    )


# The ID number


def own_id_number(applications: ApplicationStore, vault: Vault, application_id: UUID) -> str | None:
    """The ID number in clear text; None before it was entered."""
    sealed = applications.sealed_id_number(application_id)
    return vault.open(sealed, application_id) if sealed else None


def person_index_of(applications: ApplicationStore, application_id: UUID) -> bytes | None:
    """The keyed index of the ID number: equal for applications of one person."""
    sealed = applications.sealed_id_number(application_id)
    return sealed.index if sealed else None


def reveal_id_number(
    applications: ApplicationStore,
    audit: AuditStore,
    vault: Vault,
    actor: Actor,
    application_id: UUID,
    reason: str,
    now: datetime,
) -> str:
    """The ID number, for a reviewer; recorded with the reason. Raises Refused(CASE_NOT_FOUND)."""
    require_held(applications, actor, application_id)
    number = own_id_number(applications, vault, application_id)
    if number is None:
        raise Refused("CASE_NOT_FOUND")
    record(
        audit,
        "id_number_revealed",
        now=now,
        subject_id=application_id,
        detail={"reason": reason},
        actor_account_id=actor.account_id,
        ip=actor.ip,
    )
    return number
