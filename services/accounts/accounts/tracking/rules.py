"""What review's decisions make of an application. A withdrawal wins over a decision that crossed it on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from accounts.applications.rules import Application, Mark, Status

WITH_REVIEW = frozenset({Status.SUBMITTED, Status.IN_REVIEW})
# No unit works on it: there is no day to wait for.
NOT_WAITING: dict[str, Any] = {"due_on": None, "expected_on": None}


class UnexpectedDecision(Exception):
    """A decision about an application that cannot receive it: reported, never guessed at."""


def waiting(
    application: Application,
    *,
    unit: str,
    stage: int,
    stages: int,
    due_on: date,
    expected_on: date | None,
    submission: int,
    now: datetime,
) -> Application:
    """A unit has the case, until `due_on`.

    A release of review that does not know when the whole route will be done says nothing (`expected_on` is None): then
    that day is only known at the last stage.
    """
    if _is_overtaken(application, submission):
        return application
    _require_with_review(application)
    return replace(
        application,
        status=Status.IN_REVIEW,
        unit=unit,
        stage=stage,
        stages=stages,
        due_on=due_on,
        expected_on=expected_on or (due_on if stage == stages else None),
        updated_at=now,
    )


def returned(
    application: Application,
    *,
    marks: tuple[Mark, ...],
    note: str,
    resubmit_by: date,
    submission: int,
    now: datetime,
) -> Application:
    if _is_overtaken(application, submission):
        return application
    _require_with_review(application)
    return replace(
        application,
        status=Status.RETURNED,
        marks=marks,
        note=note,
        resubmit_by=resubmit_by,
        updated_at=now,
        **NOT_WAITING,
    )


def approved(application: Application, *, submission: int, now: datetime) -> Application:
    if _is_overtaken(application, submission):
        return application
    _require_with_review(application)
    return replace(application, status=Status.APPROVED, updated_at=now, **NOT_WAITING)


def rejected(
    application: Application, *, marks: tuple[Mark, ...], note: str, submission: int, now: datetime
) -> Application:
    if _is_overtaken(application, submission):
        return application
    _require_with_review(application)
    return replace(application, status=Status.REJECTED, marks=marks, note=note, updated_at=now, **NOT_WAITING)


def _is_overtaken(application: Application, submission: int) -> bool:
    return application.status is Status.WITHDRAWN or submission < application.submission


def _require_with_review(application: Application) -> None:
    if application.status not in WITH_REVIEW:
        raise UnexpectedDecision(f"{application.case_number} is {application.status}")
