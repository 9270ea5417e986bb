"""An account name is reserved where it is typed, for a while, and no approval ever waits for one."""

import threading
from contextlib import suppress

import pytest
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.events import ApplicationRejected

from ..builders import Applying, an_account_name, approved, decided, opened, returned
from ..conftest import refusal

pytestmark = pytest.mark.stack

PASSWORD = "Quay!2026side"


@pytest.fixture(autouse=True)
def nothing_counted(rows):
    rows("DELETE FROM failed_login")


@pytest.fixture
def tell(ask, transactions):
    handlers = {
        "CaseOpened": ask.service.record_waiting,
        "ApplicationReturned": ask.service.record_return,
        "ApplicationRejected": ask.service.record_rejection,
        "ApplicationApproved": ask.service.open_account,
    }

    def tell(event):
        with transactions.transaction() as tx:
            handlers[event.event_name()](tx, event)

    return tell


def takes(applying, name):
    """Whether the name may be had on the identity page; else what is said there."""
    try:
        applying.save("identity", applying.identity | {"account_name": name})
    except Refused as refused:
        return refused.fields["account_name"][0]
    applying.identity |= {"account_name": name}
    return True


def test_a_name_is_taken_from_the_page_where_it_is_typed(ask, notify):
    name = an_account_name()
    first, second = Applying(ask, notify), Applying(ask, notify)
    assert takes(first, name) is True
    assert takes(first, name) is True
    assert takes(second, name.upper()) == "ACCOUNT_NAME_TAKEN"
    assert "identity" not in second("application")["answers"]
    assert takes(first, an_account_name()) is True
    assert takes(second, name) is True


def test_a_name_of_an_account_is_taken_too_and_leaves_no_reservation(ask, notify, tell, rows):
    owner = Applying(ask, notify)
    owner.hand_in()
    tell(opened(owner))
    tell(approved(owner))
    name = owner.identity["account_name"]
    assert takes(Applying(ask, notify), name) == "ACCOUNT_NAME_TAKEN"
    assert rows("SELECT 1 FROM account_name_hold WHERE name = %s", name) == []


def test_a_reservation_lapses_after_a_day_while_nothing_is_proved_and_lives_with_its_draft_after(
    ask, notify, rows
):
    unproved, proved = Applying(ask, notify), Applying(ask, notify)
    unproved.fill_in()
    proved.complete()
    rows("UPDATE account_name_hold SET until = until - interval '25 hours'")
    assert takes(Applying(ask, notify), unproved.identity["account_name"]) is True
    assert takes(Applying(ask, notify), proved.identity["account_name"]) == "ACCOUNT_NAME_TAKEN"
    assert refusal(unproved, "submit_application", truthful=True).code == "INCOMPLETE"
    rows(
        "UPDATE application SET expires_at = now() - interval '1 s' WHERE application_id = %s",
        proved.application_id,
    )
    assert takes(Applying(ask, notify), proved.identity["account_name"]) is True


def test_who_lost_a_reservation_hears_so_when_handing_in_and_chooses_another(ask, notify, rows):
    late = Applying(ask, notify)
    late.complete()
    rows("DELETE FROM account_name_hold WHERE application_id = %s", late.application_id)
    assert takes(Applying(ask, notify), late.identity["account_name"]) is True
    assert refusal(late, "submit_application", truthful=True).code == "ACCOUNT_NAME_TAKEN"
    assert takes(late, an_account_name()) is True
    assert late.submit()["status"] == "submitted"


def test_of_what_one_stranger_reserves_twenty_names_are_kept(ask, notify, rows):
    ip, names = "198.51.100.77", [an_account_name() for _ in range(22)]
    for name in names:
        assert takes(Applying(ask, notify, ip=ip), name) is True
    held = {name for (name,) in rows("SELECT name FROM account_name_hold WHERE holder = %s", f"source:{ip}")}
    assert held == set(names[2:])


def test_names_cannot_be_asked_for_without_end(ask, notify, rows):
    curious = Applying(ask, notify, ip="198.51.100.78")
    said = [takes(curious, an_account_name()) for _ in range(22)]
    assert said == [True] * 20 + ["TOO_MANY_NAMES"] * 2
    assert takes(curious, curious.identity["account_name"]) is True, "its own name is no question"
    others = [takes(Applying(ask, notify, ip="198.51.100.78"), an_account_name()) for _ in range(40)]
    assert others[-1] == "TOO_MANY_NAMES"
    assert takes(Applying(ask, notify, ip="198.51.100.79"), an_account_name()) is True


