"""The list: each view shows what it says, filters narrow it, pages follow each other without a gap."""

from uuid import UUID, uuid4

import pytest
from helpdesk.recording.actions import record_inbound
from helpdesk.ticket_list.rules import Asked, NotAPlace, place_of
from helpdesk.ticket_list.store import TicketListStore
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused

from ..builders import NOW, an_actor, an_inbound, days, hours

SERVICES = ("helpdesk",)
# Which index answers the first page of each view, and of each filter on all tickets.
INDEXES = {
    ("live", None): "ticket_live_due",
    ("mine", None): "ticket_live_owner",
    ("unowned", None): "ticket_live_unowned",
    ("overdue", None): "ticket_live_due",
    ("resolved", None): "ticket_state",
    ("closed", None): "ticket_state",
    ("spam", None): "ticket_spam",
    ("all", None): "ticket_newest",
    ("all", "category"): "ticket_category",
    ("all", "channel"): "ticket_channel",
    ("all", "priority"): "ticket_priority",
    ("all", "team"): "ticket_team",
    ("all", "owner_id"): "ticket_owner",
}


@pytest.fixture
def receive(transactions):
    def receive(now=NOW, **changes):
        inbound = an_inbound(**{"address": f"c-{uuid4().hex}@example.com", "received_at": now} | changes)
        with transactions.transaction() as tx:
            return record_inbound(tx, Outbox(tx), inbound, now).number

    return receive


@pytest.fixture
def numbers(asking):
    """All pages of a list."""

    def numbers(of, limit=2, **asked):
        found, after = [], None
        while True:
            page = asking("list_tickets", of=of, limit=limit, after=after, **asked)
            assert len(page["items"]) <= limit
            found += [line["number"] for line in page["items"]]
            after = page["next_after"]
            if after is None:
                return found

    return numbers


def test_each_view_holds_what_it_says(receive, asking, numbers):
    me = an_actor()
    plain, spam, solved, waiting, mine = (
        receive(subject=name, spam=name == "spam") for name in ("plain", "spam", "solved", "waiting", "mine")
    )

    def change(number, **changes):
        ticket = asking("ticket", of=me, number=number)
        asking("change_ticket", of=me, ticket_id=ticket["ticket_id"], changes=changes)

    change(solved, state="resolved")
    change(waiting, state="waiting_third_party")
    change(mine, owner_id=str(me.account_id))
    own = {plain, spam, solved, waiting, mine}
    expected = {
        "live": {plain, waiting, mine},
        "mine": {mine},
        "unowned": {plain, waiting},
        "waiting": {waiting},
        # All were received in the past, and nobody has answered.
        "overdue": {plain, waiting, mine},
        "resolved": {solved},
        "closed": set(),
        "spam": {spam},
        "all": {plain, solved, waiting, mine},
    }
    assert {view: own & set(numbers(me, limit=100, view=view)) for view in expected} == expected
    counts = {each["view"]: each for each in asking("count_tickets", of=me)["counts"]}
    assert (counts["mine"]["count"], counts["mine"]["more"]) == (1, False)


@pytest.mark.parametrize("sort", ["due", "oldest", "newest"])
@pytest.mark.parametrize("view", ["live", "all"])
def test_pages_follow_each_other_without_gap_or_repetition(receive, numbers, view, sort):
    team_of = an_actor()
    made = [receive(NOW + hours(n % 3), category="crew", channel="line") for n in range(7)]
    asked = {"view": view, "category": "crew", "channel": "line", "sort": sort}
    found = numbers(team_of, **asked)
    assert len(found) == len(set(found))
    assert set(made) <= set(found)
    assert numbers(team_of, limit=100, **asked) == found


def test_filters_all_hold(receive, numbers, asking):
    me = an_actor()
    wanted = receive(category="vessels", channel="fax", address="+886281927019")
    other = receive(category="vessels")
    found = numbers(me, limit=100, category="vessels", channel="fax", team="first_line", priority="normal")
    assert wanted in found
    assert other not in found
    requester = asking("ticket", of=me, number=wanted)["requester_id"]
    assert wanted in numbers(me, view="all", requester_id=requester)
    assert numbers(me, view="all", requester_id=str(uuid4())) == []
    assert wanted not in numbers(me, limit=100, states=["open", "reopened"])


def test_addresses_are_masked(receive, asking):
    receive(address="somebody.else@example.com")
    assert "somebody.else" not in str(asking("list_tickets", of=an_actor(), limit=100))


def test_what_has_changed_since_a_place_is_told_and_nothing_is_left_out(receive, asking):
    me = an_actor()
    place = asking("desk_changes", of=me)["after"]
    number = receive()
    ticket = asking("ticket", of=me, number=number)
    asking("add_note", of=me, ticket_id=ticket["ticket_id"], text="x")
    found = asking("desk_changes", of=me, after=place)
    assert number in {each["number"] for each in found["items"]}


@pytest.mark.parametrize("text", ["", "x y", "2026-11-26T02:00:00 1", f"2026-11-26T02:00:00 {UUID(int=0)}"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(NotAPlace):
        place_of(text)


def test_a_place_that_nobody_was_given_is_said_at_its_field(asking):
    with pytest.raises(Refused) as refused:
        asking("list_tickets", of=an_actor(), after=f"2026-99-26T02:00:00+00:00 {UUID(int=0)}")
    assert refused.value.fields == {"after": ["NOT_VALID"]}


@pytest.mark.parametrize(("view", "name"), INDEXES)
def test_each_question_has_its_index(tx, view, name):
    """A page is read from its index in its order: nothing is sorted, and nothing else of the table is looked at."""
    tx.execute("SET LOCAL enable_seqscan = off")
    tx.execute("SET LOCAL enable_bitmapscan = off")
    tx.execute("SET LOCAL enable_sort = off")
    given = {
        "owner_id": uuid4(),
        "category": "crew",
        "channel": "fax",
        "priority": "high",
        "team": "technical",
    }
    asked = Asked(view=view, **({name: given[name]} if name else {}))
    statement, values = TicketListStore(tx).statement(asked, uuid4(), NOW + days(1), None, 25)
    plan = "\n".join(row[0] for row in tx.execute(f"EXPLAIN {statement}", values, prepare=False))
    assert f"using {INDEXES[view, name]} on ticket" in plan
    assert "Filter" not in plan.partition("->  Index Scan")[2].partition("on requester")[0] or view == "all"
