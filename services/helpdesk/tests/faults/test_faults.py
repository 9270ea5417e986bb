"""An incident on real PostgreSQL: reported on every channel, announced, told to each, solved with one solution."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from helpdesk.faults import alike, shapes
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.helpdesk import faults as calls
from mtnet_contracts.calls.helpdesk.faults import MOST_ADDED

from .conftest import AGENT, SAID, SOLVED, SUBJECTS

SERVICES = ("helpdesk",)


def refusal(work):
    with pytest.raises(Refused) as refused:
        work()
    return refused.value.code


def test_an_incident_of_five_reporters_from_the_first_report_to_the_solution(
    ask, record, five, answered, rows
):
    fault = record(five)
    assert (fault["tickets"], fault["left_out"]) == (5, [])
    number = fault["number"]
    told = ask("announce_fault", number=number, version=1, **SAID)
    assert (told["tickets"], told["left_out"]) == (5, [])
    out = answered(five)
    assert sorted((channel, locale) for channel, locale, *_ in out) == [
        ("email", "en"),
        ("email", "zh-Hant"),
        ("email", "zh-Hant"),
        ("fax", "zh-Hant"),
        ("line", "zh-Hant"),
    ]
    assert {text for _, locale, text, _ in out if locale == "en"} == {
        "We are working on it.\n\nSend what is urgent by fax."
    }
    assert all(text == "我們正在處理。\n\n急件請改用傳真。" for _, locale, text, _ in out if locale != "en")
    view = ask("fault", number=number)
    assert {ticket["state"] for ticket in view["tickets"]} == {"open"}
    assert all(ticket["told_at"] for ticket in view["tickets"])

    done = ask("resolve_fault", number=number, version=told["version"], cause="磁碟滿", **SOLVED)
    assert (done["tickets"], done["left_out"]) == (5, [])
    view = ask("fault", number=number)
    assert {ticket["state"] for ticket in view["tickets"]} == {"resolved"}
    assert [update["kind"] for update in view["updates"]] == ["resolved", "announced"]
    assert (view["cause"], view["similar"]) == ("磁碟滿", [])
    assert [rate for *_, rate in answered(five)[5:]] == ["true"] * 5
    assert {text for _, locale, text, _ in answered(five)[5:] if locale == "en"} == {SOLVED["solution_en"]}
    events = rows(
        "SELECT name FROM outbox WHERE payload::jsonb ->> 'number' = %s AND name LIKE 'Fault%%' ORDER BY position",
        number,
    )
    assert events == [("FaultAnnounced",), ("FaultResolved",)]


def test_what_is_told_stands_in_the_thread_of_each_and_is_sent_from_there(ask, record, five, rows):
    number = record(five)["number"]
    ask("announce_fault", number=number, version=1, **SAID)
    entries = rows(
        "SELECT kind, delivery, author_name FROM entry WHERE ticket_id = ANY(%s::uuid[]) AND kind = 'answer'",
        five,
    )
    assert entries == [("answer", "sending", AGENT.display_name)] * 5


def test_similar_tickets_are_suggested_as_one_group_until_they_are_sorted(ask, record, five):
    def grouped():
        groups = ask("incidents")["groups"]
        return [group for group in groups if set(five) <= {t["ticket_id"] for t in group["tickets"]}]

    assert grouped()
    number = record()["number"]
    assert set(five) <= {t["ticket_id"] for t in ask("fault", number=number)["similar"]}
    ask("add_reports", number=number, ticket_ids=five)
    assert not grouped()
    assert not set(five) & {t["ticket_id"] for t in ask("fault", number=number)["similar"]}
    assert number in {fault["number"] for fault in ask("incidents")["running"]}


def test_what_was_not_compared_is_counted_and_has_its_turn(ask, record, five, monkeypatch):
    """During an incident the newest are sorted out already: those before them must not be forgotten."""
    monkeypatch.setattr(shapes, "MOST_COMPARED", 3)
    monkeypatch.setattr(shapes, "MOST_SIMILAR", 2)
    monkeypatch.setattr(alike, "MOST_COMPARED_WITH_ONE", 4)
    before = ask("incidents")
    assert (before["compared"], before["unsorted"]) == (3, before["unsorted"])
    assert before["unsorted"] >= len(five)
    number = record()["number"]
    shown = ask("fault", number=number)
    assert (len(shown["similar"]), shown["alike"], shown["compared"]) == (2, 4, 4)
    seen = set()
    while similar := ask("fault", number=number)["similar"]:
        ids = [each["ticket_id"] for each in similar]
        assert not seen & set(ids)
        seen |= set(ids)
        ask("add_reports", number=number, ticket_ids=ids)
    assert set(five) <= seen
    assert ask("incidents")["unsorted"] == before["unsorted"] - len(seen)


def test_all_that_read_alike_are_added_at_once_however_many_a_page_shows(ask, record, five, monkeypatch):
    monkeypatch.setattr(shapes, "MOST_SIMILAR", 2)
    number = record()["number"]
    shown = ask("fault", number=number)
    assert (len(shown["similar"]), shown["alike"] >= len(five)) == (2, True)
    assert ask("add_reports", number=number, ticket_ids=[], every_alike=True)["tickets"] == shown["alike"]
    after = ask("fault", number=number)
    assert (after["alike"], after["reports"]) == (0, shown["alike"])
    assert set(five) <= {each["ticket_id"] for each in after["tickets"]}


def test_what_reads_otherwise_is_added_by_its_number(ask, record, receive, answered, rows):
    number = record()["number"]
    ask("announce_fault", number=number, version=1, **SAID)
    fax = receive(subject="", text="", channel="fax", address=f"+8862{uuid4().int % 10**8:08}")
    ((written,),) = rows("SELECT number FROM ticket WHERE ticket_id = %s", fax.ticket_id)
    assert str(fax.ticket_id) not in {t["ticket_id"] for t in ask("fault", number=number)["similar"]}
    assert ask("add_reports", number=number, ticket_ids=[], numbers=[written], tell=True)["tickets"] == 1
    ((channel, _, text, _),) = answered([str(fax.ticket_id)])
    assert (channel, text) == ("fax", "我們正在處理。\n\n急件請改用傳真。")
    for numbers in (["HD2020-999999999"], [written, "HD2020-999999999"]):
        unknown = {"number": number, "ticket_ids": [], "numbers": numbers}
        assert refusal(lambda unknown=unknown: ask("add_reports", **unknown)) == "TICKET_NOT_FOUND"
    many = [f"HD2020-{each:09}" for each in range(MOST_ADDED + 1)]
    assert refusal(lambda: ask("add_reports", number=number, ticket_ids=[], numbers=many)) == "INVALID"
    assert refusal(lambda: ask("add_reports", number=number, ticket_ids=[])) == "INVALID"


def test_who_reports_later_is_told_what_was_said_last(ask, record, receive, answered):
    number = record()["number"]
    ask("announce_fault", number=number, version=1, **SAID)
    late = str(receive(subject=SUBJECTS[0]).ticket_id)
    ask("add_reports", number=number, ticket_ids=[late], tell=True)
    ((channel, _, text, _),) = answered([late])
    assert (channel, text) == ("email", "我們正在處理。\n\n急件請改用傳真。")


def test_a_caller_who_left_no_address_is_named_and_not_lost(ask, record, answered):
    called = ask("log_call", phone="", name="", subject="進港申請", text="無法送出")
    number = record([str(called["ticket_id"])])["number"]
    told = ask("announce_fault", number=number, version=1, **SAID)
    assert (told["tickets"], told["left_out"]) == (0, [called["number"]])
    assert answered([str(called["ticket_id"])]) == []


def test_a_ticket_is_about_one_fault_at_a_time_and_after_that_about_another(ask, record, receive):
    ticket = str(receive(subject=SUBJECTS[0]).ticket_id)
    first, second = record([ticket]), record()
    added = ask("add_reports", number=second["number"], ticket_ids=[ticket])
    assert (added["tickets"], len(added["left_out"])) == (0, 1)
    ask("resolve_fault", number=first["number"], version=1, **SOLVED)
    assert ask("add_reports", number=second["number"], ticket_ids=[ticket])["tickets"] == 1


def test_a_ticket_that_was_taken_away_is_not_told(ask, record, receive, answered):
    ticket = str(receive(subject=SUBJECTS[0]).ticket_id)
    number = record([ticket])["number"]
    for _ in range(2):
        ask("remove_report", number=number, ticket_id=ticket)
    ask("announce_fault", number=number, version=1, **SAID)
    assert answered([ticket]) == []


def test_whose_ticket_was_solved_before_is_told_and_it_stays_solved(ask, record, receive, answered, rows):
    recorded = receive(subject=SUBJECTS[0])
    ask("change_ticket", ticket_id=str(recorded.ticket_id), changes={"state": "resolved"})
    number = record([str(recorded.ticket_id)])["number"]
    ask("resolve_fault", number=number, version=1, **SOLVED)
    assert len(answered([str(recorded.ticket_id)])) == 1
    assert rows("SELECT state FROM ticket WHERE ticket_id = %s", recorded.ticket_id) == [("resolved",)]


def test_sending_the_form_twice_tells_once(asking, ask, record, receive, answered):
    ticket = str(receive(subject=SUBJECTS[0]).ticket_id)
    number = record([ticket])["number"]
    for _ in range(2):
        asking("announce_fault", of=AGENT, key="twice", number=number, version=1, **SAID)
    assert len(answered([ticket])) == 1


def test_what_is_solved_stays_as_it_is(ask, record):
    number = record()["number"]
    version = ask("resolve_fault", number=number, version=1, **SOLVED)["version"]
    for work in (
        lambda: ask("announce_fault", number=number, version=version, **SAID),
        lambda: ask("resolve_fault", number=number, version=version, **SOLVED),
        lambda: ask("add_reports", number=number, ticket_ids=[str(uuid4())]),
    ):
        assert refusal(work) == "FAULT_RESOLVED"


def test_a_fault_that_a_colleague_changed_is_not_announced_unseen(ask, record):
    fault = record()
    view = ask("fault", number=fault["number"])
    fields = {name: view[name] for name in calls.FaultFields().fields} | {"severity": "critical"}
    assert ask("change_fault", number=fault["number"], version=1, **fields)["version"] == 2
    assert (
        refusal(lambda: ask("announce_fault", number=fault["number"], version=1, **SAID)) == "FAULT_CHANGED"
    )
    assert ask("faults")["items"][0]["severity"] == "critical", "worst first"


def test_a_fault_has_begun_when_it_is_recorded(record):
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert refusal(lambda: record(started_at=later)) == "STARTS_LATER"


def test_a_fault_takes_no_more_reports_than_can_be_told_at_once(ask, record, receive, monkeypatch):
    monkeypatch.setattr("helpdesk.faults.actions.MOST_REPORTS", 1)
    tickets = [str(receive(subject=SUBJECTS[0]).ticket_id) for _ in range(2)]
    assert refusal(lambda: record(tickets)) == "TOO_MANY_REPORTS"


def test_solved_faults_are_paged_newest_first(ask, record):
    numbers = [record()["number"] for _ in range(3)]
    for number in numbers:
        ask("resolve_fault", number=number, version=1, **SOLVED)
    page = ask("faults", tab="resolved", limit=2)
    assert [row["number"] for row in page["items"]] == numbers[:0:-1]
    assert (
        ask("faults", tab="resolved", limit=2, before=page["next_before"])["items"][0]["number"] == numbers[0]
    )


def test_the_questions_are_answered_from_indexes(tx):
    tx.execute("SET LOCAL enable_seqscan = off")
    for sql in (
        "SELECT 1 FROM fault WHERE resolved_at IS NULL ORDER BY position",
        "SELECT 1 FROM fault_ticket WHERE fault_id = gen_random_uuid() ORDER BY added_at DESC",
        "SELECT 1 FROM fault_update WHERE fault_id = gen_random_uuid() ORDER BY position DESC",
        "SELECT 1 FROM reactivation_case WHERE state IN ('open', 'checked') ORDER BY position DESC LIMIT 25",
    ):
        plan = "\n".join(row[0] for row in tx.execute(f"EXPLAIN {sql}").fetchall())
        assert "Seq Scan" not in plan, plan


def test_a_fault_is_not_solved_without_a_solution(tx):
    with pytest.raises(psycopg.errors.CheckViolation):
        tx.execute(
            "INSERT INTO fault (fault_id, number, title_zh, title_en, affected_system, severity, started_at,"
            " recorded_at, recorded_by, resolved_at) VALUES"
            " (gen_random_uuid(), 'F1', 'a', 'a', 'crew', 'low', now(), now(), '', now())"
        )
