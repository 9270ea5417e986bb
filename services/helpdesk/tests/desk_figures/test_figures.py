"""Figures of a day follow what becomes of its tickets, whenever that is; nothing is counted over all tickets."""

from datetime import timedelta
from uuid import uuid4

import pytest
from helpdesk.desk_figures.actions import DAYS_AT_A_TIME, count_days, figures
from helpdesk.desk_figures.rules import Slice
from helpdesk.recording.actions import record_inbound
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import NOW, an_actor, an_inbound, days

SERVICES = ("helpdesk",)
SOON = NOW + days(9)
LEAD, ME = an_actor("helpdesk_lead"), an_actor()


class Figures:
    def __init__(self, asking, transactions):
        self.asking, self.transactions = asking, transactions

    def receive(self, now, **changes):
        inbound = an_inbound(**{"address": f"c-{uuid4().hex}@example.com", "received_at": now} | changes)
        with self.transactions.transaction() as tx:
            return record_inbound(tx, Outbox(tx), inbound, now)

    def count(self, now=SOON):
        with self.transactions.transaction() as tx:
            return count_days(tx, now)

    def of(self, now, until=None, **chosen):
        self.count()
        asked = {"from_day": taipei_day(now).isoformat(), "to_day": taipei_day(until or now).isoformat()}
        return self.asking("desk_figures", of=LEAD, **asked, **chosen)

    def change(self, ticket_id, **changes):
        self.asking("change_ticket", of=ME, ticket_id=str(ticket_id), changes=changes)


@pytest.fixture
def desk(asking, transactions):
    return Figures(asking, transactions)


@pytest.fixture
def now(request):
    """A day of its own for each test; 10:00 in Taipei."""
    return NOW - days(1 + sum(request.node.name.encode()) % 700)


def test_a_day_is_told_by_channel_and_hour_system_and_team(desk, now):
    desk.receive(now, category="crew")
    desk.receive(
        now + timedelta(hours=3), channel="fax", address=f"+8862{uuid4().int % 10**8:08}", category="crew"
    )
    desk.receive(now, spam=True)
    found = desk.of(now)
    assert found["current"]
    assert (found["total"]["opened"], found["total"]["answered"]) == (2, 0)
    hours = {each["channel"]: each["opened"] for each in found["hours"]}
    assert (hours["email"][10], hours["fax"][13], sum(map(sum, hours.values()))) == (1, 1, 2)
    assert [(each["code"], each["opened"]) for each in found["categories"]] == [("crew", 2)]
    assert {each["code"]: each["opened"] for each in found["channels"]} == {"email": 1, "fax": 1}
    assert desk.of(now, channel="fax", category="crew", team="first_line")["total"]["opened"] == 1
    assert desk.of(now, category="none")["total"]["opened"] == 0


def test_what_becomes_of_a_ticket_later_counts_on_the_day_it_was_opened(desk, now, rows):
    recorded = desk.receive(now)
    assert desk.of(now)["total"]["opened"] == 1
    ticket = desk.asking("ticket", of=ME, number=recorded.number)
    desk.asking(
        "answer_ticket", of=ME, key=str(uuid4()), ticket_id=ticket["ticket_id"], version=ticket["version"],
        text="請再試一次。", then="resolved",
    )  # fmt: skip
    rows(
        "UPDATE ticket SET first_answered_at = %s, resolved_at = %s, satisfaction = 4 WHERE ticket_id = %s"
        " RETURNING 1",
        now + timedelta(hours=1),
        now + timedelta(hours=5),
        recorded.ticket_id,
    )
    found = desk.of(now)["total"]
    assert (found["answered"], found["answered_in_time"], found["solved"], found["solved_in_time"]) == (
        1,
        1,
        1,
        1,
    )
    assert found["first_answer_median"] == pytest.approx(3600, rel=0.15)
    assert found["solution_most"] == pytest.approx(5 * 3600, rel=0.15)
    assert (found["rated"], found["points"]) == (1, 4)
    desk.change(recorded.ticket_id, category="vessels", team="technical")
    assert [each["code"] for each in desk.of(now)["categories"]] == ["vessels"]
    desk.change(recorded.ticket_id, spam=True)
    assert desk.of(now)["total"]["opened"] == 0


