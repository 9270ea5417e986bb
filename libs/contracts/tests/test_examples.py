"""What a producer announces is compared with the example; here the comparison is seen finding differences."""

from dataclasses import replace
from uuid import UUID

import pytest
from mtnet_contracts.event import catalogue
from mtnet_contracts.events import (
    AccountOpened,
    ApplicationReturned,
    ApplicationSubmitted,
    VerificationCodeRequested,
)
from mtnet_contracts.events.accounts.applications import Duplicate
from mtnet_contracts.examples import differences, example_of


@pytest.mark.parametrize("event", catalogue(), ids=lambda event: event.event_name())
def test_an_example_does_not_differ_from_itself(event):
    assert differences(example_of(event)) == []


def test_what_may_be_absent_may_be_absent():
    opened = example_of(AccountOpened)
    assert differences(replace(opened, organisation_id=None)) == []


def test_an_event_that_lacks_a_required_field_is_found():
    (found,) = differences(replace(example_of(AccountOpened), email=None))
    assert "cannot be read back" in found
    assert "email" in found


def test_a_type_that_no_reader_expects_is_found_wherever_it_is():
    submitted = example_of(ApplicationSubmitted)
    wrong = replace(
        submitted, duplicates=(Duplicate(field="identity.account_name", case_number="2026-02-19"),)
    )
    assert differences(wrong) == [
        "ApplicationSubmitted.duplicates[].case_number is day, the example shows text"
    ]
    assert differences(replace(submitted, person_key=str(UUID(int=1)))) == [
        "ApplicationSubmitted.person_key is id, the example shows text"
    ]


def test_a_list_that_is_empty_in_the_example_may_be_filled():
    returned = example_of(ApplicationReturned)
    assert differences(replace(returned, reasons=())) == []


@pytest.mark.parametrize("number", ["0965080858", "0979110163", "20261127", "90316313", "+886912345678"])
def test_a_number_is_never_taken_for_a_day(number):
    requested = replace(example_of(VerificationCodeRequested), recipient=number)
    assert differences(requested) == []


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2026-11-27", "day"),
        ("2026-11-27T09:00:00+00:00", "instant"),
        ("2026-11-27T09:00:00", "instant without a zone"),
    ],
)
def test_a_day_or_a_moment_in_place_of_a_text_is_found(value, kind):
    requested = replace(example_of(VerificationCodeRequested), recipient=value)
    assert differences(requested) == [
        f"VerificationCodeRequested.recipient is {kind}, the example shows text"
    ]
