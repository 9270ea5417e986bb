"""What submission announces: its own words as contract events."""

from __future__ import annotations

from mtnet_contracts.event import Event
from mtnet_contracts.events import ApplicationResubmitted, ApplicationSubmitted, ApplicationWithdrawn
from mtnet_contracts.events.accounts import applications as contract
from mtnet_contracts.vocabulary.masking import masked_id_number

from accounts.applications.rules import Application
from accounts.glyphs import unprintable_answers
from accounts.submission.rules import LAPSED, REPLACED, Duplicate

REASONS = {
    LAPSED: ApplicationWithdrawn.REASON_LAPSED,
    REPLACED: ApplicationWithdrawn.REASON_REPLACED,
    None: None,
}


def application_submitted(
    application: Application, *, id_number: str, person_key: str, duplicates: list[Duplicate]
) -> Event:
    """The first submission, or a resubmission under the same case number."""
    event = ApplicationSubmitted if application.submission == 1 else ApplicationResubmitted
    identity, applicant = application.answers.handed_in()
    if application.submitted_at is None:
        raise ValueError("announced before it was submitted")
    return event(
        application_id=application.application_id,
        case_number=application.case_number,
        identity_type=application.identity_type,
        submission=application.submission,
        submitted_at=application.submitted_at,
        locale=application.locale,
        account_name=identity.account_name,
        person_key=person_key,
        applicant=contract.Applicant(masked_id_number=masked_id_number(id_number), **vars(applicant)),
        company=application.answers.company,
        form=_stamped_form(application),
        duplicates=tuple(
            contract.Duplicate(field=d.field, case_number=d.case_number, account_name=d.account_name)
            for d in duplicates
        ),
    )


def application_withdrawn(application: Application, reason: str | None) -> ApplicationWithdrawn:
    """`reason` is None where the applicant withdrew it."""
    return ApplicationWithdrawn(
        application_id=application.application_id,
        case_number=application.case_number,
        withdrawn_at=application.updated_at,
        reason=REASONS[reason],
    )


def _stamped_form(application: Application) -> contract.StampedForm | None:
    form = application.form
    if form is None or not application.needs_form:
        return None
    return contract.StampedForm(
        file_id=form.file_id,
        sha256=form.sha256,
        media_type=form.media_type,
        size_bytes=form.size_bytes,
        pages=form.pages,
        filename=form.filename,
        content_hash=form.content_hash,
        recognised=form.recognised,
        unprintable=tuple(
            contract.Unprintable(field=one["field"], characters=tuple(one["characters"]))
            for one in unprintable_answers(application.answers)
        ),
    )
