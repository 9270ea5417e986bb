"""One notation of a ticket's number, for whoever writes, reads or looks for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mtnet_contracts.calls.helpdesk.tickets import TicketRequest
from mtnet_contracts.vocabulary.ticket_numbers import (
    LONGEST_TICKET_NUMBER,
    parts_of_ticket_number,
    ticket_number,
    ticket_number_in,
    typed_ticket_number,
    without_ticket_numbers,
)


@given(st.integers(2020, 2099), st.integers(1, 999_999_999))
def test_every_number_is_read_wherever_it_was_written(year, count):
    number = ticket_number(year, count)
    assert len(number) <= LONGEST_TICKET_NUMBER
    assert parts_of_ticket_number(number) == (year, count)
    assert TicketRequest().load({"number": number})["number"] == number
    assert typed_ticket_number(f" {number.lower()} ") == typed_ticket_number(f"{year}-{count}") == number
    assert (
        ticket_number_in(f"Re: [{number.lower()}] 查詢") == ticket_number_in(f"案件{number}的進度") == number
    )
    assert without_ticket_numbers(f"Re: [ {number} ]查詢") == "Re: 查詢"


@pytest.mark.parametrize("text", ["", "HD2026-12345", "AHD2026-000123", "HD2026-0001234567", "HD26-000123"])
def test_what_is_no_number_is_none(text):
    assert ticket_number_in(text) is None
    assert without_ticket_numbers(f"[{text}]") == f"[{text}]"
    with pytest.raises(ValueError, match=f"^{text}$"):
        parts_of_ticket_number(text)
