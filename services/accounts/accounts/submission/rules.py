"""What follows from a submission, and why an application was withdrawn other than by the applicant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from mtnet_contracts.vocabulary.texts import N_

# The answers are with the reviewers: whoever finds the browser later needs a code to see them.
GRANT_AFTER_SUBMISSION = timedelta(hours=2)

LAPSED = "lapsed"
REPLACED = "replaced"

# What the case's progress says when it was not the applicant who withdrew it.
WITHDRAWAL_NOTES = {
    LAPSED: N_("Closed because it was not corrected and resubmitted in time. You may apply again."),
    REPLACED: N_("Closed because you applied again."),
}


@dataclass(frozen=True)
class Duplicate:
    """Another live application or account with the same value in a field."""

    field: str
    case_number: str | None
    account_name: str | None
