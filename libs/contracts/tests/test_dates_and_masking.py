"""Days and moments in Taipei as people read them, and what is hidden of what is personal."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.dates import (
    clock_as_text,
    day_as_text,
    moment_as_text,
    taipei_day,
    year_as_text,
)
from mtnet_contracts.vocabulary.masking import masked_contact, masked_id_number

MIDNIGHT = datetime(2025, 2, 18, 16, 0, tzinfo=UTC)


def test_a_day_in_taipei_begins_at_four_in_the_afternoon_before():
    assert taipei_day(MIDNIGHT) == date(2025, 2, 19)
    assert taipei_day(MIDNIGHT.replace(hour=15, minute=59)) == date(2025, 2, 18)


def test_an_instant_without_a_time_zone_has_no_day():
    with pytest.raises(ValueError, match="without a time zone"):
        taipei_day(datetime(2025, 2, 18, 16, 0))


@pytest.mark.parametrize(
    ("locale", "text"), [("zh-Hant", "114-02-19 00:00:00"), ("en", "2025-02-19 00:00:00")]
)
def test_a_moment_is_written_in_the_years_of_its_reader(locale, text):
    assert moment_as_text(MIDNIGHT, locale) == text
    assert moment_as_text(MIDNIGHT, locale, seconds=False) == text[:-3]
    assert day_as_text(date(2025, 2, 19), locale) == text[:-9]


def test_a_year_of_the_republic_has_three_digits():
    assert year_as_text(date(2010, 1, 1), "zh-Hant") == "099"
    assert clock_as_text(MIDNIGHT) == "00:00:00"
    assert clock_as_text(MIDNIGHT, seconds=False) == "00:00"


@pytest.mark.parametrize(
    ("whole", "masked"),
    [
        ("clerk@example.com", "c•••@example.com"),
        ("+886912345678", "+886 9•• ••• 678"),
        ("0912345678", "+886 9•• ••• 678"),
        ("0912-345-678", "+886 9•• ••• 678"),
        ("00886912345678", "+886 9•• ••• 678"),
        ("(02) 3343-6768", "+886 2•• ••• 768"),
        ("+12125550123", "+121 2•• ••• 123"),
        ("U4af4980629cbf2dd", "U4af••••••2dd"),
    ],
)
def test_a_contact_is_masked_in_one_way_however_it_is_written(whole, masked):
    assert masked_contact(whole) == masked


@given(st.text(max_size=40))
def test_a_mask_never_shows_the_whole(contact):
    assert not contact or masked_contact(contact) != contact or "•" in contact


def test_what_is_short_is_hidden_whole():
    assert masked_contact("+88612") == masked_contact("0212345") == masked_contact("U4af12345") == "•••"
    assert masked_id_number("A123456789") == "A123***"
