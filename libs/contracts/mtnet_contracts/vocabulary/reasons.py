"""Why a reviewer sends a case back: which fields can be marked, and which reasons fit each."""

from mtnet_contracts.vocabulary.answers import QUESTIONS
from mtnet_contracts.vocabulary.questions import Mark

# Why a case goes back, by what it is bound to; the words are in labels.py.
RETURN_CODES = (
    "WRONG",
    "UNREADABLE",
    "INCOMPLETE",
    "MISMATCH",
    "NOT_STAMPED",
    "MISSING",
    "EXPIRED",
    "DUPLICATE",
)
# Which reasons fit which mark: a telephone cannot lack a stamp. Only the form is a picture that may be
# unreadable or unstamped; a number may belong to a certificate that ran out.
_GIVEN = ("WRONG", "INCOMPLETE", "MISMATCH", "MISSING")
REASONS_OF_MARK: dict[Mark, tuple[str, ...]] = {
    "number": (*_GIVEN, "EXPIRED", "DUPLICATE"),
    "account": ("WRONG", "MISMATCH", "DUPLICATE"),
    "company name": (*_GIVEN, "DUPLICATE"),
    "contact": (*_GIVEN, "DUPLICATE"),
    "text": _GIVEN,
    "choice": ("WRONG", "MISMATCH", "MISSING"),
    "form": ("WRONG", "UNREADABLE", "INCOMPLETE", "MISMATCH", "NOT_STAMPED", "MISSING", "EXPIRED"),
}

MARK_OF: dict[str, Mark] = {path: asked.marked for path, asked in QUESTIONS.items() if asked.marked} | {
    "form": "form"
}
MARKABLE_FIELDS = tuple(MARK_OF)
REASONS_THAT_FIT = {path: REASONS_OF_MARK[mark] for path, mark in MARK_OF.items()}
# Two at each field.
MOST_REASONS = 2 * len(MARKABLE_FIELDS)
