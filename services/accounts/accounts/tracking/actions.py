"""Open a case by code, and follow what review decided: the case's progress, and the account at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from mtnet_chassis.events.inbox import TryLater
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.rpc.holder import PASS_LIFE, Holder, PassSigner
from mtnet_contracts.calls.call import INVALID

from accounts.activation.actions import issue_activation_link, reissue_activation_link
from accounts.applications import actions as applying
from accounts.applications.rules import (
    Application,
    ApplicationNotFound,
    Contact,
    Mark,
    Status,
    Step,
)
from accounts.attempts import actions as attempts
from accounts.consents.actions import take_over_consents
from accounts.numbers import id_number_is_valid, is_case_number, normalised_number
from accounts.registry import actions as registry
from accounts.registry.rules import ORGANISATION_MANAGER, Account, State
from accounts.sources import source_of
from accounts.tracking import messages
from accounts.tracking.rules import approved, rejected, returned, waiting
from accounts.vault import Vault
from accounts.verification import actions as verification
from accounts.verification.actions import CodeSender
from accounts.verification.mailboxes import compared, mailbox_of
from accounts.verification.rules import CASE_ACCESS, CaseCodeWrong, CodeSent, sent_for

if TYPE_CHECKING:
    from accounts.activation.store import LinkStore
    from accounts.applications.store import ApplicationStore, GrantStore
    from accounts.attempts.store import GuessStore
    from accounts.consents.store import ConsentStore
    from accounts.registry.store import AccountStore, NameStore
    from accounts.verification.store import ChallengeStore


@dataclass(frozen=True)
class AccessStores:
    """What opening a case by code reads and writes."""

    applications: ApplicationStore
    grants: GrantStore
    challenges: ChallengeStore
    guesses: GuessStore


@dataclass(frozen=True)
class ApprovalStores:
    """What an approval reads and writes: the application, and the account that it becomes."""

    applications: ApplicationStore
    accounts: AccountStore
    names: NameStore
    consents: ConsentStore
    links: LinkStore
    outbox: Outbox


@dataclass(frozen=True)
class OpenedCase:
    application_token: str
    application: Application


# Open a case by code. A stranger learns nothing about which cases exist


def request_case_access(
    sender: CodeSender,
    applications: ApplicationStore,
    query: str,
    *,
    ip: str | None,
    device_token: str | None,
    now: datetime,
) -> CodeSent:
    """Send a code for the case asked for by number, or to every address with cases under the ID number asked for.

    Each address gets a code of its own, so that nobody switches off another's by naming the same ID number; a draft
    is found by its case number alone, since anybody can begin one under any ID number. Known or not, the answer is
    the same and so is the work: an unknown case gets a challenge too, to nobody, which no code fits; so does a known
    one whose address had its codes for this hour. What strangers ask for does not count for a device of the owner.
    Raises TooManyCodes, counted per question and asking source: it tells nothing either; Refused(INVALID) for what
    can be no number of either kind.
    """
    typed, source = normalised_number(query), source_of(ip)
    if not is_case_number(typed) and not id_number_is_valid(typed):
        raise Refused(INVALID, fields={"query": ["CASE_QUERY_INVALID"]})
    asked = sender.vault.question_index(typed)
    newest = _newest_by_address(applications, sender.vault, typed)
    owned = {
        mailbox
        for _, contact in newest
        if attempts.is_known_device(
            sender.guesses, sender.vault, mailbox := mailbox_of(contact.value), device_token
        )
    }
    if not owned:
        verification.require_question_allowed(sender.challenges, asked, source, now)
    question_id, sent = uuid4(), 0
    # In one order, since `answer_question` locks the mailbox and two questions may share addresses.
    for application, contact in sorted(newest, key=lambda pair: mailbox_of(pair[1].value)):
        sent += verification.answer_question(
            sender,
            applying.code_recipient(application, contact),
            CASE_ACCESS,
            question_id=question_id,
            asked=asked,
            source=source,
            known=mailbox_of(contact.value) in owned,
            now=now,
        )
    if not sent:
        sender.pretend(CASE_ACCESS, question_id=question_id, asked=asked, source=source, now=now)
    return sent_for(question_id, now)


def open_case(
    stores: AccessStores,
    vault: Vault,
    question_id: UUID,
    code: str,
    device_token: str | None,
    now: datetime,
) -> tuple[list[OpenedCase], str]:
    """Open the case that was asked for, and the others of its person whose code would go to the same address.

    Also returns a new token for the device, which is known for that address from now on. Raises CaseCodeWrong for
    whatever does not fit: a wrong code, an old one, a question that nobody got a code for.
    """
    challenges = stores.challenges
    fitting = verification.fitting_challenge(challenges, vault, question_id, CASE_ACCESS, code, now)
    try:
        if fitting.application_id is None:
            raise CaseCodeWrong
        opened = _opened_by(stores.applications, fitting.application_id, fitting.recipient)
    except CaseCodeWrong:
        verification.count_try(challenges, fitting)
        raise
    verification.mark_used(challenges, fitting, now)
    owner = attempts.mailbox_subject(vault, fitting.mailbox)
    device = attempts.new_device(stores.guesses, owner, device_token, now)
    return [OpenedCase(applying.grant(stores.grants, each, now), each) for each in opened], device


def application_pass(
    applications: ApplicationStore, grants: GrantStore, signer: PassSigner, token: str, now: datetime
) -> dict[str, Any]:
    """The call's ApplicationPassReply. Raises ApplicationNotFound."""
    application = applying.opened(applications, grants, token, now)
    holder = Holder(
        application_id=application.application_id,
        case_number=application.case_number,
        expires_at=now + PASS_LIFE,
    )
    return vars(holder) | {"signed_pass": signer.sign(holder)}


