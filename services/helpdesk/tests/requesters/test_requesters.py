"""Whose an address is: what accounts and notify say, in whatever order, and what somebody did who wrote before."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from helpdesk.recording.actions import record_inbound
from helpdesk.requesters import actions, messages
from helpdesk.requesters.rules import address_key, shown_name
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.events import AccountOpened, ContactChanged
from mtnet_contracts.examples import example_of

from ..builders import NOW, an_actor, an_inbound

SERVICES = ("helpdesk",)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def writes(transactions):
    """Who somebody is who writes now, as an id and the account behind it."""

    def writes(channel, address):
        with transactions.transaction() as tx:
            found = actions.requester_of(tx, channel, address, "某人", "zh-Hant", uuid4(), NOW)
            return found.requester_id, actions.person(tx, found.requester_id)[0].account_id

    return writes


@pytest.fixture
def keep(transactions):
    def keep(account_id, addresses, as_of=NOW):
        with transactions.transaction() as tx:
            actions.keep_account(tx, account_id, "海運業務承辦人", "en", addresses, as_of)

    return keep


def an_address():
    return f"Clerk-{uuid4().hex}@Example.com"


@pytest.mark.parametrize(
    ("channel", "address", "key"),
    [
        ("email", " Clerk@EXAMPLE.com ", "clerk@example.com"),
        ("email", "clerk@海運.example", "clerk@xn--90wy65e.example"),
        ("email", "ｃｌｅｒｋ@example.com.", "clerk@example.com"),
        ("phone", "0912-345-678", "+886912345678"),
        ("phone", "+886 912 345 678", "+886912345678"),
        ("fax", "02-8192-7019", "+886281927019"),
        ("phone", "00886281927019#12", "+886281927019"),
        ("phone", "unknown", ""),
        ("line", "U4af4980629", "U4af4980629"),
        ("web", "", ""),
    ],
)
def test_an_address_is_compared_however_it_is_written(channel, address, key):
    assert address_key(channel, address) == key


@pytest.mark.parametrize(
    ("channel", "name", "address", "shown"),
    [
        ("email", "承辦人", "clerk@example.com", "承辦人"),
        ("email", "", "clerk@example.com", "c•••@example.com"),
        ("email", " Clerk@example.com ", "clerk@example.com", "c•••@example.com"),
        ("phone", "0912345678", "+886912345678", "+886 9•• ••• 678"),
        ("line", "", "U4af4980629cbf2dd", "U4af••••••2dd"),
        ("web", "", "", ""),
    ],
)
def test_an_address_in_place_of_a_name_is_masked(channel, name, address, shown):
    assert shown_name(channel, name, address) == shown


def test_an_address_of_one_account_is_its_owner_s(writes, keep):
    account_id, address = uuid4(), an_address()
    keep(account_id, [("email", address_key("email", address)), ("phone", "+886912" + uuid4().hex[:6])])
    requester_id, found = writes("email", address)
    assert found == account_id
    assert writes("email", address.lower())[0] == requester_id


def test_an_address_of_two_accounts_is_nobody_s(writes, keep):
    address = an_address()
    for _ in range(2):
        keep(uuid4(), [("email", address_key("email", address))])
    assert writes("email", address)[1] is None


def test_who_wrote_before_they_had_an_account_is_known_afterwards(writes, keep):
    account_id, address = uuid4(), an_address()
    requester_id, found = writes("email", address)
    assert found is None
    keep(account_id, [("email", address_key("email", address))])
    assert writes("email", address) == (requester_id, account_id)


def test_what_was_true_later_stays(writes, keep, transactions):
    account_id, old, new = uuid4(), an_address(), an_address()
    keep(account_id, [("email", address_key("email", new))], LATER)
    keep(account_id, [("email", address_key("email", old))], NOW)
    assert writes("email", old)[1] is None
    line = f"U{uuid4().hex}"
    with transactions.transaction() as tx:
        actions.keep_line(tx, account_id, None, LATER)
        actions.keep_line(tx, account_id, line, NOW)
    assert writes("line", line)[1] is None
    assert writes("email", new)[1] == account_id


def test_a_linked_line_user_is_the_account_s_owner(writes, keep, transactions):
    account_id, line = uuid4(), f"U{uuid4().hex}"
    with transactions.transaction() as tx:
        actions.keep_line(tx, account_id, line, NOW)
    # What accounts says of it comes afterwards, and takes nothing from it.
    keep(account_id, [])
    assert writes("line", line)[1] == account_id


def test_who_had_a_hand_in_somebody_s_contacts_is_not_taken_for_them_afterwards(writes, keep, transactions):
    account_id, own, theirs, line = uuid4(), an_address(), an_address(), f"U{uuid4().hex}"
    keep(account_id, [("email", address_key("email", own))])
    owner, _ = writes("email", own)
    keep(account_id, [("email", address_key("email", theirs))], LATER)
    with transactions.transaction() as tx:
        actions.keep_line(tx, account_id, line, LATER)
    assert writes("email", theirs) == writes("line", line) == (owner, account_id)
    later = LATER + timedelta(hours=1)
    for _ in range(2):
        with transactions.transaction() as tx:
            given = account_id, "海運業務承辦人", "en", [("email", address_key("email", own))]
            actions.keep_former(tx, *given, later)
            actions.undo_line(tx, account_id, later)
    assert writes("email", own) == (owner, account_id)
    for channel, address in (("email", theirs), ("line", line)):
        somebody, found = writes(channel, address)
        assert found is None
        assert somebody != owner
    with transactions.transaction() as tx:
        assert [address for _, address in actions.addresses_of(tx, [owner])] == [own]


def a_fax_number():
    return f"+8862{uuid4().int % 10**8:08}"


def test_a_confirmed_fax_number_is_the_account_s_whatever_else_changes(writes, keep, transactions):
    account_id, number, former = uuid4(), a_fax_number(), a_fax_number()
    with transactions.transaction() as tx:
        actions.keep_fax(tx, account_id, number, LATER)
        actions.keep_fax(tx, account_id, former, NOW)
    keep(account_id, [("email", "a@x.example")], LATER + timedelta(hours=1))
    assert writes("fax", number)[1] == account_id
    assert writes("fax", former)[1] is None
    with transactions.transaction() as tx:
        actions.keep_fax(tx, account_id, None, LATER + timedelta(hours=2))
        assert tx.execute(
            "SELECT count(*) FROM account_address WHERE account_id = %s AND channel = 'fax'", (account_id,)
        ).fetchone() == (0,)


def test_who_faxed_before_they_confirmed_the_number_is_one_person_with_who_wrote_mails(
    writes, keep, transactions, asking
):
    account_id, number, mail = uuid4(), a_fax_number(), an_address()
    faxed, _ = writes("fax", number)
    keep(account_id, [("email", address_key("email", mail))])
    owner, _ = writes("email", mail)
    with transactions.transaction() as tx:
        actions.keep_fax(tx, account_id, number, NOW)
        assert set(actions.person_ids(tx, faxed)) == {owner, faxed}
    assert writes("fax", number) == (faxed, account_id)
    # An agent who knows better takes them apart, and they stay apart.
    asking("undo_join", of=an_actor(), requester_id=str(faxed))
    assert writes("fax", number) == (faxed, None)


def test_a_number_that_two_accounts_confirmed_joins_nobody(writes, keep, transactions):
    number, mail = a_fax_number(), an_address()
    faxed, _ = writes("fax", number)
    one, other = uuid4(), uuid4()
    keep(one, [("email", address_key("email", mail))])
    writes("email", mail)
    with transactions.transaction() as tx:
        actions.keep_fax(tx, other, number, NOW)
        actions.keep_fax(tx, one, number, NOW)
    assert writes("fax", number) == (faxed, None)


def test_a_fax_number_that_somebody_else_confirmed_is_nobody_s_again(writes, keep, transactions):
    account_id, number, mail = uuid4(), a_fax_number(), an_address()
    faxed, _ = writes("fax", number)
    keep(account_id, [("email", address_key("email", mail))])
    owner, _ = writes("email", mail)
    for _ in range(2):
        with transactions.transaction() as tx:
            actions.keep_fax(tx, account_id, number, NOW)
            actions.undo_fax(tx, account_id, LATER)
        assert writes("fax", number) == (faxed, None)
    assert writes("email", mail) == (owner, account_id)


def test_who_ends_a_link_of_their_own_stays_who_they_were(writes, transactions):
    account_id, line = uuid4(), f"U{uuid4().hex}"
    with transactions.transaction() as tx:
        actions.keep_line(tx, account_id, line, NOW)
    owner, _ = writes("line", line)
    with transactions.transaction() as tx:
        actions.keep_line(tx, account_id, None, LATER)
    assert writes("line", line) == (owner, account_id)


def test_of_a_closed_account_nothing_is_kept(writes, keep, transactions):
    account_id, address = uuid4(), an_address()
    keep(account_id, [("email", address_key("email", address))])
    assert writes("email", address)[1] == account_id
    with transactions.transaction() as tx:
        actions.forget_account(tx, account_id, LATER)
    keep(account_id, [("email", address_key("email", address))], LATER + timedelta(hours=1))
    assert writes("email", address)[1] is None


def test_events_of_accounts_bring_every_address():
    opened = replace(
        example_of(AccountOpened), email="A@x.example", mobile="+886912345678", fax="+886281927019"
    )
    assert messages.addresses_of(opened) == [
        ("email", "a@x.example"),
        ("phone", "+886912345678"),
    ]
    assert messages.fax_of(opened) == "+886281927019"
    assert messages.fax_of(replace(opened, fax=None)) is None
    changed = replace(
        example_of(ContactChanged), email="a@x.example", second_email="b@x.example", mobile=None
    )
    assert ("email", "b@x.example") in messages.addresses_of(changed)


def test_two_with_accounts_of_their_own_stay_two(writes, keep, asking):
    ids = []
    for _ in range(2):
        address = an_address()
        keep(uuid4(), [("email", address_key("email", address))])
        ids.append(str(writes("email", address)[0]))
    with pytest.raises(Refused) as refused:
        asking("join_requesters", of=an_actor(), requester_id=ids[0], other_id=ids[1])
    assert refused.value.code == "TWO_ACCOUNTS"
    with pytest.raises(Refused) as refused:
        asking("join_requesters", of=an_actor(), requester_id=ids[0], other_id=ids[0])
    assert refused.value.code == "SAME_REQUESTER"


def test_who_was_joined_before_goes_back_with_whom_they_came(writes, asking):
    one, two, three = (str(writes("email", an_address())[0]) for _ in range(3))
    agent = an_actor()
    asking("join_requesters", of=agent, requester_id=two, other_id=three)
    joined = asking("join_requesters", of=agent, requester_id=one, other_id=two)
    assert {each["requester_id"] for each in joined["joined"]} == {two, three}
    back = asking("undo_join", of=agent, requester_id=two)
    assert [each["requester_id"] for each in back["joined"]] == [three]
    assert asking("requester", of=agent, requester_id=one)["joined"] == []


def test_what_was_merged_is_no_other_ticket_of_the_person(transactions, asking):
    address, agent = an_address(), an_actor()
    numbers = []
    for subject in ("進港申請", "規費收據"):
        with transactions.transaction() as tx:
            inbound = an_inbound(address=address, subject=subject)
            numbers.append(record_inbound(tx, Outbox(tx), inbound, NOW).number)
    root, merged = (asking("ticket", of=agent, number=each) for each in numbers)
    asking("merge_ticket", of=agent, ticket_id=merged["ticket_id"], other=root["number"])
    panel = asking("requester", of=agent, requester_id=root["requester_id"])
    assert [each["number"] for each in panel["tickets"]] == [root["number"]]
