"""What the desk does with faults, as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls.helpdesk import faults as calls
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

FAULT = {
    "title_zh": "船舶系統無法登入",
    "title_en": "The vessel system cannot be entered",
    "affected_system": "vessels",
    "severity": "high",
    "started_at": "2026-11-23T01:00:00Z",
    "workaround_zh": "急件請以傳真送件。",
    "workaround_en": "Please send urgent matters by fax.",
    "cause": "",
}

OPERATIONS = (
    Operation(
        "faults",
        "GET",
        "/desk/faults",
        calls.FAULTS,
        N_("List faults"),
        "helpdesk",
    ),
    Operation(
        "fault",
        "GET",
        "/desk/faults/<number>",
        calls.FAULT,
        N_("A fault, with the tickets that report it"),
        "helpdesk",
    ),
    Operation(
        "fault_of_ticket",
        "GET",
        "/desk/tickets/<uuid:ticket_id>/fault",
        calls.FAULT_OF_TICKET,
        N_("Which fault a ticket reports"),
        "helpdesk",
    ),
    Operation(
        "incidents",
        "GET",
        "/desk/incidents",
        calls.INCIDENTS,
        N_("What is worked on, and tickets that read alike"),
        "helpdesk",
    ),
    Operation(
        "record_fault",
        "POST",
        "/desk/faults",
        calls.RECORD_FAULT,
        N_("Record a fault"),
        "helpdesk",
        status=201,
        example=FAULT,
    ),
    Operation(
        "change_fault",
        "POST",
        "/desk/faults/<number>/change",
        calls.CHANGE_FAULT,
        N_("Change a fault"),
        "helpdesk",
        example=FAULT | {"version": 1},
    ),
    Operation(
        "add_reports",
        "POST",
        "/desk/faults/<number>/reports",
        calls.ADD_REPORTS,
        N_("Join tickets to a fault"),
        "helpdesk",
        example={"ticket_ids": ["0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3"], "tell": True},
    ),
    Operation(
        "remove_report",
        "POST",
        "/desk/faults/<number>/reports/<uuid:ticket_id>/remove",
        calls.REMOVE_REPORT,
        N_("Take a ticket from a fault"),
        "helpdesk",
    ),
    Operation(
        "announce_fault",
        "POST",
        "/desk/faults/<number>/announce",
        calls.ANNOUNCE_FAULT,
        N_("Announce a fault, or an update"),
        "helpdesk",
        example={
            "version": 1,
            "text_zh": "船舶系統暫時無法登入，處理中。",
            "text_en": "The vessel system cannot be entered at the moment. We are working on it.",
            "tell": True,
        },
    ),
    Operation(
        "resolve_fault",
        "POST",
        "/desk/faults/<number>/resolve",
        calls.RESOLVE_FAULT,
        N_("Solve a fault, and tell its reporters"),
        "helpdesk",
        example={
            "version": 2,
            "solution_zh": "船舶系統已恢復正常。",
            "solution_en": "The vessel system works again.",
            "cause": "資料庫連線數已滿。",
        },
    ),
)
