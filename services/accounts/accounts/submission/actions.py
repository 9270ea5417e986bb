"""Submit an application, submit it again, or withdraw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mtnet_chassis.events.outbox import Outbox
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.texts import texts_of

from accounts.applications import actions as applying
from accounts.applications.names import hold_name
from accounts.applications.rules import (
    Application,
    NothingChanged,
    Status,
    Step,
    changed_fields,
    form_hash,
    lapsed_if_due_before,
)
from accounts.consents.actions import privacy_notice
from accounts.registry import actions as registry
from accounts.registry.rules import AccountNameTaken
from accounts.submission import messages
from accounts.submission.rules import GRANT_AFTER_SUBMISSION, LAPSED, REPLACED, WITHDRAWAL_NOTES
from accounts.submission.store import SubmissionStore
from accounts.vault import Vault

if TYPE_CHECKING:
    from accounts.applications.store import ApplicationStore, GrantStore
    from accounts.consents.store import ConsentStore
    from accounts.registry.store import AccountStore, NameStore


@dataclass(frozen=True)
class SubmissionStores:
    """What submitting and withdrawing read and write."""

    applications: ApplicationStore
    grants: GrantStore
    consents: ConsentStore
    submissions: SubmissionStore
    accounts: AccountStore
    names: NameStore
    outbox: Outbox


def submit_application(
    stores: SubmissionStores,
    vault: Vault,
    token: str,
    versions: dict[str, str] | None,
    *,
    must_change: bool,
    now: datetime,
) -> Application:
    """Submit, for the first time or again. `versions` are those of the answers that were declared true.

    Raises NotEditable, AnswersChanged, Incomplete, AccountNameTaken, and with `must_change` NothingChanged.
    """
    applications = stores.applications
    application = applying.opened(applications, stores.grants, token, now, lock=True)
    application.require_editable()
    application.require_versions(versions)
    id_number = applying.own_id_number(applications, vault, application.application_id) or ""
    unchanged = _is_unchanged(stores, application)
    notice_version = privacy_notice(stores.consents, now).version
    application = application.submit(
        now=now, notice_version=notice_version, content_hash=form_hash(application)
    )
    if must_change and unchanged:
        raise NothingChanged
    index = vault.index(id_number)
    person_key = vault.person_key(index)
    _take_name(stores, application, index, now)
    duplicates = stores.submissions.duplicates_of(application, index, person_key)
    step = Step(now, Status.SUBMITTED, None, None, None, application.submission)
    applying.save_step(applications, application, step)
    stores.submissions.add_submission(application)
    applying.shorten_grants(stores.grants, application.application_id, now + GRANT_AFTER_SUBMISSION)
    stores.outbox.announce(
        messages.application_submitted(
            application, id_number=id_number, person_key=person_key, duplicates=duplicates
        )
    )
    return application


def withdraw_application(stores: SubmissionStores, token: str, now: datetime) -> Application:
    """Take it back. Raises NotWithdrawable."""
    application = applying.opened(stores.applications, stores.grants, token, now, lock=True)
    return _withdraw(stores, application, None, now)


def close_lapsed_returns(stores: SubmissionStores, now: datetime) -> int:
    """Close a batch of returned cases that nobody corrected in time, so that their names are free. Returns how many."""
    lapsed = applying.lapsed_returns(stores.applications, lapsed_if_due_before(taipei_day(now)))
    for application in lapsed:
        _withdraw(stores, application, LAPSED, now)
    return len(lapsed)


def _is_unchanged(stores: SubmissionStores, application: Application) -> bool:
    """Whether answers and form are those of the last submission."""
    if application.submission == 0:
        return False
    last_form = stores.submissions.form_submitted(application.application_id, application.submission)
    form = application.form.file_id if application.form else None
    return form == last_form and not changed_fields(
        applying.answers_submitted(stores.applications, application), application.answers
    )


def _take_name(
    stores: SubmissionStores, application: Application, person_index: bytes, now: datetime
) -> None:
    """Hold the account name for good. Raises AccountNameTaken.

    Whoever applies again instead of correcting keeps it: their returned case ends here. An ID number alone does not
    prove who somebody is, so both cases need a verified contact in common; a draft with nothing verified has nothing
    to lose.
    """
    name = application.answers.handed_in()[0].account_name
    other = hold_name(stores.applications, stores.names, application, name, now)
    if other is not None:
        _free_name(stores, application, other, person_index, now)
        if hold_name(stores.applications, stores.names, application, name, now) is not None:
            raise AccountNameTaken
    if registry.name_in_use(stores.accounts, name):
        raise AccountNameTaken
    registry.release_names(stores.names, application.application_id, but=name)


def _free_name(
    stores: SubmissionStores,
    application: Application,
    other: Application,
    person_index: bytes,
    now: datetime,
) -> None:
    """End the other application, or free its name, if both are the same person's."""
    other = applying.application(stores.applications, other.application_id, lock=True)
    if applying.person_index_of(stores.applications, other.application_id) != person_index:
        return
    is_shared = application.shares_verified_contact(other)
    if other.status is Status.RETURNED and is_shared:
        _withdraw(stores, other, REPLACED, now)
    elif other.status is Status.DRAFT and (other.code_contact is None or is_shared):
        registry.release_names(stores.names, other.application_id)


def _withdraw(
    stores: SubmissionStores, application: Application, reason: str | None, now: datetime
) -> Application:
    application = application.withdraw(now=now)
    registry.release_names(stores.names, application.application_id)
    note = texts_of(application.locale, "accounts")[WITHDRAWAL_NOTES[reason]] if reason else ""
    step = Step(now, Status.WITHDRAWN, None, None, None, application.submission, note=note)
    applying.save_step(stores.applications, application, step)
    stores.outbox.announce(messages.application_withdrawn(application, reason))
    return application