def _newest_by_address(
    applications: ApplicationStore, vault: Vault, typed: str
) -> list[tuple[Application, Contact]]:
    """For each address that gets a code: the newest application, and its contact."""
    numbered = applying.application_numbered(applications, typed)
    found = [numbered] if numbered else applying.applications_submitted_by(applications, vault.index(typed))
    newest = {a.code_contact.compared: (a, a.code_contact) for a in reversed(found) if a.code_contact}
    return list(newest.values())


def _opened_by(applications: ApplicationStore, application_id: UUID, recipient: str) -> list[Application]:
    """The case asked for, then the others of its person whose code would go to the same address, newest first.

    Raises CaseCodeWrong when the address was changed meanwhile.
    """
    asked, address = applying.application(applications, application_id), compared(recipient)
    if not any(c.compared == address and c.verified_at is not None for c in asked.contacts):
        raise CaseCodeWrong
    person = applying.person_index_of(applications, application_id)
    others = applying.applications_submitted_by(applications, person) if person else []
    same = (a for a in others if a.code_contact is not None and a.code_contact.compared == address)
    return [asked, *(a for a in same if a.application_id != application_id)]


# What review decided


def record_waiting(
    applications: ApplicationStore, event: messages.CaseOpened | messages.CaseForwarded, now: datetime
) -> None:
    """A unit has the case now."""
    application = _locked(applications, event.application_id)
    at = event.opened_at if isinstance(event, messages.CaseOpened) else event.forwarded_at
    changed = waiting(
        application,
        unit=event.unit,
        stage=event.stage,
        stages=event.stages,
        due_on=event.due_on,
        expected_on=event.expected_on,
        submission=event.submission,
        now=now,
    )
    applying.add_holder(applications, application.application_id, event.unit)
    step = Step(at, Status.IN_REVIEW, event.unit, event.stage, event.stages, event.submission)
    _save(applications, application, changed, step)