def test_what_is_past_its_deadline_and_waits_is_missed_at_once(desk, now, transactions, rows):
    def told(at, **chosen):
        with transactions.transaction() as tx:
            found = figures(tx, Slice(**chosen), taipei_day(now), taipei_day(now), at)["total"]
        return found["opened"], found["unanswered_late"], found["unsolved_late"]

    recorded = desk.receive(now, category="crew")
    desk.receive(now, spam=True)
    desk.count()
    [(answer_due, solution_due)] = rows(
        "SELECT first_answer_due_at, solution_due_at FROM ticket WHERE ticket_id = %s", recorded.ticket_id
    )
    second = timedelta(seconds=1)
    assert told(answer_due - second) == (1, 0, 0)
    assert told(answer_due) == (1, 1, 0)
    assert told(solution_due) == told(solution_due, category="crew") == (1, 1, 1)
    assert told(solution_due, category="none") == (0, 0, 0)
    assert desk.of(now)["categories"][0]["unanswered_late"] == 1
    rows(
        "UPDATE ticket SET paused_at = created_at, state = 'waiting_customer' WHERE ticket_id = %s RETURNING 1",
        recorded.ticket_id,
    )
    assert told(solution_due) == (1, 1, 0)
    ticket = desk.asking("ticket", of=ME, number=recorded.number)
    desk.asking(
        "answer_ticket", of=ME, key=str(uuid4()), ticket_id=ticket["ticket_id"], version=ticket["version"],
        text="請再試一次。", then="resolved",
    )  # fmt: skip
    assert desk.of(now)["total"]["unanswered_late"] == desk.of(now)["total"]["unsolved_late"] == 0


def test_days_without_anything_are_there_and_the_others_are_added_up(desk, now):
    for days_later in (0, 0, 2):
        desk.receive(now + days(days_later), channel="line", address=f"U{uuid4().hex}")
    found = desk.of(now, now + days(2), channel="line")
    assert [each["opened"] for each in found["days"]] == [2, 0, 1]
    assert found["total"]["opened"] == 3
    assert [each["channel"] for each in found["hours"]] == ["line"]


def test_a_day_that_is_not_counted_yet_is_said_and_an_old_one_stays_as_it_was_counted(
    desk, now, transactions
):
    recorded = desk.receive(now)
    asked = {"from_day": taipei_day(now).isoformat(), "to_day": taipei_day(now).isoformat()}
    assert not desk.asking("desk_figures", of=LEAD, **asked)["current"]
    desk.of(now)
    with transactions.transaction() as tx:
        tx.execute("UPDATE ticket SET category = 'crew' WHERE ticket_id = %s", (recorded.ticket_id,))
    assert desk.count(now + days(4 * 365)) == 1
    assert [each["code"] for each in desk.of(now)["categories"]] == ["none"]


def test_days_are_counted_a_number_at_a_time_the_newest_first(desk, transactions, rows):
    desk.count()
    with transactions.transaction() as tx:
        tx.execute(
            "INSERT INTO desk_day_touched (day) SELECT date '2020-01-01' + n FROM generate_series(1, %s) n,"
            " generate_series(1, 3)",
            (DAYS_AT_A_TIME + 5,),
        )
    assert desk.count() == DAYS_AT_A_TIME
    assert rows("SELECT count(DISTINCT day), max(day)::text FROM desk_day_touched") == [(5, "2020-01-06")]
    assert desk.count() == 5


def test_days_in_the_wrong_order_are_refused_at_their_field(desk):
    with pytest.raises(Refused) as refused:
        desk.asking("desk_figures", of=LEAD, from_day="2026-11-26", to_day="2026-11-25")
    assert refused.value.fields == {"to_day": ["DAYS_NOT_VALID"]}
