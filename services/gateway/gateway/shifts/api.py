"""What the desk does with shifts, as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls.helpdesk import shifts as calls
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "roster",
        "GET",
        "/desk/roster",
        calls.ROSTER,
        N_("The roster of seven days"),
        "helpdesk",
    ),
    Operation(
        "take_shift",
        "POST",
        "/desk/roster/take",
        calls.TAKE_SHIFT,
        N_("Put somebody on the roster"),
        "helpdesk",
        example={"day": "2026-12-01", "shift": "morning"},
    ),
    Operation(
        "leave_shift",
        "POST",
        "/desk/roster/leave",
        calls.LEAVE_SHIFT,
        N_("Take somebody off the roster"),
        "helpdesk",
        example={"day": "2026-12-01", "shift": "morning"},
    ),
    Operation(
        "situation",
        "GET",
        "/desk/situation",
        calls.SITUATION,
        N_("How the desk stands"),
        "helpdesk",
    ),
    Operation(
        "handovers", "GET", "/desk/handovers", calls.HANDOVERS, N_("List what shifts handed over"), "helpdesk"
    ),
    Operation(
        "write_handover",
        "POST",
        "/desk/handovers",
        calls.WRITE_HANDOVER,
        N_("Hand a shift over"),
        "helpdesk",
        status=201,
        example={"text": "船舶系統障礙仍在處理，請留意來電。"},
    ),
    Operation(
        "acknowledge_handover",
        "POST",
        "/desk/handovers/<int:position>/acknowledge",
        calls.ACKNOWLEDGE_HANDOVER,
        N_("Take a shift over"),
        "helpdesk",
    ),
)