def record_return(applications: ApplicationStore, event: messages.ApplicationReturned, now: datetime) -> None:
    """The applicant may correct the application."""
    application = _locked(applications, event.application_id)
    marks = tuple(Mark(reason.code, reason.field) for reason in event.reasons)
    changed = returned(
        application,
        marks=marks,
        note=event.note,
        resubmit_by=event.resubmit_by,
        submission=event.submission,
        now=now,
    )
    step = Step(
        event.returned_at,
        Status.RETURNED,
        event.unit,
        event.stage,
        application.stages,
        event.submission,
        marks,
        event.note,
    )
    _save(applications, application, changed, step)


def record_rejection(
    applications: ApplicationStore, names: NameStore, event: messages.ApplicationRejected, now: datetime
) -> None:
    """The case is closed, and its account name is free."""
    application = _locked(applications, event.application_id)
    marks = tuple(Mark(reason.code, reason.field) for reason in event.reasons)
    changed = rejected(application, marks=marks, note=event.note, submission=event.submission, now=now)
    step = Step(
        event.rejected_at,
        Status.REJECTED,
        event.unit,
        application.stage,
        application.stages,
        event.submission,
        marks,
        event.note,
    )
    _save(applications, application, changed, step)
    if changed is not application:
        registry.release_names(names, application.application_id)


def open_account(
    stores: ApprovalStores, sealing_key: str, event: messages.ApplicationApproved, now: datetime
) -> None:
    """The application is approved: an account is opened, and its owner gets a link to activate it."""
    application = _locked(stores.applications, event.application_id)
    changed = approved(application, submission=event.submission, now=now)
    if changed is application:
        return
    step = Step(
        event.approved_at,
        Status.APPROVED,
        event.unit,
        application.stage,
        application.stages,
        event.submission,
    )
    _save(stores.applications, application, changed, step)
    account = registry.open_account(
        stores.accounts,
        stores.names,
        stores.outbox,
        _new_account(stores.accounts, changed, now),
        application_id=application.application_id,
        fax=_fax_of(changed),
        approved_at=event.approved_at,
        now=now,
    )
    take_over_consents(stores.consents, application.application_id, account.account_id)
    issue_activation_link(stores.links, stores.outbox, sealing_key, account, now)


def _fax_of(application: Application) -> str | None:
    """The applicant's number on the stamped form, or else the organisation's."""
    _, applicant = application.answers.handed_in()
    company = application.answers.company
    return applicant.fax or (company.fax if company else None)


def reissue_activation(
    stores: ApprovalStores, grants: GrantStore, sealing_key: str, token: str, now: datetime
) -> None:
    """Send the owner of an approved application another link. Raises NotAwaitingActivation, Refused(TOO_SOON)."""
    application = applying.opened(stores.applications, grants, token, now)
    account = registry.account_of_application(stores.accounts, application.application_id, lock=True)
    reissue_activation_link(stores.links, stores.outbox, sealing_key, account, now)


def _new_account(accounts: AccountStore, application: Application, now: datetime) -> Account:
    identity, applicant = application.answers.handed_in()
    organisation_id: UUID | None = None
    roles = ["member"]
    if (company := application.answers.company) is not None:
        organisation_id, has_manager = registry.register_organisation(
            accounts, company.unified_business_number, company.name_zh, company.name_en, now
        )
        # The first of an organisation manages its members (FAQ E1006: Company Administrator).
        if not has_manager:
            roles.append(ORGANISATION_MANAGER)
    return Account(
        account_id=uuid4(),
        account_name=identity.account_name,
        name=applicant.name,
        state=State.APPROVED,
        identity_type=application.identity_type,
        roles=tuple(roles),
        email=applicant.email,
        mobile=applicant.mobile,
        locale=application.locale,
        organisation_id=organisation_id,
        person_key=identity.person,
        systems=applicant.systems,
    )


def _locked(applications: ApplicationStore, application_id: UUID) -> Application:
    """Raises TryLater when the application is not there: it was restored from an older backup, or is to come."""
    try:
        return applying.application(applications, application_id, lock=True)
    except ApplicationNotFound as problem:
        raise TryLater(f"no application {application_id}") from problem


def _save(applications: ApplicationStore, before: Application, after: Application, step: Step) -> None:
    if after is not before:
        applying.save_step(applications, after, step)
