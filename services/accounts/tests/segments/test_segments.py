"""Operators are told who is in a segment, page by page, and which names nobody has."""

from uuid import UUID, uuid4

import pytest
from accounts.segments.rules import without_repeats
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.testing.emptying import emptying

from ..builders import a_reviewer


def an_operator():
    return a_reviewer(roles=frozenset({"operator"}))


@pytest.fixture(scope="module")
def people(transactions):
    """Account ids by name. Nobody else is there."""
    people = {}
    with transactions.transaction() as tx:
        tx.execute(emptying("account"))
        for name, state, roles, systems in (
            ("Carrier01", "active", ["member", "organisation_manager"], ["mtnet", "vessels"]),
            ("Carrier02", "frozen", ["member"], ["vessels"]),
            ("Carrier03", "approved", ["member", "organisation_manager"], ["crew"]),
            ("Carrier04", "disabled", ["member", "organisation_manager"], ["vessels"]),
            ("Carrier05", "closed", ["member", "organisation_manager"], ["vessels"]),
        ):
            people[name] = str(uuid4())
            tx.execute(
                "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, systems, email,"
                " locale, approved_at, active_on, freeze_on, disable_on) VALUES (%s, %s, 'x', %s, 'company', %s, %s,"
                " 'm@example.com', 'en', now(), current_date, current_date + 90, current_date + 365)",
                (people[name], name, state, roles, systems),
            )
    return people


def named(people, *names):
    return sorted((people[name] for name in names), key=UUID)


def test_a_name_counts_once_whatever_its_capitals():
    assert without_repeats(["Carrier01", "CARRIER01", "", "other"]) == {
        "carrier01": "Carrier01",
        "other": "other",
    }


@pytest.mark.stack
@pytest.mark.parametrize(
    ("segment", "names"),
    [
        ({"segment": "everybody"}, ["Carrier01", "Carrier02", "Carrier03"]),
        ({"segment": "managers"}, ["Carrier01", "Carrier03"]),
        ({"segment": "system", "system": "vessels"}, ["Carrier01", "Carrier02"]),
        ({"segment": "system", "system": "port_affairs"}, []),
    ],
)
def test_a_segment_holds_those_who_can_be_written_to_and_nobody_else(ask, people, segment, names):
    found = ask("segment_accounts", actor=an_operator(), **segment)
    assert found == {"account_ids": named(people, *names), "next_after": None}


@pytest.mark.stack
def test_pages_of_a_segment_hold_everybody_once(ask, people):
    seen, after = [], None
    while True:
        page = ask("segment_accounts", actor=an_operator(), segment="everybody", after=after, limit=1)
        seen += page["account_ids"]
        if (after := page["next_after"]) is None:
            break
    assert seen == named(people, "Carrier01", "Carrier02", "Carrier03")


@pytest.mark.stack
def test_a_segment_of_a_system_names_the_system(ask, people):
    with pytest.raises(Refused) as refused:
        ask("segment_accounts", actor=an_operator(), segment="system")
    assert refused.value.fields == {"system": ["REQUIRED"]}


@pytest.mark.stack
def test_names_that_nobody_has_are_told_as_they_were_typed(ask, people):
    names = ["carrier01", "Carrier02", "CARRIER01", "Carrier04", "Nobody99"]
    found = ask("accounts_named", actor=an_operator(), account_names=names)
    assert found == {
        "account_ids": [people["Carrier01"], people["Carrier02"]],
        "unknown_names": ["Carrier04", "Nobody99"],
    }


@pytest.mark.stack
def test_more_names_than_ten_thousand_are_refused(ask, people):
    with pytest.raises(Refused) as refused:
        ask("accounts_named", actor=an_operator(), account_names=["x"] * 10_001)
    assert refused.value.fields == {"account_names": ["TOO_MANY"]}
