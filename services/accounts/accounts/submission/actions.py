"""Hand an application in, hand it in again, or take it back; and the documents that go with it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

from mtnet_chassis.data.files import FileNotThere, Files
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.masking import masked_id_number
from mtnet_contracts.vocabulary.texts import N_, texts_of

from accounts import events
from accounts.actions.desk import Desk
from accounts.applications.actions import digest_of, keep, missing_of, opened, own_id_number, privacy_notice
from accounts.applications.changes import NothingChanged, changed_fields
from accounts.applications.rules import (
    Application,
    Form,
    Incomplete,
    Status,
    lapsed_if_due_before,
)
from accounts.applications.store import AccountNameTaken, Step
from accounts.documents.inspection.uploads import EXTENSIONS, CleanFile, UploadRefused, clean_form
from accounts.documents.printing import form_pdf, read_qr, receipt_pdf
from accounts.submission.names import hold

# What was filled in is with the reviewers: whoever finds the browser later needs a code to see it.
GRANT_AFTER_SUBMISSION = timedelta(hours=2)
# Where the gateway puts raw uploads; no other key may be read, and removed, through this endpoint.
UPLOAD_KEY = re.compile(r"uploads/[A-Za-z0-9_-]{8,100}(\.[a-z]{3,4})?")

# What the case's progress says where not the applicant withdrew it.
WITHDRAWAL_NOTES = {
    events.LAPSED: N_("Closed because it was not corrected and resubmitted in time. You may apply again."),
    events.REPLACED: N_("Closed because you applied again."),
}


def printable_form(desk: Desk, token: str) -> tuple[Application, str, str]:
    """What the form is made from: the application, the ID number and the fingerprint. Raises Incomplete."""
    application = opened(desk, token)
    _require_answers(desk, application)
    return application, own_id_number(desk, application.application_id) or "", digest_of(application)


def make_form(
    files: Files,
    portal_url: str,
    application: Application,
    id_number: str,
    digest: str,
    *,
    directory: Path | None = None,
) -> str:
    """Render the form and store it in place of the one before; its key. Slow: call it outside any transaction."""
    key = f"generated/{application.application_id}/form.pdf"
    files.put(
        key,
        form_pdf(
            application,
            masked_id_number=masked_id_number(id_number),
            digest=digest,
            portal_url=portal_url,
            directory=directory,
        ),
    )
    return key


def receipt_key(submitted: Application) -> str:
    return f"generated/{submitted.application_id}/submission-{submitted.submission}.pdf"


def make_receipt(
    files: Files, portal_url: str, submitted: Application, *, directory: Path | None = None
) -> None:
    """Render the receipt of a submission and store it."""
    files.put(receipt_key(submitted), receipt_pdf(submitted, portal_url=portal_url, directory=directory))


def checked_upload(
    files: Files, application: Application, upload_key: str, *, directory: Path | None = None
) -> tuple[CleanFile, str, bool]:
    """Fetch, check and rebuild an upload; the fingerprint that belongs on it, and whether it was read there.

    A sheet whose QR code cannot be read is taken: the applicant is told, and the reviewer compares the fingerprint.
    Slow; no transaction. Raises Refused with a FILE_… or FORM_… code, WorkerLate.
    """
    if not UPLOAD_KEY.fullmatch(upload_key):
        raise Refused("FILE_MISSING")
    try:
        content = files.get(upload_key)
    except FileNotThere as problem:
        raise Refused("FILE_MISSING") from problem
    try:
        clean = clean_form(content, directory=directory)
    except UploadRefused as problem:
        raise Refused(problem.code) from problem
    now = digest_of(application)
    printed = next((found for text in clean.codes if (found := read_qr(text))), None)
    if printed is None:
        return clean, now, False
    case_number, digest = printed
    if case_number != application.case_number:
        raise Refused("FORM_OF_ANOTHER_CASE")
    if digest != now:
        raise Refused("FORM_OUTDATED")
    return clean, now, True


def attach_form(
    desk: Desk,
    token: str,
    *,
    clean: CleanFile,
    digest: str,
    recognised: bool,
    key: str,
    sha256: str,
    file_id: UUID,
    filename: str,
) -> Application:
    """Record a checked form. Raises NotEditable, Refused(FORM_OUTDATED) when answers changed meanwhile."""
    application = opened(desk, token, lock=True)
    application.require_editable()
    if digest != digest_of(application):
        raise Refused("FORM_OUTDATED")
    if desk.forms.form_of_case(application.application_id, file_id):
        desk.forms.remove_unattached_forms([key])
        return application  # another call with the same upload was quicker
    form = Form(
        file_id=file_id,
        key=key,
        filename=filename,
        media_type=clean.media_type,
        size_bytes=len(clean.content),
        pages=clean.pages,
        sha256=sha256,
        content_hash=digest,
        uploaded_at=desk.now,
        recognised=recognised,
    )
    desk.forms.replace_form(application.application_id, form, now=desk.now)
    application = replace(application.touched(desk.now), form=form)
    keep(desk, token, application)
    return application


def new_form_key(desk: Desk, application: Application, upload_key: str, media_type: str) -> tuple[UUID, str]:
    """Where a checked form will be put; noted down, so that one that is never attached is found and removed."""
    file_id = _file_id(application, upload_key)
    key = f"forms/{application.application_id}/{file_id}.{EXTENSIONS[media_type]}"
    desk.forms.add_unattached_form(key, desk.now)
    return file_id, key


def attached_before(desk: Desk, token: str, upload_key: str) -> Application | None:
    """The application, when this upload was attached already and the answer got lost."""
    application = opened(desk, token)
    attached = desk.forms.form_of_case(application.application_id, _file_id(application, upload_key))
    return application if attached else None


def forget_upload(files: Files, upload_key: str) -> None:
    """Remove the raw bytes, once nobody can ask for them again. What a crash leaves is tidied after a day."""
    if UPLOAD_KEY.fullmatch(upload_key):
        files.delete(upload_key)


def _file_id(application: Application, upload_key: str) -> UUID:
    """The same for the same upload: attaching it twice is seen, and leaves one file."""
    return uuid5(application.application_id, upload_key)


def submit_application(
    desk: Desk, token: str, versions: dict[str, str] | None = None, *, must_change: bool = False
) -> Application:
    """Hand in, for the first time or again.

    Raises NotEditable, AnswersChanged, Incomplete, AccountNameTaken, and with `must_change` NothingChanged.
    """
    application = opened(desk, token, lock=True)
    application.require_editable()
    application.require_versions(versions)
    id_number = own_id_number(desk, application.application_id) or ""
    unchanged = _is_unchanged(desk, application)
    application = application.submit(
        now=desk.now, notice_version=privacy_notice(desk).version, content_hash=digest_of(application)
    )
    if must_change and unchanged:
        raise NothingChanged
    index = desk.vault.index(id_number)
    person_key = desk.vault.person_key(index)
    _take_name(desk, application, index)
    duplicates = desk.applications.duplicates_of(application, index, person_key)
    desk.applications.save_application(application)
    desk.applications.add_submission(application)
    desk.applications.shorten_grants(application.application_id, desk.now + GRANT_AFTER_SUBMISSION)
    desk.applications.add_step(
        application.application_id,
        Step(desk.now, Status.SUBMITTED, None, None, None, application.submission),
    )
    desk.outbox.announce(
        events.application_submitted(
            application,
            id_number=id_number,
            person_key=person_key,
            duplicates=[(d.field, d.case_number, d.account_name) for d in duplicates],
        )
    )
    return application


def _is_unchanged(desk: Desk, application: Application) -> bool:
    """Whether answers and form are those of the last submission."""
    if application.submission == 0:
        return False
    of_last = (application.application_id, application.submission)
    form = application.form.file_id if application.form else None
    return form == desk.forms.form_submitted(*of_last) and not changed_fields(
        desk.applications.answers_submitted(*of_last), application.answers
    )


def withdraw_application(desk: Desk, token: str) -> Application:
    """Take it back. Raises NotWithdrawable."""
    return _withdraw(desk, opened(desk, token, lock=True))


def close_lapsed_returns(desk: Desk) -> int:
    """Close a batch of returned cases that nobody corrected in time, so that their names are free; how many."""
    lapsed = desk.applications.lapsed_returns(lapsed_if_due_before(taipei_day(desk.now)))
    for application in lapsed:
        _withdraw(desk, application, reason=events.LAPSED)
    return len(lapsed)


def _take_name(desk: Desk, application: Application, person_index: bytes) -> None:
    """Hold the account name for good. Raises AccountNameTaken.

    Whoever applies again instead of correcting keeps it: their returned case ends here. An ID number alone is no proof
    of being its owner, so both cases need a proved contact in common; a draft with nothing proved has nothing to lose.
    """
    name = application.answers["identity"]["account_name"]
    other = hold(desk, application, name)
    if other is not None:
        other = desk.applications.application_for_update(other.application_id)
        sealed = desk.applications.sealed_id_number(other.application_id)
        same = sealed is not None and sealed.index == person_index
        if same and other.status is Status.RETURNED and application.shares_proved_contact(other):
            _withdraw(desk, other, reason=events.REPLACED)
        elif (
            same
            and other.status is Status.DRAFT
            and (other.code_contact is None or application.shares_proved_contact(other))
        ):
            desk.names.release(other.application_id)
        if hold(desk, application, name) is not None:
            raise AccountNameTaken
    if desk.applications.account_name_in_use(name):
        raise AccountNameTaken
    desk.names.release(application.application_id, but=name)


def _withdraw(desk: Desk, application: Application, reason: str | None = None) -> Application:
    application = application.withdraw(now=desk.now)
    desk.names.release(application.application_id)
    note = texts_of(application.locale, "accounts")[WITHDRAWAL_NOTES[reason]] if reason else ""
    desk.applications.save_application(application)
    desk.applications.add_step(
        application.application_id,
        Step(desk.now, Status.WITHDRAWN, None, None, None, application.submission, note=note),
    )
    desk.outbox.announce(events.application_withdrawn(application, reason))
    return application


def receipt_of(desk: Desk, token: str) -> Application:
    """The application as it was last handed in: a receipt never tells what was only typed since.

    Raises Refused(NOT_SUBMITTED).
    """
    application = opened(desk, token)
    if application.submission == 0:
        raise Refused("NOT_SUBMITTED")
    answers = desk.applications.answers_submitted(application.application_id, application.submission)
    return replace(application, answers=answers)


def own_form(desk: Desk, token: str) -> Form:
    """The form uploaded last. Raises Refused(FILE_MISSING)."""
    form = opened(desk, token).form
    if form is None:
        raise Refused("FILE_MISSING")
    return form


def _require_answers(desk: Desk, application: Application) -> None:
    sections = tuple(m for m in missing_of(desk, application) if m.startswith("section:"))
    if sections:
        raise Incomplete(sections)
