"""One spelling for what people mean alike, and what a text is made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_search.folding import composed, fold, fold_with_places
from mtnet_search.words import beginnings, characters, mistyped, pieces, tokens


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("服務平台", "服務平臺"),
        ("ＨｉＣＯＳ", "hicos"),
        ("自然人憑証", "自然人憑證"),
        ("裏面", "裡面"),
        ("着陸", "著陸"),
        ("０８００－０２２－１２０", "0800-022-120"),
        ("账号冻结", "帳號凍結"),
        ("帳\u200b號", "帳號"),
        ("cafe\u0301", "café"),
    ],
)
def test_what_people_mean_alike_is_one_spelling(typed, meant):
    assert fold(typed) == fold(meant)


@given(st.text(max_size=60))
def test_a_folded_text_keeps_the_place_of_each_character(text):
    text = composed(text)
    folded, places = fold_with_places(text)
    assert folded == text.translate(fold_with_places.__globals__["_TABLE"])
    assert len(places) == len(folded)
    assert all(folded[n] in fold(text[place]) for n, place in enumerate(places))
    assert list(places) == sorted(places)


@given(st.text(max_size=80))
def test_pieces_stand_where_they_say_and_hold_what_can_be_typed(text):
    folded = fold(text)
    for piece in pieces(folded):
        assert folded[piece.at :].startswith(piece.text)
        assert piece.text


def test_a_code_is_found_whole_in_parts_and_in_one():
    assert set(tokens("0800-022-120")) >= {"0800-022-120", "0800", "022", "120", "0800022120"}


def test_a_run_of_chinese_is_pairs_and_ends_where_something_else_stands():
    assert tokens("帳號，凍結ok") == ["帳號", "¦", "凍結", "¦", "ok", "¦"]
    assert characters("船 舶船") == ["船", "舶"]


def test_beginnings_are_of_two_letters_and_more():
    assert beginnings("hicos") == ["hi", "hic", "hico", "hicos"]


@given(st.text("abcdefgh", min_size=4, max_size=12), st.data())
def test_a_word_with_one_wrong_letter_shares_a_spelling_with_the_right_one(word, data):
    place = data.draw(st.integers(0, len(word) - 1))
    other = data.draw(st.sampled_from("xyz"))
    wrong = data.draw(
        st.sampled_from(
            [
                word[:place] + other + word[place + 1 :],
                word[:place] + other + word[place:],
                word[:place] + word[place + 1 :],
                word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
            ]
        )
    )
    assert len(wrong) < 4 or mistyped(word) & mistyped(wrong)


def test_a_code_with_another_digit_is_another_code():
    assert mistyped("aa01") == set()
