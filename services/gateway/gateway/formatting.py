"""How values read: answers in words, telephone numbers as people write them, instants and days in Taipei."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape
from mtnet_contracts.vocabulary import labels
from mtnet_contracts.vocabulary.answers import Answers
from mtnet_contracts.vocabulary.dates import clock_as_text, day_as_text, moment_as_text, taipei_day
from mtnet_contracts.vocabulary.masking import masked_id_number
from mtnet_contracts.vocabulary.texts import N_
from mtnet_contracts.vocabulary.written_telephones import written

from gateway.locale import gettext, locale, pgettext
from gateway.texts import TEXTS

SOON_MINUTES = 2
MOST_KEPT = 4000
# 0800-022-120, 02-3343-6767 #12, +886 2•• ••• 768, 115-11-26, PTAPPLY936EC90162340, HD2026-000123.
WHOLE = re.compile(
    r"(?<![\w#&-])(?:\d[\d-]{5,}\d(?: #\d+)?|\+\d+(?: [\d•]+)+|PTAPPLY[0-9A-F]{13}"
    r"|(?:HD|F|RA|PD)\d{4}-\d{4,})(?![\w•-])"
)
PLATFORM = "服務平臺"
# Answers that are codes, and what those are called.
CODED = {
    "company.city": labels.CITIES,
    "applicant.systems": labels.SYSTEMS,
    "registration.method": labels.METHODS,
}


def local_phone(number: str) -> str:
    """+886233436767#12 → 02-3343-6767 #12, +886912345678 → 0912-345-678; anything else as it is."""
    return written(number)


def whole(value: object) -> Markup:
    """Telephone numbers, numbers of cases and days in a text as wholes, which no line breaks."""
    return Markup(WHOLE.sub(r'<span class="portal-whole">\g<0></span>', str(escape(value))))  # noqa: S704 - escaped


def unbroken(text: str) -> Markup:
    """A moment or a day, which no line breaks at its hyphens."""
    return Markup('<span class="portal-whole">{}</span>').format(text) if text else Markup()


def by_words(text: object) -> Markup:
    """A name that may be broken between its words, not inside one (窗口, 平臺)."""
    return Markup(str(escape(text)).replace(PLATFORM, f"<wbr>{PLATFORM}"))  # noqa: S704 - escaped


def as_typed(values: dict[str, Any]) -> dict[str, Any]:
    """Telephone numbers as people write them, not as machines do."""
    return {name: local_phone(value) if isinstance(value, str) else value for name, value in values.items()}


def in_words(path: str, value: Any) -> str:
    """The value of a field such as `company.city` as a person reads it; several codes may come as one text."""
    if value in (None, "", []):
        return ""
    if path in CODED:
        codes = value if isinstance(value, list) else str(value).split(", ")
        words = [gettext(CODED[path][code]) if code in CODED[path] else code for code in codes]
        return ("、" if locale() == "zh-Hant" else ", ").join(words)
    return local_phone(str(value))


def answers_of(application: Mapping[str, Any]) -> Answers:
    """What an application as accounts shows it (ApplicationView) holds, with the types of its fields."""
    return Answers.read(application["answers"])


def with_masked_number(answers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """A123***: enough to know the case by, on a screen that others may see."""
    identity = dict(answers.get("identity", {}))
    if identity.get("id_number"):
        identity["id_number"] = masked_id_number(identity["id_number"])
    return {**answers, "identity": identity}


def field_name(path: str) -> str:
    """What a field such as `company.phone` is called; `note` is the reviewer's; else its path."""
    if path == "note":
        return gettext("Remarks")
    return gettext(labels.FIELDS[path]) if path in labels.FIELDS else path


def when(value: str | None, seconds: bool = True) -> str:
    """An instant in Taipei: 114-02-19 17:25:24 in Chinese, 2025-02-19 17:25:24 in English."""
    if not value:
        return ""
    return moment_as_text(datetime.fromisoformat(value), locale(), seconds=seconds)


def clock(value: str | None) -> str:
    """The time of day in Taipei, for what lasts minutes: 17:25:24."""
    return clock_as_text(datetime.fromisoformat(value)) if value else ""


def day(value: str | None) -> str:
    """A day, or the day of an instant in Taipei: 114-02-19 in Chinese, 2025-02-19 in English."""
    if not value:
        return ""
    is_instant = len(value) > len("2025-02-19")
    on = taipei_day(datetime.fromisoformat(value)) if is_instant else date.fromisoformat(value)
    return day_as_text(on, locale())


def size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{max(1, round(count / 1024))} KB"


def waited(since: str) -> str:
    """How long ago, in days and hours."""
    minutes = max(0, int((datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds() // 60))
    return _waited(locale(), minutes)


@lru_cache(MOST_KEPT)
def _waited(language: str, minutes: int) -> str:
    """Of a list of cases each says it, on every page."""
    texts = TEXTS[language]
    if minutes < 60:
        return texts[N_("%(minutes)s min")] % {"minutes": minutes}
    if minutes < 24 * 60:
        return texts[N_("%(hours)s h")] % {"hours": minutes // 60}
    return texts[N_("%(days)s d %(hours)s h")] % {"days": minutes // 1440, "hours": minutes % 1440 // 60}


def seconds_until(instant: str) -> int:
    """Whole seconds by the server's clock, none when it is past."""
    return max(0, int((datetime.fromisoformat(instant) - datetime.now(UTC)).total_seconds()))


def minutes_until(instant: str) -> int:
    return seconds_until(instant) // 60


def countdown(expires_at: str) -> str:
    """3小時58分鐘."""
    minutes = minutes_until(expires_at)
    if minutes < 60:
        return pgettext("time left", "%(minutes)s min", minutes=minutes)
    return pgettext("time left", "%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
