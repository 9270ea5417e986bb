"""What speaks for a program that writes, and for a person."""

import pytest
from gateway.contact import proof
from gateway.seal import Seal

SEAL = Seal("k" * 40, b"contact form")
SHOWN = proof.Shown(1_795_000_000, "abc-DEF_1")
LATER = SHOWN.at + 60
PERSON = {"trap": "", "text": "請見 https://mtnet.example/", "often": False}


def test_a_form_comes_back_as_it_was_handed_out():
    assert proof.taken_back(SEAL, proof.handed_out(SEAL, SHOWN)) == SHOWN


@pytest.mark.parametrize(
    "token",
    [
        "",
        "form.1.a",
        proof.handed_out(Seal("another" * 6, b"contact form"), SHOWN),
        proof.handed_out(Seal("k" * 40), SHOWN),
        proof.handed_out(SEAL, SHOWN).replace("179", "180"),
        SEAL.sealed("form.x.key"),
        SEAL.sealed("form.1."),
        SEAL.sealed("sum.1.key"),
        proof.asked(SEAL, proof.Question(3, 4), SHOWN),
    ],
)
def test_what_was_not_handed_out_is_known(token):
    assert proof.taken_back(SEAL, token) is None


def test_nothing_speaks_against_a_person():
    assert proof.signs_of_a_program(SHOWN, LATER, **PERSON) == []


@pytest.mark.parametrize(
    ("shown", "now", "changes", "sign"),
    [
        (None, LATER, {}, "unknown_form"),
        (SHOWN, SHOWN.at + proof.LEAST_SECONDS - 1, {}, "too_fast"),
        (SHOWN, SHOWN.at + proof.LONGEST_SECONDS + 1, {}, "too_old"),
        (SHOWN, LATER, {"trap": "x"}, "trap"),
        (SHOWN, LATER, {"text": "http://a www.b https://c HTTP://d"}, "many_links"),
        (SHOWN, LATER, {"often": True}, "often"),
    ],
)
def test_each_sign_of_a_program(shown, now, changes, sign):
    assert proof.signs_of_a_program(shown, now, **PERSON | changes) == [sign]


@pytest.mark.parametrize("typed", ["13", " 13 ", "１３"])
def test_the_sum_is_taken_as_people_write_it(typed):
    token = proof.asked(SEAL, proof.Question(6, 7), SHOWN)
    assert proof.answered(SEAL, token, typed, SHOWN)


def test_an_answer_counts_for_its_own_form_and_question_alone():
    token = proof.asked(SEAL, proof.Question(6, 7), SHOWN)
    assert not proof.answered(SEAL, token, "12", SHOWN)
    assert not proof.answered(SEAL, token, "", SHOWN)
    assert not proof.answered(SEAL, token, "13", proof.Shown(SHOWN.at, "another"))
    assert not proof.answered(SEAL, token, "13", None)
    assert not proof.answered(SEAL, "sum.abc-DEF_1.6.7", "13", SHOWN)
    assert not proof.answered(SEAL, proof.handed_out(SEAL, SHOWN), "13", SHOWN)


def test_questions_differ():
    assert len({proof.a_question() for _ in range(200)}) > 20