def test_of_two_who_want_a_name_at_once_one_gets_it(ask, notify):
    name, both = an_account_name(), [Applying(ask, notify) for _ in range(2)]
    said = []
    tries = [threading.Thread(target=lambda one=one: said.append(takes(one, name))) for one in both]
    for each in tries:
        each.start()
    for each in tries:
        each.join()
    assert sorted(map(str, said)) == ["ACCOUNT_NAME_TAKEN", "True"]


def test_the_rejected_and_the_withdrawn_give_their_name_back(ask, notify, tell):
    for end in ("reject", "withdraw"):
        first = Applying(ask, notify, "company")
        first.hand_in()
        tell(opened(first))
        if end == "reject":
            tell(decided(ApplicationRejected, first))
        else:
            first("withdraw_application")
        again = Applying(ask, notify, "company", **first.identity)
        assert again.hand_in()["status"] == "submitted"


def test_a_draft_of_the_same_person_keeps_no_name_from_that_person(ask, notify):
    forgotten = Applying(ask, notify)
    forgotten.fill_in()
    again = Applying(ask, notify, **forgotten.identity)
    assert again.hand_in()["status"] == "submitted"
    stranger = Applying(ask, notify, account_name=forgotten.identity["account_name"])
    assert takes(stranger, stranger.identity["account_name"]) == "ACCOUNT_NAME_TAKEN"


def test_submitting_waits_for_an_approval_and_is_told(ask, notify, tell, rows, transactions):
    """The first is being approved while the second, who lost the reservation, hands in."""
    first, second = Applying(ask, notify), Applying(ask, notify)
    first.hand_in()
    tell(opened(first))
    second.complete()
    name = first.identity["account_name"]
    rows(
        "UPDATE application SET account_name = %s,"
        " answers = jsonb_set(answers, '{identity,account_name}', to_jsonb(%s::text)) WHERE application_id = %s",
        name,
        name,
        second.application_id,
    )
    rows("DELETE FROM account_name_hold WHERE application_id = %s", second.application_id)
    said = []

    def hand_in():
        with suppress(Refused):
            said.append(second.submit()["status"])
            return
        said.append("refused")

    with transactions.transaction() as tx:
        ask.service.open_account(tx, approved(first))
        late = threading.Thread(target=hand_in)
        late.start()
        late.join(timeout=1)
        assert said == [], "it waits for the name"
    late.join()
    assert said == ["refused"]
    assert takes(second, an_account_name()) is True
    assert second.submit()["status"] == "submitted"


def test_an_approval_whose_name_was_taken_opens_the_account_and_its_owner_chooses_another(
    ask, notify, tell, rows, announced
):
    first, second = Applying(ask, notify), Applying(ask, notify)
    for one in (first, second):
        one.hand_in()
        tell(opened(one))
    name = first.identity["account_name"]
    rows(
        "UPDATE application SET answers = jsonb_set(answers, '{identity,account_name}', to_jsonb(%s::text))"
        " WHERE application_id = %s",
        name,
        second.application_id,
    )
    tell(approved(first))
    tell(approved(second))
    assert second("application")["status"] == "approved"
    ((provisional, wanted),) = rows(
        "SELECT account_name, name_wanted FROM account WHERE application_id = %s", second.application_id
    )
    assert wanted == name
    assert provisional[:-4] == name[:16]
    link = {"activation_token": notify.last_link(provisional)}
    assert ask("activation", **link)["name_taken"] == name
    taken = refusal(ask, "activate_account", **link, password=PASSWORD, account_name=name)
    assert taken.fields == {"account_name": ["ACCOUNT_NAME_TAKEN"]}
    chosen = an_account_name()
    assert ask("activate_account", **link, password=PASSWORD, account_name=chosen)["account_name"] == chosen
    assert announced("AccountActivated")[-1]["account_name"] == chosen
    assert ask("log_in", account_name=chosen, password=PASSWORD)["account"]["account_name"] == chosen


def test_nobody_else_chooses_a_name_at_activation(ask, notify, tell):
    owner = Applying(ask, notify)
    owner.hand_in()
    tell(opened(owner))
    tell(approved(owner))
    link, name = notify.last_link(owner.identity["account_name"]), owner.identity["account_name"]
    assert ask("activation", activation_token=link)["name_taken"] is None
    done = ask("activate_account", activation_token=link, password=PASSWORD, account_name=an_account_name())
    assert done["account_name"] == name


def test_a_returned_case_keeps_its_name(ask, notify, tell):
    applying = Applying(ask, notify)
    applying.hand_in()
    tell(opened(applying))
    tell(returned(applying))
    assert takes(Applying(ask, notify), applying.identity["account_name"]) == "ACCOUNT_NAME_TAKEN"
    assert takes(applying, applying.identity["account_name"]) is True
