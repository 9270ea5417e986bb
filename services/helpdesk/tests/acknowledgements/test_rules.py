"""Whose message is acknowledged, and how often: rules only."""

from uuid import uuid4

import pytest
from helpdesk.acknowledgements.rules import (
    MOST_OF_ALL,
    MOST_OF_ONE_MAILBOX,
    Wanted,
    allowed,
    is_wanted,
    mailbox_of,
)
from hypothesis import given
from hypothesis import strategies as st

from ..builders import an_inbound

WANTED = st.lists(
    st.builds(Wanted, st.uuids(), st.sampled_from(["a@x.example", "b@x.example", "c@x.example"]))
)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, True),
        ({"channel": "web"}, True),
        ({"channel": "web", "address": "+886912345678"}, False),
        ({"channel": "web", "address": ""}, False),
        ({"automatic": True}, False),
        ({"spam": True}, False),
        ({"acknowledge": False}, False),
    ],
)
def test_a_person_who_wrote_from_a_mail_address_is_told(changes, wanted):
    assert is_wanted(an_inbound(**{"acknowledge": True} | changes)) is wanted


@pytest.mark.parametrize("address", ["Clerk@Example.com", "clerk+1@example.com", "clerk+a+b@EXAMPLE.COM."])
def test_one_mailbox_is_one_however_its_address_is_written(address):
    assert mailbox_of(address) == "clerk@example.com"


@given(WANTED, st.dictionaries(st.sampled_from(["a@x.example", "b@x.example"]), st.integers(0, 5)))
def test_no_mailbox_gets_more_than_its_share_and_the_first_come_first(wanted, sent):
    told = allowed(wanted, sent, 0)
    for mailbox in {each.mailbox for each in wanted}:
        own = [each for each in wanted if each.mailbox == mailbox]
        left = max(0, MOST_OF_ONE_MAILBOX - sent.get(mailbox, 0))
        assert [each for each in told if each.mailbox == mailbox] == own[:left]


def test_with_a_sender_for_each_there_is_still_an_end():
    many = [Wanted(uuid4(), f"{number}@x.example") for number in range(20)]
    assert allowed(many, {}, MOST_OF_ALL - 5) == many[:5]
    assert allowed(many, {}, MOST_OF_ALL) == []
