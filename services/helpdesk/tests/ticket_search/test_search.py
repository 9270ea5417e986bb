"""A text finds tickets: by all that was written, by a whole address, with view and filters, soon after each change."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from helpdesk.recording.actions import record_inbound
from helpdesk.ticket_search.actions import forget_gone
from helpdesk.ticket_search.indexing import TicketSource
from helpdesk.ticket_search.rules import APART, addresses_in, number_at, place_of
from helpdesk.tickets.actions import forget_tickets
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_search.filling import Filling
from mtnet_search.number_index import NumberIndex

from ..builders import NOW, an_actor, an_inbound, days, hours

SERVICES = ("helpdesk",)
ME = an_actor()


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    made = NumberIndex(tmp_path_factory.mktemp("index"), APART)
    yield made
    made.close()


@pytest.fixture
def catch_up(transactions, index):
    return Filling(
        index, TicketSource(), transactions.transaction, lambda act, *values: act(*values)
    ).catch_up


@pytest.fixture
def find(asking, index, catch_up):
    """Numbers on all pages, as somebody of the desk finds them."""
    asking.service.ticket_index = index

    def find(text, limit=2, of=ME, **asked):
        catch_up()
        found, after = [], None
        while True:
            page = asking(
                "list_tickets", of=of, text=text, limit=limit, after=after, **{"view": "all"} | asked
            )
            assert page["whole"]
            found += [line["number"] for line in page["items"]]
            after = page["next_after"]
            if after is None:
                return found

    return find


@pytest.fixture
def receive(transactions):
    def receive(now=NOW, **changes):
        inbound = an_inbound(**{"address": f"c-{uuid4().hex}@example.com", "received_at": now} | changes)
        with transactions.transaction() as tx:
            return record_inbound(tx, Outbox(tx), inbound, now).number

    return receive


@pytest.fixture
def word():
    """Something that no other test has written."""
    return f"w{uuid4().hex[:12]}"


def test_a_ticket_is_found_by_subject_number_name_and_all_that_was_written(receive, asking, find, word):
    number = receive(subject=f"船舶規格{word}", text="引水申請被退回", name=f"王{word}")
    ticket = asking("ticket", of=ME, number=number)
    asking("add_note", of=ME, ticket_id=ticket["ticket_id"], text=f"已請系統維運查看 {word}note")
    for text in (word, f"引水申請 {word}", f"{word} 船舶規格", number, f"{word}note", f"維運 {word}"):
        assert number in find(text), text
    assert find(f"{word} 沒有寫過") == []


def test_parts_of_a_list_follow_each_other_newest_first(receive, find, word):
    numbers = [receive(NOW + hours(n % 3), subject=f"{word} {n}") for n in range(7)]
    assert find(word, limit=3) == numbers[::-1]
    assert find(word, limit=100, sort="oldest") == numbers[::-1]


def test_view_and_filters_hold_for_what_is_found(receive, asking, find, word):
    plain = receive(subject=word)
    fax = receive(subject=word, channel="fax", address="+886281927019", category="vessels")
    spam = receive(subject=word, spam=True)
    mine = asking("ticket", of=ME, number=receive(subject=word))
    asking("change_ticket", of=ME, ticket_id=mine["ticket_id"], changes={"owner_id": str(ME.account_id)})
    late = asking("ticket", of=ME, number=plain)
    assert set(find(word)) == {plain, fax, mine["number"]}
    assert find(word, view="spam") == [spam]
    assert find(word, view="mine") == [mine["number"]]
    assert find(word, view="resolved") == []
    assert plain in find(word, view="overdue")
    assert find(word, channel="fax", category="vessels", team="first_line") == [fax]
    assert set(find(word, states=["new", "reopened"])) == {plain, fax}
    assert find(word, requester_id=late["requester_id"]) == [plain]
    assert find(word, requester_id=str(uuid4())) == []


def test_a_whole_address_finds_its_person_and_a_part_of_it_finds_nobody(receive, asking, find, word):
    number = receive(address=f"{word}.lin@example.com", name="")
    other = receive(subject=f"請回覆 {word}.lin@example.com")
    assert find(f"{word}.LIN@example.com") == [other, number]
    assert find(word) == [other]
    phone = f"+8869{uuid4().int % 10**8:08}"
    called = asking("log_call", of=ME, key=str(uuid4()), phone=phone, text="來電詢問")["number"]
    assert find(f"0{phone[4:7]}-{phone[7:10]}-{phone[10:]}") == [called]
    assert phone not in str(asking("list_tickets", of=ME, text=phone, view="all"))


def test_what_was_looked_for_is_marked_where_it_stands(receive, asking, find, word):
    number = receive(subject=f"查詢 {word}", text=f"第一行\n第二行說到 {word} 的事", name="船員")
    find(word)
    (line,) = asking("list_tickets", of=ME, text=word, view="all")["items"]
    found = line["found"]
    assert [part for part in found["subject"] if part["marked"]] == [{"text": word, "marked": True}]
    assert {"text": word, "marked": True} in found["said"]
    assert found["requester_name"] == []
    assert line["number"] == number
    assert asking("list_tickets", of=ME, view="all", limit=1)["items"][0]["found"] is None


def test_a_change_is_found_and_what_was_said_before_it_no_more(receive, asking, find, word):
    number = receive(subject=word)
    assert find(word) == [number]
    ticket = asking("ticket", of=ME, number=number)
    asking("change_ticket", of=ME, ticket_id=ticket["ticket_id"], changes={"subject": f"{word}x"})
    assert (find(f"主旨 {word}x"), find(f"{word}x")) == ([], [number])


def test_merged_tickets_are_found_under_the_number_that_goes_on_and_parted_ones_under_their_own(
    receive, asking, find, word
):
    one, two = receive(subject=f"{word}a"), receive(subject=f"{word}b")
    ids = {number: asking("ticket", of=ME, number=number)["ticket_id"] for number in (one, two)}
    asking("merge_ticket", of=ME, key=str(uuid4()), ticket_id=ids[one], other=two)
    assert find(f"{word}a") == find(f"{word}b") == find(one) == [two]
    asking("undo_merge", of=ME, key=str(uuid4()), ticket_id=ids[one])
    assert (find(f"{word}a"), find(f"{word}b")) == ([one], [two])


def test_a_forgotten_ticket_leaves_the_index_and_one_day_also_the_list_of_changes(
    receive, asking, find, index, transactions, rows, word
):
    number = receive(subject=word)
    assert find(word) == [number]
    ticket = asking("ticket", of=ME, number=number)
    asking("change_ticket", of=ME, ticket_id=ticket["ticket_id"], changes={"state": "resolved"})
    asking("change_ticket", of=ME, ticket_id=ticket["ticket_id"], changes={"state": "closed"})
    with transactions.transaction() as tx:
        assert forget_tickets(tx, datetime.now(UTC) + days(3 * 366), 100)
    assert find(word) == []
    assert index.numbers(word) == []
    assert rows("SELECT gone_at IS NOT NULL FROM ticket_change WHERE ticket_id = %s", ticket["ticket_id"])[0][
        0
    ]
    with transactions.transaction() as tx:
        assert forget_gone(tx, datetime.now(UTC) + days(29), 100) == 0
        assert forget_gone(tx, datetime.now(UTC) + days(31), 100) > 0
    assert rows("SELECT count(*) FROM ticket_change WHERE ticket_id = %s", ticket["ticket_id"]) == [(0,)]
    # Also an index that has to be filled because it never heard of it comes to an end.
    later = receive(subject=word)
    assert find(word) == [later]
    assert index.progress().number >= rows("SELECT forgotten_to FROM ticket_search_source")[0][0] > 0


def test_what_is_changed_while_another_gives_numbers_is_not_lost(receive, find, transactions, word):
    """A change that commits after a later one has its number already."""
    with transactions.transaction() as slow:
        first = record_inbound(slow, Outbox(slow), an_inbound(subject=f"{word} 1", address=word), NOW).number
        second = receive(subject=f"{word} 2")
        assert find(word) == [second]
    assert set(find(word)) == {first, second}


def test_a_lease_is_no_change_of_what_is_found(receive, asking, find, rows, word):
    ticket = asking("ticket", of=ME, number=receive(subject=word))
    find(word)
    asking("lease_ticket", of=ME, ticket_id=ticket["ticket_id"])
    assert rows("SELECT count(*) FROM ticket_touched") == [(0,)]


def test_until_the_index_is_there_the_list_says_so_and_goes_on_without_it(asking, tmp_path):
    asking.service.ticket_index = empty = NumberIndex(tmp_path, APART)
    with pytest.raises(Refused) as refused:
        asking("list_tickets", of=ME, text="船")
    assert refused.value.code == "SEARCH_NOT_READY"
    assert asking("list_tickets", of=ME)["whole"]
    empty.close()


def test_a_place_where_no_page_ended_is_refused(asking, index, find, word):
    find(word)
    with pytest.raises(Refused) as refused:
        asking("list_tickets", of=ME, text=word, after=f"2026-11-26T09:25:24.000001+00:00 {uuid4()}")
    assert refused.value.fields == {"after": ["NOT_VALID"]}


@pytest.mark.parametrize("number", ["HD2026-000001", "HD2027-999999", "HD2030-123456789"])
def test_numbers_stand_in_the_index_by_their_count(number):
    assert number_at(place_of(number)) == number
    assert place_of("HD2026-000009") > place_of("HD2027-000008")


@pytest.mark.parametrize(
    ("typed", "addresses"),
    [
        (" Clerk@Example.com ", [("email", "clerk@example.com")]),
        ("02-8192-7019", [("phone", "+886281927019"), ("fax", "+886281927019")]),
        ("+886 912 345 678", [("phone", "+886912345678"), ("fax", "+886912345678")]),
        ("U" + "0a" * 16, [("line", "U" + "0a" * 16)]),
        ("請寄 clerk@example.com", []),
        ("HD2026-000123", []),
        ("AA-01", []),
        ("2026", []),
        ("@example.com", []),
    ],
)
def test_only_a_whole_address_is_one(typed, addresses):
    assert addresses_in(typed) == addresses
