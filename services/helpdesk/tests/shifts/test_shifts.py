"""The roster, and handing over: who may put whom down, and that nobody takes over from themselves."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from helpdesk.deadlines.rules import TAIPEI
from helpdesk.shifts import rules
from helpdesk.shifts.rules import Slot, require_may_change, slot_at
from hypothesis import given
from hypothesis import strategies as st
from mtnet_chassis.rpc.endpoint import Refused
from mtnet_contracts.calls.helpdesk import shifts as calls

from ..builders import an_actor, an_agent

SERVICES = ("helpdesk",)
DAY = date(2026, 11, 26)


def test_the_contract_and_the_rules_name_the_same_shifts():
    assert tuple(rules.BEGINS) == calls.SHIFTS
    assert rules.MOST_ON_SHIFT == calls.MOST_ON_SHIFT


@pytest.mark.parametrize(
    ("clock", "slot"),
    [
        ("2026-11-26T00:00", Slot(DAY, "night")),
        ("2026-11-26T07:59", Slot(DAY, "night")),
        ("2026-11-26T08:00", Slot(DAY, "morning")),
        ("2026-11-26T16:00", Slot(DAY, "evening")),
        ("2026-11-26T23:59", Slot(DAY, "evening")),
    ],
)
def test_the_shift_that_is_on_by_the_clock_of_taipei(clock, slot):
    now = datetime.fromisoformat(clock).replace(tzinfo=TAIPEI)
    assert slot_at(now.astimezone(UTC)) == slot


@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_every_moment_is_in_one_shift_and_the_next_begins_where_it_ends(now):
    slot = slot_at(now)
    assert slot.begins_at <= now < slot.ends_at
    assert slot_at(slot.ends_at).begins_at == slot.ends_at


NOON = datetime(2026, 11, 26, 12, 0, tzinfo=TAIPEI)


def test_agents_put_down_themselves_and_a_lead_puts_down_everybody():
    agent, lead = an_agent(), an_agent(lead=True)
    slot = Slot(DAY, "evening")
    require_may_change(slot, agent.account_id, agent, NOON)
    require_may_change(slot, agent.account_id, lead, NOON)
    with pytest.raises(rules.ShiftOfAnother):
        require_may_change(slot, lead.account_id, agent, NOON)


def test_what_is_over_stays_and_nobody_plans_years_ahead():
    agent = an_agent()
    with pytest.raises(rules.ShiftOver):
        require_may_change(Slot(DAY, "night"), agent.account_id, agent, NOON)
    require_may_change(Slot(DAY, "morning"), agent.account_id, agent, NOON)
    with pytest.raises(rules.ShiftTooFar):
        require_may_change(Slot(DAY + timedelta(days=93), "morning"), agent.account_id, agent, NOON)


# On real PostgreSQL.


def refusal(work):
    with pytest.raises(Refused) as refused:
        work()
    return refused.value.code


def in_days(count):
    return (datetime.now(TAIPEI).date() + timedelta(days=count)).isoformat()


def on(asking, agent, day, shift):
    roster = asking("roster", of=agent, begins=day)
    return [each["name"] for each in roster["items"] if (each["day"], each["shift"]) == (day, shift)]


def test_a_shift_is_taken_and_left_and_twice_is_once(asking):
    agent, day = an_actor(), in_days(20)
    for _ in range(2):
        asking("take_shift", of=agent, day=day, shift="evening")
    assert on(asking, agent, day, "evening") == [agent.display_name]
    for _ in range(2):
        asking("leave_shift", of=agent, day=day, shift="evening")
    assert on(asking, agent, day, "evening") == []


def test_a_lead_puts_down_whoever_works_at_the_desk_and_nobody_else(asking):
    agent, lead = an_actor(), an_actor("helpdesk_lead")
    who = {"day": in_days(21), "shift": "night", "account_id": str(agent.account_id)}
    assert refusal(lambda: asking("take_shift", of=lead, **who)) == "NOT_AN_AGENT"
    asking("desk_people", of=agent)
    asking("take_shift", of=lead, **who)
    assert on(asking, lead, who["day"], "night") == [agent.display_name]
    other = an_actor()
    assert refusal(lambda: asking("leave_shift", of=other, **who)) == "SHIFT_OF_ANOTHER"
    assert asking("roster", of=other)["colleagues"] == []
    colleagues = asking("roster", of=lead)["colleagues"]
    assert str(agent.account_id) in {each["account_id"] for each in colleagues}


def test_a_shift_has_so_many_desks(asking):
    day = in_days(22)
    for _ in range(rules.MOST_ON_SHIFT):
        asking("take_shift", of=an_actor(), day=day, shift="night")
    late = an_actor()
    assert refusal(lambda: asking("take_shift", of=late, day=day, shift="night")) == "SHIFT_FULL"
    assert len(on(asking, late, day, "night")) == rules.MOST_ON_SHIFT


def test_who_is_on_now_is_shown(asking):
    agent, now = an_actor(), asking("roster", of=an_actor())
    asking("take_shift", of=agent, day=now["today"], shift=now["now"])
    roster = asking("roster", of=agent)
    if (roster["today"], roster["now"]) == (now["today"], now["now"]):
        assert [each["mine"] for each in roster["on_now"]].count(True) == 1


def test_a_shift_is_handed_over_with_how_the_desk_stands_and_taken_over_by_another(asking):
    writer, reader = an_actor(), an_actor()
    called = asking("log_call", of=writer, phone="", subject="待回覆的案件", text="請回電", priority="urgent")
    started = datetime.now(UTC).isoformat()
    fault = {
        "title_zh": "登入緩慢",
        "title_en": "Logins are slow",
        "affected_system": "mtnet",
        "severity": "low",
    }
    number = asking("record_fault", of=writer, started_at=started, **fault)["number"]
    situation = asking("situation", of=writer)
    assert situation["open"] >= 1
    written = asking("write_handover", of=writer, key=str(uuid4()), text="請追蹤急件。")
    kept = written["situation"]
    assert number in {each["number"] for each in kept["faults"]}
    named = {each["number"] for each in kept["promised_tickets"] + kept["overdue_tickets"]}
    assert called["number"] in named or kept["promised"] + kept["overdue"] > 20
    position = written["position"]
    assert refusal(lambda: asking("acknowledge_handover", of=writer, position=position)) == "OWN_HANDOVER"
    taken = asking("acknowledge_handover", of=reader, position=position)
    assert (taken["acknowledged_by"], taken["may_acknowledge"]) == (reader.display_name, False)
    again = an_actor()
    assert (
        refusal(lambda: asking("acknowledge_handover", of=again, position=position)) == "ACKNOWLEDGED_ALREADY"
    )
    assert asking("handovers", of=reader)["items"][0]["text"] == "請追蹤急件。"


def test_a_report_that_is_not_there_is_not_taken_over(asking):
    assert (
        refusal(lambda: asking("acknowledge_handover", of=an_actor(), position=2**31 - 1))
        == "HANDOVER_NOT_FOUND"
    )
