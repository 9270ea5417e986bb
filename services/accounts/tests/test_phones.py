"""Telephone numbers as people in Taiwan write them."""

import pytest
from accounts.clients.phones import PhoneInvalid, e164


@pytest.mark.parametrize(
    "text", ["0912345678", "0912-345-678", "+886912345678", "０９１２３４５６７８", "+886 912 345 678"]
)
def test_a_mobile_number_is_kept_as_it_is_dialled(text):
    assert e164(text, mobile=True) == "+886912345678"


@pytest.mark.parametrize(
    "text", ["090000000", "0990123456", "02-33436767", "0800-022-120", "", "abc", "0912345678#1"]
)
def test_what_no_sms_can_reach_is_no_mobile_number(text):
    with pytest.raises(PhoneInvalid):
        e164(text, mobile=True)


@pytest.mark.parametrize(
    ("text", "dialled"),
    [
        ("02-33436767", "+886233436767"),
        ("04-22281111", "+886422281111"),
        ("07-3381111", "+88673381111"),
        ("0800-022-120", "+886800022120"),
        ("0826-61234", "+88682661234"),
        ("082-325500", "+88682325500"),
        ("089-322000", "+88689322000"),
        ("037-322000", "+88637322000"),
        ("(02)2192-7111", "+886221927111"),
        ("02-33436767#12", "+886233436767#12"),
    ],
)
def test_a_telephone_number_keeps_its_extension(text, dialled):
    assert e164(text, mobile=False) == dialled


@pytest.mark.parametrize("text", ["090000000", "123", "電話", ""])
def test_a_number_of_no_plan_is_refused(text):
    with pytest.raises(PhoneInvalid):
        e164(text, mobile=False)
