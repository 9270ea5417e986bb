"""Numbers of persons and organisations, with the vectors of the published algorithms."""

import pytest
from accounts.numbers import (
    id_number_is_valid,
    normalised_number,
    unified_business_number_is_formed,
    unified_business_number_is_valid,
)
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.vocabulary.masking import masked_id_number

NATIONAL = ["A123456789", "F131104093", "O158238845", "N116247806", "L122544270", "C180661564", "Y123456788"]
NEW_RESIDENT = [
    "A800000014",
    "A900207177",
    "A803095426",
    "B801300667",
    "C800151116",
    "H802717288",
    "T900251126",
    "A930196810",
    "A870000015",
    "A880000018",
    "A890000011",
]
OLD_RESIDENT = [
    "AA00000009",
    "AB23456789",
    "AB00207171",
    "AC03095424",
    "AC01234567",
    "BD01300667",
    "CC00151114",
    "HD02717288",
    "TD00251124",
    "AD30196818",
]
WRONG = "A123456788 F131104091 O158238842 A12345678 A1234567890 A800000000 A800000009 F931104091 AA00000000 AE23456785"


@pytest.mark.parametrize("number", NATIONAL + NEW_RESIDENT + OLD_RESIDENT)
def test_a_well_formed_id_number_is_accepted(number):
    assert id_number_is_valid(number)


@pytest.mark.parametrize(
    "number", [*WRONG.split(), "", "A12345678９", "1123456789", "A323456789", "A123456789\n"]
)
def test_a_mistyped_id_number_is_refused(number):
    assert not id_number_is_valid(number)


def test_the_case_of_letters_is_mended_before_judging():
    assert not id_number_is_valid("a123456789")
    assert normalised_number(" ａ１２３-４５６ ７８９ ") == "A123456789"


@pytest.mark.parametrize("hyphen", "-‐‑‒–—―−－﹣\u00a0\u3000")
def test_a_hyphen_of_any_width_is_no_part_of_a_number(hyphen):
    assert normalised_number(f"A123{hyphen}456{hyphen}789") == "A123456789"


@pytest.mark.parametrize("other", "一_.·'/٣")
def test_what_is_no_hyphen_stays_and_is_refused(other):
    assert not id_number_is_valid(normalised_number(f"A12345678{other}9"))


def test_eight_noughts_are_no_number_on_any_registration():
    assert not unified_business_number_is_formed("00000000")
    assert unified_business_number_is_formed("90316313")
    assert unified_business_number_is_formed("00000001")


@given(st.sampled_from(NATIONAL + NEW_RESIDENT), st.integers(2, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number, place, change):
    weights = {2: 7, 3: 6, 4: 5, 5: 4, 6: 3, 7: 2, 8: 1, 9: 1}
    altered = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    moved = (int(altered[place]) - int(number[place])) * weights[place] % 10
    assert id_number_is_valid(altered) == (moved == 0)


@pytest.mark.parametrize(
    "number",
    [
        "12345675",
        "12345676",
        "04595257",
        "00501503",
        "22099131",
        "10458575",
        "88117125",
        "53212539",
        "24536806",
        "12345670",
        "12345671",
        "04595252",
    ],
)
def test_a_unified_business_number_divides_by_five(number):
    assert unified_business_number_is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "12345672",
        "12345678",
        "04595253",
        "00501502",
        "88117126",
        "1234567",
        "123456755",
        "1234567A",
        "１２３４５６７５",
        "00000000",
    ],
)
def test_other_unified_business_numbers_are_refused(number):
    assert not unified_business_number_is_valid(number)


def test_a_masked_id_number_shows_four_characters():
    assert masked_id_number("A123456789") == "A123***"
