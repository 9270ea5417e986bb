"""What a version of the privacy notice must be, before it is published."""

from dataclasses import replace
from datetime import date

import pytest
from accounts.consents.rules import (
    LONGEST_BODY,
    LONGEST_TITLE,
    Notice,
    NoticeNotValid,
    PublishedNotice,
    checked_notice,
    notice_text,
)

TODAY = date(2026, 11, 26)
GOOD = Notice(
    "2026-12",
    date(2026, 12, 1),
    title={"zh-Hant": "告知書", "en": "Notice"},
    body={"zh-Hant": "內容", "en": "Text"},
)
OLD = PublishedNotice("2025-02", date(2025, 2, 1), 7)
NEXT = PublishedNotice("2026-11b", date(2026, 11, 30), 0)


def test_a_version_of_a_later_day_in_both_languages_is_taken():
    assert checked_notice(GOOD, today=TODAY, others=(NEXT, OLD)) is GOOD


@pytest.mark.parametrize(
    ("notice", "says"),
    [
        (replace(GOOD, version=""), "up to 20"),
        (replace(GOOD, version="2026 12"), "up to 20"),
        (replace(GOOD, version="v" * 21), "up to 20"),
        (replace(GOOD, version="2025-02"), "there already"),
        (replace(GOOD, effective_on=TODAY), "tomorrow at the earliest"),
        (replace(GOOD, effective_on=date(2026, 11, 30)), "has to be later"),
        (replace(GOOD, effective_on=date(2026, 11, 28)), "has to be later"),
        (replace(GOOD, title={"en": "Notice"}), "zh-Hant: the first line"),
        (
            replace(GOOD, title={"zh-Hant": "告" * (LONGEST_TITLE + 1), "en": "Notice"}),
            "zh-Hant: the first line",
        ),
        (replace(GOOD, body={"zh-Hant": "內容", "en": ""}), "en: below the title"),
        (
            replace(GOOD, body={"zh-Hant": "內" * (LONGEST_BODY + 1), "en": "Text"}),
            "zh-Hant: below the title",
        ),
    ],
)
def test_what_cannot_be_published_says_why(notice, says):
    with pytest.raises(NoticeNotValid, match=says):
        checked_notice(notice, today=TODAY, others=(NEXT, OLD))


def test_the_first_line_of_a_file_is_the_title():
    assert notice_text("\r\n告知書 \r\n\r\n一、目的\r\n\r\n二、類別\r\n") == (
        "告知書",
        "一、目的\n\n二、類別",
    )
    assert notice_text("") == ("", "")
