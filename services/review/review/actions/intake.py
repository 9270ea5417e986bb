"""What applicants do to a case: hand in, hand in again, withdraw. Heard from accounts, in order."""

from datetime import datetime
from uuid import UUID

from mtnet_chassis.events.outbox import Outbox

from review import events
from review.domain.calendar import Calendar, taipei_day
from review.domain.case import open_case
from review.domain.submissions import Submission
from review.store import Store


def calendar_from(store: Store, now: datetime) -> Calendar:
    return Calendar.with_holidays(store.holidays_from(taipei_day(now)))


def open_submitted_case(
    store: Store,
    outbox: Outbox,
    submission: Submission,
    *,
    application_id: UUID,
    case_number: str,
    identity_type: str,
    city: str | None,
    now: datetime,
) -> None:
    """收件: the case begins on the route in force when it was submitted."""
    calendar = calendar_from(store, now)
    route = store.route_in_force(identity_type, submission.submitted_at)
    case = open_case(
        application_id=application_id,
        case_number=case_number,
        identity_type=identity_type,
        submission=submission,
        route_id=route.route_id,
        stages=route.stages_for(city, store.centres_by_city()),
        now=now,
        calendar=calendar,
    )
    store.save_case(case)
    store.add_submission(application_id, submission)
    store.add_entry(case, "submitted", submission.submitted_at)
    outbox.announce(events.case_opened(case, calendar))


def reopen_resubmitted_case(
    store: Store, outbox: Outbox, submission: Submission, *, application_id: UUID, now: datetime
) -> None:
    """Raises CaseNotFound, NotReturned."""
    calendar = calendar_from(store, now)
    case = store.case_for_update(application_id).resubmit(submission, now, calendar)
    store.save_case(case)
    store.add_submission(application_id, submission)
    store.add_entry(case, "resubmitted", submission.submitted_at)
    outbox.announce(events.case_opened(case, calendar))


def close_withdrawn_case(store: Store, application_id: UUID, withdrawn_at: datetime) -> None:
    """Nobody is told: accounts, who announced the withdrawal, told everybody. Raises CaseNotFound."""
    case = store.case_for_update(application_id).withdraw(withdrawn_at)
    store.save_case(case)
    store.add_entry(case, "withdrawn", withdrawn_at)
