"""Many reporters are told a part at a time: nobody is left out, nobody is told twice, whatever ends in between."""

from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from helpdesk.faults import telling
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused

from .conftest import SAID, SOLVED

SERVICES = ("helpdesk",)
pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def two_at_a_time(monkeypatch, rows):
    monkeypatch.setattr(telling, "PART", 2)
    rows("DELETE FROM fault_message")


@pytest.fixture
def tell_on(transactions):
    """The next part, as the timer tells it. `dies`: the process ends before the commit."""

    def tell_on(*, dies=False):
        with transactions.transaction() as tx:
            more = telling.tell_on(tx, Outbox(tx), datetime.now(UTC))
            if dies:
                raise Died
            return more

    return tell_on


class Died(Exception):
    pass


def states(rows, ticket_ids):
    return {
        state
        for (state,) in rows("SELECT state FROM ticket WHERE ticket_id = ANY(%s::uuid[])", list(ticket_ids))
    }


def test_the_rest_is_told_by_the_timer(ask, record, five, answered, tell_on, rows):
    fault = record(five)
    told = ask("resolve_fault", number=fault["number"], version=fault["version"], cause="", **SOLVED)
    assert told["tickets"] == 5, "all of them are said to be on their way"
    assert len(answered(five)) == 2
    assert [tell_on(), tell_on(), tell_on()] == [True, True, False], "two, and one; then nothing is left"
    assert len(answered(five)) == 5
    assert states(rows, five) == {"resolved"}
    assert rows("SELECT count(*) FROM fault_message") == [(0,)]


def test_a_process_that_dies_in_a_part_loses_and_repeats_nothing(ask, record, five, answered, tell_on):
    fault = record(five)
    ask("resolve_fault", number=fault["number"], version=fault["version"], cause="", **SOLVED)
    for _ in range(2):
        with pytest.raises(Died):
            tell_on(dies=True)
        assert len(answered(five)) == 2
    while tell_on():
        pass
    found = answered(five)
    assert len(found) == 5
    assert {channel for channel, *_ in found} == {"email", "fax", "line"}


def test_what_was_said_first_arrives_first(ask, record, five, answered, tell_on):
    fault = record(five)
    ask("announce_fault", number=fault["number"], version=fault["version"], tell=True, **SAID)
    version = ask("fault", number=fault["number"])["version"]
    ask("resolve_fault", number=fault["number"], version=version, cause="", **SOLVED)
    while tell_on():
        pass
    texts = [text for _, locale, text, _ in answered(five) if locale == "zh-Hant"]
    said = ["我們正在處理" in text for text in texts]
    assert said == sorted(said, reverse=True), "the announcement before the solution"
    assert len(answered(five)) == 10


@pytest.fixture
def fails(monkeypatch):
    """One ticket that nothing can be told to."""
    failing = set()
    answer_many = telling.tickets.answer_many

    def answer(tx, outbox, agent, ticket_ids, *more):
        if failing & {str(each) for each in ticket_ids}:
            tx.execute("SELECT 1 / 0")
        return answer_many(tx, outbox, agent, ticket_ids, *more)

    monkeypatch.setattr(telling.tickets, "answer_many", answer)
    return failing


def test_one_that_fails_holds_up_nobody_and_is_tried_again(
    ask, record, five, receive, answered, tell_on, fails, rows
):
    fails.add(five[3])
    fault = record(five)
    ask("announce_fault", number=fault["number"], version=fault["version"], tell=True, **SAID)
    version = ask("fault", number=fault["number"])["version"]
    ask("resolve_fault", number=fault["number"], version=version, cause="", **SOLVED)
    other = record([str(receive(subject="查詢帳單").ticket_id)], title_zh="帳單查詢中斷")
    ask("resolve_fault", number=other["number"], version=other["version"], cause="", **SOLVED)
    while tell_on():
        pass
    rest = [each for each in five if each != five[3]]
    assert len(answered(rest)) == 8
    assert answered([five[3]]) == []
    seen = ask("fault", number=fault["number"])
    assert (seen["to_tell"], seen["failing"]) == (1, 1)
    assert ask("fault", number=other["number"])["to_tell"] == 0
    fails.clear()
    assert not tell_on(), "not before its time"
    rows("UPDATE fault_to_tell SET next_try_at = now() WHERE tries > 0")
    while tell_on():
        pass
    texts = [text for _, _, text, _ in answered([five[3]])]
    assert ["我們正在處理" in text for text in texts] == [True, False], "in the order in which they were said"
    assert rows("SELECT count(*) FROM fault_message") == [(0,)]


def test_what_fails_when_it_is_announced_does_not_undo_the_announcement(
    ask, record, five, answered, tell_on, fails
):
    fails.add(five[0])
    fault = record(five)
    ask("announce_fault", number=fault["number"], version=fault["version"], tell=True, **SAID)
    while tell_on():
        pass
    assert len(answered(five)) == 4
    assert ask("fault", number=fault["number"])["failing"] == 1


def test_two_who_resolve_at_once_tell_once(ask, record, five, answered, tell_on):
    fault = record(five)
    outcomes, start = [], Barrier(2)

    def resolve():
        start.wait()
        try:
            ask("resolve_fault", number=fault["number"], version=fault["version"], cause="", **SOLVED)
            outcomes.append("done")
        except Refused as refused:
            outcomes.append(refused.code)

    both = [Thread(target=resolve) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(60)
    assert sorted(outcomes)[-1] == "done"
    assert sorted(outcomes)[0] in ("FAULT_CHANGED", "FAULT_RESOLVED")
    while tell_on():
        pass
    assert len(answered(five)) == 5
