"""Which units see a case."""

import pytest
from review.routes.rules import NoSuchUnit, Route, RouteStage

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
