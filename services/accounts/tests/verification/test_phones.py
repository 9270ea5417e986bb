"""Telephone numbers as people in Taiwan write them."""

import pytest
from accounts.verification.telephones import AreaCodeMissing, PhoneInvalid, e164
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.written_telephones import written


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
        ("02-3343-6767 #12", "+886233436767#12"),
        ("02-33436767*12", "+886233436767#12"),
        ("02-33436767分機12", "+886233436767#12"),
        ("02-33436767 分機：012", "+886233436767#012"),
        ("（02）3343-6767 轉 12", "+886233436767#12"),
        ("02-33436767內線12", "+886233436767#12"),
        ("02-33436767 ext. 12", "+886233436767#12"),
        ("02-33436767 Ext=12", "+886233436767#12"),
        ("02-33436767;ext=12", "+886233436767#12"),
        ("02-33436767x12", "+886233436767#12"),
        ("02-33436767 (分機 12)", "+886233436767#12"),
        ("02-33436767轉分機12", "+886233436767#12"),
        ("02-33436767 分機 #12", "+886233436767#12"),
        ("TEL:02-33436767", "+886233436767"),
        ("電話：02-33436767 轉12", "+886233436767#12"),
        ("Fax. +886-2-3343-6767", "+886233436767"),
        ("tel:+886-2-3343-6767", "+886233436767"),
        ("☎ 02-33436767", "+886233436767"),
        ("02·3343·6767", "+886233436767"),
        ("02・3343・6767", "+886233436767"),
        ("02ー33436767", "+886233436767"),
        ("02_33436767", "+886233436767"),
        ("００８８６－２－３３４３６７６７", "+886233436767"),
        ("00886-2-3343-6767", "+886233436767"),
        ("+886-2-3343-6767", "+886233436767"),
        ("+886 (0)2 3343 6767", "+886233436767"),
        ("886-2-33436767", "+886233436767"),
        ("412-8077", "+88624128077"),
        ("02-412-8077", "+88624128077"),
        ("0800-000-123", "+886800000123"),
        ("0809-012-345", "+886809012345"),
        ("070-1012-3456", "+8867010123456"),
        ("0836-22345", "+88683622345"),
        ("+81-3-1234-5678", "+81312345678"),
        ("0081-3-1234-5678", "+81312345678"),
        ("+1 (650) 253-0000 #7", "+16502530000#7"),
    ],
)
def test_a_telephone_number_keeps_its_extension(text, dialled):
    assert e164(text, mobile=False) == dialled


@pytest.mark.parametrize(
    "text", ["33436767", "3343-6767", "2201234#12", "233436767", "338-1111", "98765432", "4221234"]
)
def test_a_number_without_its_area_code_is_asked_for_it(text):
    with pytest.raises(AreaCodeMissing):
        e164(text, mobile=False)


@pytest.mark.parametrize(
    ("dialled", "shown"),
    [
        ("+886233436767#12", "02-3343-6767 #12"),
        ("+886422281111", "04-2228-1111"),
        ("+88673381111", "07-338-1111"),
        ("+88637322000", "037-322-000"),
        ("+88682661234", "0826-61234"),
        ("+88683622345", "0836-22345"),
        ("+886492332345", "049-233-2345"),
        ("+88689322000", "089-322-000"),
        ("+886912345678", "0912-345-678"),
        ("+886800000123", "0800-000-123"),
        ("+8867010123456", "070-1012-3456"),
        ("+88624128077", "412-8077"),
        ("+81312345678", "+81312345678"),
        ("clerk#1@example.com", "clerk#1@example.com"),
    ],
)
def test_a_number_is_written_as_on_a_card_and_read_back_as_it_was(dialled, shown):
    assert written(dialled) == shown
    if "@" not in dialled:
        assert e164(shown, mobile=False) == dialled


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_or_none(text):
    try:
        dialled = e164(text, mobile=False)
    except PhoneInvalid:
        return
    assert e164(written(dialled), mobile=False) == dialled


@pytest.mark.parametrize(
    "text",
    [
        *("090000000", "123", "電話", "", "1999", "0" * 30, "02-33436767#1234567", "#12", "TEL:", "電話 #12"),
        # Two numbers, or two extensions: nobody could say which is meant.
        *(
            "02-33436767、68",
            "02-33436767,68",
            "02-33436767#12#13#14",
            "tel:tel:02-33436767",
            "機02-33436767",
        ),
    ],
)
def test_a_number_of_no_plan_is_refused(text):
    with pytest.raises(PhoneInvalid):
        e164(text, mobile=False)
