"""Cases on real PostgreSQL: opened on what accounts signed, checked, decided once, told to others once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from helpdesk.reactivations import endpoints
from helpdesk.reactivations.rules import CHECKS
from helpdesk.recording.actions import record_inbound
from mtnet_chassis.events.outbox import Outbox
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_chassis.rpc.statements import AccountStatement, StatementSigner, StatementVerifier
from mtnet_contracts.vocabulary.dates import taipei_day

from ..builders import KEY, NOW, an_actor, an_inbound

SERVICES = ("helpdesk",)
LETTER = list(CHECKS["letter"])


@pytest.fixture(autouse=True)
def _accounts_key(monkeypatch):
    verifier = StatementVerifier(KEY.public_key().public_bytes_raw())
    monkeypatch.setattr(endpoints, "_statements", lambda: verifier)


@pytest.fixture
def rows(transactions):
    def rows(sql, *values):
        with transactions.transaction() as tx:
            cursor = tx.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    return rows


@pytest.fixture
def told(rows):
    """What was announced about a case, but for the audit log."""
    return lambda number: rows(
        "SELECT o.name, o.payload::jsonb FROM outbox o JOIN reactivation_case c"
        " ON o.payload::jsonb ->> 'reactivation_id' = c.reactivation_id::text WHERE c.number = %s",
        number,
    )


def an_agent(number=1, **changes):
    return an_actor(
        "helpdesk_agent", account_name=f"helpdesk{number}", person_key=f"key-{uuid4()}", **changes
    )


def stated(to, **changes):
    made = AccountStatement(
        account_id=uuid4(),
        account_name="carrier2026",
        name="海運業務承辦人",
        state="disabled",
        organisation_name="某航運公司",
        person_key=f"key-{uuid4()}",
        told_to=to.account_id,
        expires_at=datetime.now(UTC) + timedelta(minutes=2),
    )
    return replace(made, **changes)


@pytest.fixture
def begin(asking):
    """`begin(agent, statement=…, evidence=…)`: the case."""

    def begin(agent, statement=None, signed=None, **changes):
        statement = statement or stated(agent)
        request = {
            "account_name": statement.account_name,
            "statement": StatementSigner(KEY.private_bytes_raw()).sign(statement)
            if signed is None
            else signed,
            "evidence": "letter",
            "reference": "航港字第 1140000001 號",
            "received_on": taipei_day(datetime.now(UTC)).isoformat(),
        }
        return asking("open_reactivation", of=agent, **(request | changes))

    return begin


def refusal(work):
    with pytest.raises(Refused) as refused:
        work()
    return refused.value.code


def test_two_agents_reactivate_and_accounts_is_told_once(asking, begin, told):
    first, second = an_agent(1), an_agent(2)
    case = begin(first)
    number = case["number"]
    assert (case["state"], case["can"], case["organisation_name"]) == (
        "open",
        ["check", "refuse"],
        "某航運公司",
    )
    case = asking(
        "check_reactivation", of=first, number=number, version=1, checks=LETTER, reason="印信與檔案相符"
    )
    assert (case["state"], case["can"]) == ("checked", ["refuse"])
    decide = {"number": number, "version": 2, "checks": LETTER}
    assert refusal(lambda: asking("approve_reactivation", of=first, **decide)) == "SECOND_PERSON_NEEDED"
    assert told(number) == []
    for _ in range(2):
        case = asking("approve_reactivation", of=second, key="once", **decide)
    assert (case["state"], case["can"]) == ("approved", [])
    ((name, event),) = told(number)
    assert name == "ReactivationApproved"
    assert (event["checked_by"], event["approved_by"]) == ("helpdesk1", "helpdesk2")
    assert (event["reason"], event["evidence_reference"]) == ("印信與檔案相符", "航港字第 1140000001 號")


def test_a_refusal_is_told_with_its_reason(asking, begin, told):
    case = begin(an_agent(1))
    wanted = {"number": case["number"], "version": 1, "refusal_reason": "incomplete", "note": "請補蓋印信"}
    assert asking("refuse_reactivation", of=an_agent(2), **wanted)["refusal_note"] == "請補蓋印信"
    ((name, event),) = told(case["number"])
    assert (name, event["reason"], event["note"]) == ("ReactivationRefused", "incomplete", "請補蓋印信")


def test_every_step_stands_in_the_audit_log_with_the_account(asking, begin, rows):
    first = an_agent(1)
    statement = stated(first)
    number = begin(first, statement)["number"]
    asking("check_reactivation", of=first, number=number, version=1, checks=LETTER, reason="相符")
    asking("approve_reactivation", of=an_agent(2), number=number, version=2, checks=LETTER)
    acts = rows(
        "SELECT payload::jsonb ->> 'action' FROM outbox WHERE name = 'DeskActed'"
        " AND payload::jsonb ->> 'subject_id' = %s ORDER BY position",
        str(statement.account_id),
    )
    assert [act for (act,) in acts] == [
        "reactivation_opened",
        "reactivation_checked",
        "reactivation_approved",
    ]


def test_only_what_accounts_signed_about_this_account_counts(asking, begin):
    agent = an_agent()
    assert refusal(lambda: begin(agent, account_name="somebody2026")) == "STATEMENT_NOT_VALID"
    forged = StatementSigner(bytes(32)).sign(stated(agent))
    said = [
        refusal(lambda each=each: begin(agent, stated(agent), signed=each))
        for each in ("", "abc.def", forged)
    ]
    assert said == ["STATEMENT_NOT_VALID"] * 3


def test_what_accounts_told_somebody_else_or_long_ago_does_not_count(begin):
    agent, other = an_agent(1), an_agent(2)
    assert refusal(lambda: begin(agent, stated(other))) == "STATEMENT_NOT_VALID"
    old = stated(agent, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert refusal(lambda: begin(agent, old)) == "STATEMENT_NOT_VALID"


def test_nobody_begins_their_own_case_also_not_by_another_account(begin):
    agent = an_agent()
    assert refusal(lambda: begin(agent, stated(agent, account_id=agent.account_id))) == "OWN_REACTIVATION"
    assert refusal(lambda: begin(agent, stated(agent, person_key=agent.person_key))) == "OWN_REACTIVATION"


def test_an_account_has_one_case_at_a_time_and_another_after_a_refusal(asking, begin):
    agent = an_agent(1)
    statement = stated(agent)
    first = begin(agent, statement)
    with pytest.raises(Refused) as refused:
        begin(agent, statement)
    assert (refused.value.code, refused.value.detail) == ("REACTIVATION_OPEN", {"number": first["number"]})
    wanted = {"version": 1, "refusal_reason": "no_answer", "note": "電話無人接聽"}
    asking("refuse_reactivation", of=agent, number=first["number"], **wanted)
    assert begin(agent, statement)["state"] == "open"


def test_evidence_of_a_fax_lies_in_a_ticket_that_is_there(begin, transactions):
    agent = an_agent()
    assert refusal(lambda: begin(agent, evidence="fax", reference="HD2020-000001")) == "TICKET_NOT_FOUND"
    with transactions.transaction() as tx:
        inbound = an_inbound(channel="fax", address="+886281927019", item_id=uuid4())
        recorded = record_inbound(tx, Outbox(tx), inbound, NOW)
    assert begin(agent, evidence="fax", reference=recorded.number.lower())["reference"] == recorded.number


def test_evidence_of_tomorrow_is_not_here_yet(begin):
    tomorrow = taipei_day(datetime.now(UTC)) + timedelta(days=1)
    assert refusal(lambda: begin(an_agent(), received_on=tomorrow.isoformat())) == "DAY_TO_COME"


def test_both_lists_are_paged_newest_first(asking, begin):
    agent = an_agent()
    numbers = [begin(agent)["number"] for _ in range(3)]
    page = asking("reactivations", of=agent, limit=2)
    assert [row["number"] for row in page["items"]] == numbers[:0:-1]
    rest = asking("reactivations", of=agent, limit=2, before=page["next_before"])
    assert rest["items"][0]["number"] == numbers[0]
    decided = asking("reactivations", of=agent, tab="decided", limit=50)["items"]
    assert not set(numbers) & {row["number"] for row in decided}


def test_the_database_itself_keeps_one_person_from_deciding_alone(asking, begin, rows):
    agent = an_agent()
    number = begin(agent)["number"]
    asking("check_reactivation", of=agent, number=number, version=1, checks=LETTER, reason="相符")
    with pytest.raises(psycopg.errors.CheckViolation):
        rows(
            "UPDATE reactivation_case SET state = 'approved', decided_at = now(),"
            " decided_by_account_id = checked_by_account_id WHERE number = %s",
            number,
        )


def test_a_case_that_is_not_there_is_not_found(asking):
    assert (
        refusal(lambda: asking("reactivation", of=an_agent(), number="RA2020-000001"))
        == "REACTIVATION_NOT_FOUND"
    )


@pytest.fixture
def evidence(transactions):
    """`evidence()`: the number of a ticket that a fax opened."""

    def evidence(**changes):
        fax = {"channel": "fax", "address": f"+8862{uuid4().int % 10**8:08}"}
        with transactions.transaction() as tx:
            return record_inbound(tx, Outbox(tx), an_inbound(**fax | changes), NOW).number

    return evidence


@pytest.mark.parametrize("approved", [True, False])
def test_a_ticket_with_evidence_says_how_the_case_stands_and_is_the_desk_s_once_it_is_decided(
    asking, begin, evidence, approved
):
    first, second, ticket = an_agent(1), an_agent(2), evidence()
    view = asking("ticket", of=first, number=ticket)
    case = begin(first, evidence="fax", reference=ticket)
    waits = {"version": view["version"], "changes": {"state": "waiting_third_party"}}
    asking("change_ticket", of=first, ticket_id=view["ticket_id"], **waits)
    of_ticket = {"of": first, "ticket_id": view["ticket_id"]}
    checks = list(CHECKS["fax"])
    if approved:
        checked = {"number": case["number"], "version": 1, "checks": checks, "reason": "以登記電話回撥確認"}
        asking("check_reactivation", of=first, **checked)
        asking("approve_reactivation", of=second, number=case["number"], version=2, checks=checks)
    else:
        refused = {"version": 1, "refusal_reason": "incomplete", "note": "請補蓋印信"}
        asking("refuse_reactivation", of=second, number=case["number"], **refused)
    (row,) = asking("reactivations_of_ticket", **of_ticket)["items"]
    outcome = "approved" if approved else "refused"
    assert (row["number"], row["state"]) == (case["number"], outcome)
    after = asking("ticket", of=first, number=ticket)
    noted = [
        (change["field"], change["after"])
        for entry in after["entries"]
        for change in entry["changes"]
        if change["field"].startswith("reactivation")
    ]
    assert noted == [("reactivation_begun", case["number"]), (f"reactivation_{outcome}", case["number"])]
    assert after["state"] == "open"
    assert "請補蓋印信" not in str(after), "the note is for the holder, who need not be the writer"


def test_a_case_is_found_from_the_ticket_into_which_its_own_was_merged(asking, begin, evidence):
    agent, ticket, other = an_agent(), evidence(), evidence(channel="email", address="clerk@example.com")
    case = begin(agent, evidence="fax", reference=ticket)
    root, merged = (asking("ticket", of=agent, number=each) for each in (other, ticket))
    asking("merge_ticket", of=agent, ticket_id=merged["ticket_id"], other=other)
    seen = [
        asking("reactivations_of_ticket", of=agent, ticket_id=each["ticket_id"])["items"]
        for each in (root, merged)
    ]
    assert [each["number"] for found in seen for each in found] == [case["number"]] * 2


def test_a_solved_ticket_stays_solved_and_one_that_is_forgotten_is_no_matter(asking, begin, evidence, rows):
    first, ticket = an_agent(1), evidence()
    view = asking("ticket", of=first, number=ticket)
    case = begin(first, evidence="fax", reference=ticket)
    solved = {"version": view["version"], "changes": {"state": "resolved"}}
    asking("change_ticket", of=first, ticket_id=view["ticket_id"], **solved)
    refused = {"refusal_reason": "incomplete", "note": "請補蓋印信"}
    asking("refuse_reactivation", of=an_agent(2), number=case["number"], version=1, **refused)
    assert asking("ticket", of=first, number=ticket)["state"] == "resolved"
    gone = begin(first, evidence="fax", reference=ticket)
    rows("UPDATE reactivation_case SET reference = 'HD2020-000001' WHERE number = %s", gone["number"])
    done = asking("refuse_reactivation", of=an_agent(2), number=gone["number"], version=1, **refused)
    assert done["state"] == "refused"
