"""Addresses of links: worked out once, and the same as Flask's."""

import pytest
from flask import g, url_for
from gateway.navigation import address_of


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("public.home", {}),
        ("review.queue", {"tab": "mine", "page": 2}),
        ("review.queue", {"page": 1}),
        ("review.queue", {"page": True}),
        ("review.queue", {"page": None}),
        ("review.queue", {"tab": ["mine", "all"]}),
        ("review.queue", {"tab": "臺 <b>", "_anchor": "row"}),
        ("static", {"filename": "portal.css", "v": "1"}),
    ],
)
def test_an_address_is_that_of_flask_the_second_time_too(portal, endpoint, values):
    with portal.test_request_context("/"):
        assert [address_of(endpoint, **values), address_of(endpoint, **values)] == [
            url_for(endpoint, **values)
        ] * 2


def test_links_on_a_page_of_a_case_lead_to_that_case(portal):
    with portal.test_request_context("/"):
        for number in ("PTAPPLY936EC90162340", "PTAPPLY936EC90162341"):
            g.case_number = number
            assert number in address_of("tracking.case", done="sent")
        g.case_number = None
        assert address_of("tracking.case", case_number="PTAPPLY936EC90162342") == url_for(
            "tracking.case", case_number="PTAPPLY936EC90162342"
        )
