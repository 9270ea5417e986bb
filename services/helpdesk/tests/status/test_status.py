"""What everybody may know: announced faults alone, how the systems are, and nothing of the desk's own."""

from datetime import UTC, datetime, timedelta

import pytest
from helpdesk.faults.rules import Fault
from helpdesk.status.rules import state_of, worst_first

from ..builders import NOW, an_actor

SERVICES = ("helpdesk",)
# Longer than a slow run of all tests takes.
AGENT = an_actor(expires_at=datetime.now(UTC) + timedelta(days=1))


def a_fault(severity, system="crew", **changes):
    values = {
        "title_zh": "障礙",
        "title_en": "Fault",
        "started_at": NOW,
        "recorded_at": NOW,
        "recorded_by": "客服",
    }
    return Fault(
        fault_id=changes.pop("fault_id", None),
        number="F2026-000001",
        affected_system=system,
        severity=severity,
        **(values | changes),
    )


@pytest.mark.parametrize(
    ("severities", "state"),
    [
        ([], "working"),
        (["low"], "impaired"),
        (["high", "normal"], "impaired"),
        (["low", "critical"], "down"),
    ],
)
def test_a_system_is_as_its_worst_fault(severities, state):
    faults = [a_fault(severity) for severity in severities]
    assert state_of("crew", faults) == state
    assert state_of("vessels", faults) == "working"


def test_the_worst_comes_first_and_of_two_the_older():
    faults = [
        a_fault("low"),
        a_fault("high", started_at=NOW),
        a_fault("high", started_at=NOW - timedelta(hours=1)),
    ]
    assert [each.severity for each in worst_first(faults)] == ["high", "high", "low"]
    assert worst_first(faults)[0].started_at < NOW


def test_everybody_sees_what_is_announced_and_what_was_and_no_more(asking):
    def ask(call, **request):
        return asking(call, of=AGENT, **request)

    def record(**changes):
        started = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        fields = {
            "title_zh": "證書查詢緩慢",
            "title_en": "Certificates are slow",
            "affected_system": "vessels",
        }
        return ask(
            "record_fault", severity="critical", started_at=started, cause="內部原因", **(fields | changes)
        )["number"]

    hidden, shown, over = record(), record(), record(affected_system="crew")
    for number in (shown, over):
        ask("announce_fault", number=number, version=1, text_zh="處理中。", text_en="We are on it.")
    ask("resolve_fault", number=over, version=2, solution_zh="已排除。", solution_en="Solved.")
    status = asking("status")
    current, past = ({each["number"]: each for each in status[part]} for part in ("current", "past"))
    assert hidden not in current.keys() | past.keys()
    assert [update["text_en"] for update in current[shown]["updates"]] == ["We are on it."]
    assert [update["kind"] for update in past[over]["updates"]] == ["resolved", "announced"]
    states = {each["system"]: each["state"] for each in status["systems"]}
    assert (states["vessels"], states["crew"]) == ("down", "working")
    assert "內部原因" not in str(status)
    assert AGENT.display_name not in str(status)
