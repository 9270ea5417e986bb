"""Which units see a case, and what changed between two submissions."""

import pytest
from review.domain.routes import NoSuchUnit, Route, RouteStage
from review.domain.submissions import Difference, differences

from .builders import a_submission

BY_CENTRE = Route(1, "company", 1, (RouteStage(None, 3), RouteStage("operations", 2)))
CENTRES = {"keelung": "north", "kaohsiung": "south"}


def test_the_first_unit_is_the_centre_of_the_company_s_city():
    stages = BY_CENTRE.stages_for("kaohsiung", CENTRES)
    assert [(stage.unit, stage.deadline_days) for stage in stages] == [("south", 3), ("operations", 2)]


@pytest.mark.parametrize("city", [None, "atlantis"])
def test_a_city_without_a_centre_is_no_way_at_all(city):
    with pytest.raises(NoSuchUnit):
        BY_CENTRE.stages_for(city, CENTRES)


def test_a_route_without_a_centre_needs_no_city():
    assert Route(3, "individual", 1, (RouteStage("operations", 3),)).stages_for(None, {})


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
