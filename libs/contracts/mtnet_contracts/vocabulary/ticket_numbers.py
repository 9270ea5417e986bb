"""Numbers of the desk's tickets, as everything here writes, reads and finds them: `HD2026-000123`.

The year is Taipei's. The count goes on from year to year; below a million it has six digits, later as many as it needs.
"""

import re

# As a regular expression, without groups and anchors.
WRITTEN = "HD[0-9]{4}-[0-9]{6,9}"
LONGEST_TICKET_NUMBER = len("HD2026-") + 9
# Beside letters and digits of ours it would be something else; Chinese stands close to it.
_IN_TEXT = re.compile(rf"(?<![A-Za-z0-9]){WRITTEN}(?![0-9])", re.IGNORECASE)
_IN_BRACKETS = re.compile(rf"\[\s*{WRITTEN}\s*\]", re.IGNORECASE)
_WHOLE = re.compile(WRITTEN)
_TYPED = re.compile(r"(?:HD)?\s*([0-9]{4})\s*-\s*([0-9]{1,9})", re.IGNORECASE)


def ticket_number(year: int, count: int) -> str:
    return f"HD{year}-{count:06}"


def parts_of_ticket_number(number: str) -> tuple[int, int]:
    """Year and count. Raises ValueError."""
    if _WHOLE.fullmatch(number) is None:
        raise ValueError(number)
    return int(number[2:6]), int(number[7:])


def typed_ticket_number(typed: str) -> str | None:
    """What somebody typed into a field for one: `hd2026-123`, ` 2026 - 123 `."""
    found = _TYPED.fullmatch(typed.strip())
    return ticket_number(int(found[1]), int(found[2])) if found else None


def ticket_number_in(text: str) -> str | None:
    """The first one in a text such as the subject of a mail."""
    found = _IN_TEXT.search(text)
    return ticket_number(*parts_of_ticket_number(found[0].upper())) if found else None


def without_ticket_numbers(subject: str) -> str:
    """Without those in square brackets, as the portal puts them into subjects."""
    return _IN_BRACKETS.sub("", subject)
