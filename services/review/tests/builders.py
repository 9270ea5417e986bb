"""Cases, people and days for the tests of review."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from mtnet_contracts.events import ApplicationSubmitted
from mtnet_contracts.examples import example_of
from review import events
from review.domain.calendar import Calendar
from review.domain.case import Case, Reviewer, open_case
from review.domain.routes import Stage
from review.domain.submissions import Submission

MONDAY_MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Taipei
NO_HOLIDAYS = Calendar()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def a_submission(**changes) -> Submission:
    return replace(events.submission(example_of(ApplicationSubmitted)), **changes)


def a_case(
    units: tuple[str, ...] = ("north", "operations"),
    *,
    identity_type: str = "company",
    now: datetime = MONDAY_MORNING,
    submission: Submission | None = None,
) -> Case:
    return open_case(
        application_id=uuid4(),
        case_number=f"PTAPPLY{uuid4().hex[:13].upper()}",
        identity_type=identity_type,
        submission=submission or a_submission(),
        route_id=1,
        stages=tuple(Stage(unit, 3) for unit in units),
        now=now,
        calendar=NO_HOLIDAYS,
    )


def a_reviewer(unit: str = "north", name: str = "審核員", **changes) -> Reviewer:
    account_id: UUID = changes.pop("account_id", None) or uuid4()
    account_name = changes.pop("account_name", None) or f"r{account_id.hex[:10]}"
    person_key = changes.pop("person_key", f"person-{account_id.hex}")
    return Reviewer(account_id, account_name, name, unit, person_key, **changes)


def day(text: str) -> date:
    return date.fromisoformat(text)
