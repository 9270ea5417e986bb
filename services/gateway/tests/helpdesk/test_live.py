"""Open pages of the desk are woken by what changes what they show, and by nothing else."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import sealed
from .conftest import NUMBER, TICKET_ID

ADDRESS = f"/desk/tickets/{NUMBER}"
WRITTEN = {"ticket_id": TICKET_ID, "number": NUMBER, "entry_id": None, "state": "open", "version": 8}
WOKEN = [{"desk_changed": True}]


def lease(changed):
    return {
        "ticket_id": TICKET_ID,
        "lease_expires_at": "2026-11-26T09:30:00+00:00",
        "holder_changed": changed,
    }


@pytest.mark.parametrize(
    ("call", "answer", "part", "form", "told"),
    [
        ("add_note", WRITTEN, "note", {"note": "請追蹤"}, WOKEN),
        ("add_note", Refused("TICKET_MERGED"), "note", {"note": "請追蹤"}, []),
        ("change_ticket", WRITTEN, "change", {"mine": "1", "version": "7"}, WOKEN),
        ("lease_ticket", lease(changed=True), "lease", {}, WOKEN),
        ("lease_ticket", lease(changed=False), "lease", {}, []),
        ("release_ticket", lease(changed=True), "lease", {"release": "1"}, WOKEN),
        ("release_ticket", lease(changed=False), "lease", {"release": "1"}, []),
        ("reveal_addresses", {"addresses": []}, "addresses", {"reason": "回撥"}, []),
    ],
)
def test_only_what_others_see_wakes_their_pages(desk, call, answer, part, form, told):
    desk.services.answers[f"helpdesk.{call}"] = answer
    desk.post(f"{ADDRESS}/{part}", page=ADDRESS, **form)
    assert len(desk.services.requests_to(f"helpdesk.{call}")) == 1
    assert desk.services.told == told


def test_a_search_wakes_nobody(desk):
    assert desk.post("/desk/search", page="/desk/", q="AA-01").status_code == 303
    desk.post("/desk/search", page="/desk/", q="0912345678")
    assert desk.services.told == []


def test_a_program_s_change_wakes_them_too(desk):
    desk.services.answers["helpdesk.add_note"] = WRITTEN
    answer = desk.http.post(
        f"/api/v1/desk/tickets/{TICKET_ID}/note",
        json={"text": "請追蹤"},
        headers={"Authorization": "Bearer " + sealed("s" * 43), "Idempotency-Key": "k" * 20},
    )
    assert answer.status_code == 200
    assert desk.services.told == WOKEN
