"""The page of a company or public body: what it offers beside its fields."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import an_application

NUMBER = "PTAPPLY936EC90162340"


@pytest.mark.parametrize(("typed", "offered"), [("", False), ("90316313", True)])
def test_only_a_number_that_was_typed_can_be_said_to_be_registered_so(browser, everything, typed, offered):
    everything.answers["accounts.application"] = an_application(missing=[])
    everything.answers["accounts.save_section"] = Refused(
        "INVALID", {"unified_business_number": ["UNIFIED_BUSINESS_NUMBER_INVALID"]}
    )
    page = f"/apply/{NUMBER}/section/company"
    browser.cookie(f"case-{NUMBER}", "t" * 43)
    assert browser.post(page, unified_business_number=typed).status_code == 422
    assert browser.page.find(id="unified_business_number-error")
    assert bool(browser.page.find(id="number_as_registered")) is offered
