"""An agent of the helpdesk sees how an account stands and its cases, and no contact or number of it."""

from uuid import uuid4

import pytest
from mtnet_chassis.rpc.endpoint import Refused

from ..builders import a_reviewer


def an_agent():
    return a_reviewer(roles=frozenset({"helpdesk_agent"}))


@pytest.fixture
def account_id(transactions):
    """Somebody with two cases: the one that became the account, and one that was returned. Another is not theirs."""
    account_id, name = str(uuid4()), f"Card{uuid4().hex[:10]}"
    with transactions.transaction() as tx:
        ids = [uuid4() for _ in range(3)]
        for application_id, status, person, at in (
            (ids[0], "approved", b"one", "2026-01-01"),
            (ids[1], "returned", b"one", "2026-02-01"),
            (ids[2], "submitted", b"two", "2026-03-01"),
        ):
            tx.execute(
                "INSERT INTO application (application_id, case_number, identity_type, status, submission, locale,"
                " answers, person_index, started_at, updated_at, submitted_at)"
                " VALUES (%s, %s, 'individual', %s, 1, 'zh-Hant', '{}', %s, %s, %s, %s)",
                (
                    application_id,
                    f"PTAPPLY{application_id.hex[:13]}",
                    status,
                    person + name.encode(),
                    at,
                    at,
                    at,
                ),
            )
        tx.execute(
            "INSERT INTO account (account_id, account_name, name, state, identity_type, roles, application_id, systems,"
            " email, mobile, locale, approved_at, active_on, freeze_on, disable_on) VALUES (%s, %s, '王小明', 'frozen',"
            " 'individual', '{member}', %s, '{crew}', 'secret@example.com', '+886912345678', 'zh-Hant', now(),"
            " '2026-01-01', '2026-04-01', '2027-01-01')",
            (account_id, name, ids[0]),
        )
    return account_id


def test_the_card_says_how_it_stands_and_which_cases_its_owner_has(ask, account_id):
    card = ask("account_card", actor=an_agent(), account_id=account_id)
    assert (card["state"], card["systems"], card["last_login_at"]) == ("frozen", ["crew"], None)
    assert [case["status"] for case in card["cases"]] == ["returned", "approved"]
    assert "secret" not in str(card)
    assert "886" not in str(card)


def test_an_account_that_is_not_there_is_said(ask):
    with pytest.raises(Refused) as refused:
        ask("account_card", actor=an_agent(), account_id=str(uuid4()))
    assert refused.value.code == "ACCOUNT_NOT_FOUND"
