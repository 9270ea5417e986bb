"""Messages to many as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls import accounts, review
from mtnet_contracts.calls.notify import broadcasts
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

ONE = "/operations/broadcasts/<uuid:broadcast_id>"
TEXTS = {
    "title_zh": "系統維護公告",
    "body_zh": "本平臺將於週日凌晨進行維護。",
    "title_en": "Maintenance",
    "body_en": "The portal is maintained on Sunday night.",
    "category": "information",
    "segment": "everybody",
    "segment_of": None,
}

OPERATIONS = (
    Operation(
        "segment_accounts",
        "GET",
        "/operations/segments/accounts",
        accounts.segments.SEGMENT_ACCOUNTS,
        N_("See which accounts are in a segment, a page at a time"),
        "operator",
    ),
    Operation(
        "accounts_named",
        "POST",
        "/operations/segments/names",
        accounts.segments.ACCOUNTS_NAMED,
        N_("Find the accounts of many names, and the names that nobody has"),
        "operator",
        example={"account_names": ["carrier2026", "nobody99"]},
    ),
    Operation(
        "unit_cases",
        "GET",
        "/operations/segments/cases",
        review.cases.UNIT_CASES,
        N_("See which live cases a unit has, a page at a time"),
        "operator",
    ),
    Operation(
        "broadcasts",
        "GET",
        "/operations/broadcasts",
        broadcasts.BROADCASTS,
        N_("List the broadcasts, newest first"),
        "operator",
    ),
    Operation(
        "write_broadcast",
        "POST",
        "/operations/broadcasts",
        broadcasts.WRITE_BROADCAST,
        N_("Write a broadcast; its people are added next"),
        "operator",
        status=201,
        example=TEXTS,
    ),
    Operation(
        "broadcast",
        "GET",
        ONE,
        broadcasts.BROADCAST,
        N_("See a broadcast with its progress and outcomes"),
        "operator",
    ),
    Operation(
        "change_broadcast",
        "PUT",
        ONE,
        broadcasts.CHANGE_BROADCAST,
        N_("Change the text or the segment of a draft"),
        "operator",
        example=TEXTS | {"version": 1},
    ),
    Operation(
        "broadcast_preview",
        "GET",
        f"{ONE}/preview",
        broadcasts.BROADCAST_PREVIEW,
        N_("See how a broadcast looks on each channel in each language"),
        "operator",
    ),
    Operation(
        "broadcast_people",
        "GET",
        f"{ONE}/people",
        broadcasts.BROADCAST_PEOPLE,
        N_("See what became of each person, a page at a time"),
        "operator",
    ),
    Operation(
        "add_to_broadcast",
        "POST",
        f"{ONE}/people",
        broadcasts.ADD_TO_BROADCAST,
        N_("Add people of the segment to a draft"),
        "operator",
        example={
            "person_kind": "account",
            "person_ids": ["018f6f3c-8a9e-7c3d-9f00-3c1a5e9b7d21"],
            "first": True,
        },
    ),
    Operation(
        "count_broadcast",
        "POST",
        f"{ONE}/count",
        broadcasts.COUNT_BROADCAST,
        N_("Count by channel the people that were added"),
        "operator",
        example={},
    ),
    Operation(
        "start_broadcast",
        "POST",
        f"{ONE}/start",
        broadcasts.START_BROADCAST,
        N_("Start a broadcast now or later, by naming how many people it goes to"),
        "operator",
        example={"version": 3, "people": 1, "start_at": None, "per_second": None},
    ),
    Operation(
        "pause_broadcast",
        "POST",
        f"{ONE}/pause",
        broadcasts.PAUSE_BROADCAST,
        N_("Pause a broadcast"),
        "operator",
        example={},
    ),
    Operation(
        "resume_broadcast",
        "POST",
        f"{ONE}/resume",
        broadcasts.RESUME_BROADCAST,
        N_("Continue a paused broadcast"),
        "operator",
        example={},
    ),
    Operation(
        "cancel_broadcast",
        "POST",
        f"{ONE}/cancel",
        broadcasts.CANCEL_BROADCAST,
        N_("Cancel a broadcast: what has not left is never sent"),
        "operator",
        example={},
    ),
)
