"""What may be the number of somebody who called."""

import pytest
from marshmallow import ValidationError
from mtnet_contracts.calls.helpdesk import tickets as calls


@pytest.mark.parametrize("phone", ["abc", "12", "0912abc", "電話", "#12"])
def test_what_is_no_number_of_a_caller_is_refused_and_none_is_fine(phone):
    with pytest.raises(ValidationError) as refused:
        calls.LOG_CALL.request().load({"text": "x", "phone": phone})
    assert refused.value.messages == {"phone": ["PHONE_INVALID"]}


@pytest.mark.parametrize(
    "phone", ["", "33436767", "02-3343-6767 #12", "(02)3343-6767 分機 12", "119", "+1 (415) 555-0100"]
)
def test_a_number_of_a_caller_may_be_written_as_people_do(phone):
    assert calls.LOG_CALL.request().load({"text": "x", "phone": phone})["phone"] == phone
