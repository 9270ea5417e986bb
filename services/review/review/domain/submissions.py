"""What was handed in each time, and what changed field by field against the time before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Answers = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Submission:
    """Everything the applicant handed in at once; kept for good. ID numbers are masked already."""

    submission: int
    submitted_at: datetime
    account_name: str
    person_key: str
    masked_id_number: str
    applicant_name: str
    company_name: str | None
    answers: Answers
    form: Mapping[str, Any] | None
    duplicates: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Difference:
    """A field whose value is not what it was."""

    field: str
    before: str | None
    after: str | None


def differences(before: Submission, after: Submission) -> list[Difference]:
    """In the order of the form. Another ID number is told even where its mask looks the same."""
    old, new = dict(_fields(before)), dict(_fields(after))
    found = [
        Difference(field, old.get(field), new.get(field))
        for field in [*new, *(field for field in old if field not in new)]
        if old.get(field) != new.get(field)
    ]
    if before.person_key != after.person_key and not any(d.field == "identity.id_number" for d in found):
        found.insert(0, Difference("identity.id_number", before.masked_id_number, after.masked_id_number))
    if _fingerprint(before.form) != _fingerprint(after.form):
        found.append(Difference("form", _filename(before.form), _filename(after.form)))
    return found


def _fields(submission: Submission) -> Iterator[tuple[str, str | None]]:
    for section, answers in submission.answers.items():
        for name, value in answers.items():
            yield f"{section}.{name}", _as_text(value)


def _as_text(value: Any) -> str | None:
    if value is None or value == "" or value == []:
        return None
    if isinstance(value, list | tuple):
        return ", ".join(str(each) for each in value)
    return str(value)


def _fingerprint(form: Mapping[str, Any] | None) -> str | None:
    return None if form is None else str(form["sha256"])


def _filename(form: Mapping[str, Any] | None) -> str | None:
    return None if form is None else str(form["filename"])
