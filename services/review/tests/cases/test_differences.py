"""What changed between two submissions."""

from review.cases.rules import Difference, differences

from ..builders import a_submission


def changed(section: str, **values):
    before = a_submission()
    answers = {**before.answers, section: {**before.answers[section], **values}}
    return before, a_submission(submission=2, answers=answers)


def test_nothing_changed_is_no_difference():
    assert differences(a_submission(), a_submission(submission=2)) == []


def test_a_changed_field_is_told_with_both_values():
    before, after = changed("applicant", phone="+886224261234")
    assert differences(before, after) == [Difference("applicant.phone", "+886233436767", "+886224261234")]


def test_a_list_is_compared_as_people_read_it():
    before, after = changed("applicant", systems=["mtnet"])
    assert differences(before, after) == [Difference("applicant.systems", "mtnet, vessels", "mtnet")]


def test_an_empty_answer_is_no_answer():
    before, after = changed("company", fax="")
    assert differences(before, after) == [Difference("company.fax", "+886224205678", None)]
    assert differences(changed("company", fax="")[1], changed("company", fax=None)[1]) == []


def test_another_id_number_is_told_even_where_the_mask_hides_it():
    assert differences(a_submission(), a_submission(person_key="another")) == [
        Difference("identity.id_number", "A123***", "A123***")
    ]


def test_a_new_form_is_told_by_its_content_not_by_its_name():
    before = a_submission()
    same_name = {**before.form, "sha256": "other"}
    other_name = {**before.form, "filename": "other.pdf"}
    assert differences(before, a_submission(form=same_name)) == [
        Difference("form", "stamped-form.pdf", "stamped-form.pdf")
    ]
    assert differences(before, a_submission(form=other_name)) == []
