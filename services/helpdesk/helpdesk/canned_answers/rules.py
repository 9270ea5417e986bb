"""Texts that are kept ready: what they may be filled with, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

FIELDS = ("name", "number", "agent", "subject", "link")
FIELD = re.compile(r"\{([^{}\n]{0,40})\}")


class CannedAnswerNotFound(Exception):
    """There is no such text, or no more."""


class CannedAnswerChanged(Exception):
    """A colleague changed it since it was seen."""


class CannedAnswersEnough(Exception):
    """So many are kept that nobody finds one."""


class UnknownField(Exception):
    """A text has a field that nothing fills. `languages`: which of them."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        super().__init__(", ".join(languages))
        self.languages = languages


@dataclass(frozen=True)
class CannedAnswer:
    canned_answer_id: UUID
    title: str
    category: str | None
    body_zh: str
    body_en: str
    used: int
    version: int
    updated_at: datetime
    updated_by: str

    def body(self, locale: str) -> str:
        return self.body_en if locale == "en" else self.body_zh


def unknown_fields(text: str) -> list[str]:
    """What stands in braces and is no field."""
    return [name for name in FIELD.findall(text) if name not in FIELDS]


def require_known_fields(body_zh: str, body_en: str) -> None:
    """Raises UnknownField."""
    faulty = tuple(
        name for name, body in (("body_zh", body_zh), ("body_en", body_en)) if unknown_fields(body)
    )
    if faulty:
        raise UnknownField(faulty)


def filled(text: str, values: Mapping[str, str]) -> str:
    """Each field with its value; what a value says in braces is no field."""
    return FIELD.sub(lambda found: values.get(found.group(1), found.group(0)), text)
