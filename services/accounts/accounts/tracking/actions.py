"""Follow what review decided: the case's progress, and the account at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from mtnet_chassis.data.sealing import seal
from mtnet_chassis.events.inbox import TryLater
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.vocabulary.dates import taipei_day

from accounts import events
from accounts.actions.desk import Desk
from accounts.applications.actions import opened
from accounts.applications.rules import ORGANISATIONS, Application, Mark, Status
from accounts.applications.store import ApplicationNotFound, Step
from accounts.registry.rules import Account, NotAwaitingActivation, State
from accounts.registry.store import ActivationLink
from accounts.submission.names import free_name
from accounts.vault import new_token, token_hash

LINK_LIFE = timedelta(days=7)
REISSUE_AFTER = timedelta(seconds=60)


def record_waiting(desk: Desk, event: events.CaseOpened | events.CaseForwarded) -> None:
    """A unit has the case now."""
    application = _application(desk, event.application_id)
    at = event.opened_at if isinstance(event, events.CaseOpened) else event.forwarded_at
    changed = application.waiting(
        unit=event.unit,
        stage=event.stage,
        stages=event.stages,
        due_on=event.due_on,
        expected_on=event.expected_on,
        submission=event.submission,
        now=desk.now,
    )
    desk.applications.add_holder(application.application_id, event.unit)
    _record(
        desk,
        application,
        changed,
        Step(at, Status.IN_REVIEW, event.unit, event.stage, event.stages, event.submission),
    )


def record_return(desk: Desk, event: events.ApplicationReturned) -> None:
    application = _application(desk, event.application_id)
    marks = tuple(Mark(reason.code, reason.field) for reason in event.reasons)
    changed = application.returned(
        marks=marks, note=event.note, resubmit_by=event.resubmit_by, submission=event.submission, now=desk.now
    )
    _record(
        desk,
        application,
        changed,
        Step(
            event.returned_at,
            Status.RETURNED,
            event.unit,
            event.stage,
            application.stages,
            event.submission,
            marks,
            event.note,
        ),
    )


def record_rejection(desk: Desk, event: events.ApplicationRejected) -> None:
    application = _application(desk, event.application_id)
    marks = tuple(Mark(reason.code, reason.field) for reason in event.reasons)
    changed = application.rejected(marks=marks, note=event.note, submission=event.submission, now=desk.now)
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
    _record(desk, application, changed, step)
    if changed is not application:
        desk.names.release(application.application_id)


def open_account(desk: Desk, event: events.ApplicationApproved) -> None:
    """The application is approved: an account is opened, and its owner gets a link to activate it.

    Should another account have got the name, this one is opened under a similar one, and its owner is asked for
    another when it is activated: an approval never waits for a name.
    """
    application = _application(desk, event.application_id)
    changed = application.approved(submission=event.submission, now=desk.now)
    if changed is application:
        return
    _record(
        desk,
        application,
        changed,
        Step(
            event.approved_at,
            Status.APPROVED,
            event.unit,
            application.stage,
            application.stages,
            event.submission,
        ),
    )
    account = _new_account(desk, changed)
    if desk.applications.account_name_in_use(account.account_name):
        wanted = account.account_name
        account = replace(account, account_name=free_name(desk, wanted), name_wanted=wanted)
    desk.accounts.add_account(
        account,
        application_id=application.application_id,
        approved_at=event.approved_at,
        active_on=taipei_day(desk.now),
    )
    # After the account: who asks for the name sees the one or the other.
    desk.names.release(application.application_id)
    desk.outbox.announce(events.account_opened(account, application.application_id))
    issue_activation_link(desk, account)


def issue_activation_link(desk: Desk, account: Account) -> None:
    """The newest link is the only one that works; it travels sealed for notify."""
    token = new_token()
    expires_at = desk.now + LINK_LIFE
    desk.accounts.replace_activation_link(
        token_hash(token), ActivationLink(account.account_id, desk.now, expires_at)
    )
    sealed = seal(desk.settings.sealing_public_key, token, str(account.account_id))
    desk.outbox.announce(events.activation_link_issued(account, sealed_token=sealed, expires_at=expires_at))


def reissue_activation(desk: Desk, token: str) -> None:
    """Raises NotAwaitingActivation, Refused(TOO_SOON)."""
    application = opened(desk, token)
    account = desk.accounts.account_of_application_for_update(application.application_id)
    if account is None or account.state is not State.APPROVED:
        raise NotAwaitingActivation
    issued_at = desk.accounts.link_issued_at(account.account_id)
    if issued_at is not None and desk.now < issued_at + REISSUE_AFTER:
        raise Refused("TOO_SOON", detail={"resend_at": (issued_at + REISSUE_AFTER).isoformat()})
    issue_activation_link(desk, account)


def _new_account(desk: Desk, application: Application) -> Account:
    answers = application.answers
    organisation_id: UUID | None = None
    roles = ["member"]
    if application.identity_type in ORGANISATIONS:
        company = answers["company"]
        organisation_id = desk.accounts.organisation(
            company["unified_business_number"], company["name_zh"], company.get("name_en"), desk.now
        )
        # The first of an organisation manages its members (FAQ E1006: Company Administrator).
        if not desk.accounts.has_manager(organisation_id):
            roles.append("organisation_manager")
    return Account(
        account_id=uuid4(),
        account_name=answers["identity"]["account_name"],
        name=answers["applicant"]["name"],
        state=State.APPROVED,
        identity_type=application.identity_type,
        roles=tuple(roles),
        email=answers["applicant"]["email"],
        mobile=answers["applicant"]["mobile"],
        locale=application.locale,
        organisation_id=organisation_id,
        person_key=answers["identity"]["person"],
        systems=tuple(answers["applicant"]["systems"]),
    )


def _application(desk: Desk, application_id: UUID) -> Application:
    """Raises TryLater when the application is not there: it was restored from an older backup, or is to come."""
    try:
        return desk.applications.application_for_update(application_id)
    except ApplicationNotFound as problem:
        raise TryLater(f"no application {application_id}") from problem


def _record(desk: Desk, before: Application, after: Application, step: Step) -> None:
    if after is before:
        return
    desk.applications.save_application(after)
    desk.applications.add_step(after.application_id, step)
