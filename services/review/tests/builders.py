"""Cases, people and days for the tests of review."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from mtnet_contracts.events import ApplicationSubmitted
from mtnet_contracts.examples import example_of
from mtnet_contracts.vocabulary.office_calendar import OfficeCalendar
from review.cases import messages
from review.cases.rules import Case, NewCase, Reviewer, Submission, open_case
from review.routes.rules import Stage

MONDAY_MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Taipei
NO_HOLIDAYS = OfficeCalendar()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def a_submission(**changes) -> Submission:
    return replace(messages.submission(example_of(ApplicationSubmitted)), **changes)


def a_new_case(**changes) -> NewCase:
    """A first submission of a company in Keelung."""
    new = NewCase(
        application_id=uuid4(),
        case_number=f"PTAPPLY{uuid4().hex[:13].upper()}",
        identity_type="company",
        city="keelung",
        submission=a_submission(),
    )
    return replace(new, **changes)


def a_case(
    units: tuple[str, ...] = ("north", "operations"),
    *,
    identity_type: str = "company",
    now: datetime = MONDAY_MORNING,
    submission: Submission | None = None,
) -> Case:
    return open_case(
        a_new_case(identity_type=identity_type, submission=submission or a_submission()),
        1,
        tuple(Stage(unit, 3) for unit in units),
        now,
        NO_HOLIDAYS,
    )


def a_reviewer(unit: str = "north", name: str = "審核員", **changes) -> Reviewer:
    account_id: UUID = changes.pop("account_id", None) or uuid4()
    account_name = changes.pop("account_name", None) or f"r{account_id.hex[:10]}"
    person_key = changes.pop("person_key", f"person-{account_id.hex}")
    return Reviewer(account_id, account_name, name, unit, person_key, **changes)


def day(text: str) -> date:
    return date.fromisoformat(text)
