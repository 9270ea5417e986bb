"""A ticket: its thread as text, the answer that is never lost, notes, changes, and tickets that belong together."""

import io

import pytest
from gateway.rpc.client import Refused, ServiceUnavailable
from mtnet_contracts.calls.helpdesk import reactivations, requesters

from ..conftest import example
from .conftest import CANNED_ID, NUMBER, PEER_ID, TICKET_ID, a_line, a_ticket, an_entry

ADDRESS = f"/desk/tickets/{NUMBER}"
WRITTEN = {"ticket_id": TICKET_ID, "number": NUMBER, "entry_id": None, "state": "open", "version": 8}
LEASED = {
    "ticket_id": TICKET_ID,
    "lease_expires_at": "2026-11-26T09:30:00+00:00",
    "holder_changed": True,
}


def test_the_thread_shows_texts_as_text_and_what_became_of_each_answer(desk):
    assert desk.get(ADDRESS).status_code == 200
    thread = desk.page.find(class_="portal-thread")
    assert len(thread.find_all("li", class_="portal-entry")) == 2
    assert "附件無法上傳 <b>" in thread.get_text()
    assert thread.find("b") is None
    assert "RECIPIENT_REFUSED" in thread.get_text()
    assert desk.page.find("textarea", {"name": "text"})


def test_an_address_written_otherwise_leads_to_the_ticket_and_one_that_is_none_nowhere(desk):
    assert desk.get("/desk/tickets/hd2026-123").headers["Location"] == ADDRESS
    assert desk.get("/desk/tickets/nothing").status_code == 404
    desk.services.answers["helpdesk.ticket"] = a_ticket(number="HD2026-000200")
    assert desk.get(ADDRESS).headers["Location"] == "/desk/tickets/HD2026-000200"
    desk.services.answers["helpdesk.ticket"] = Refused("TICKET_NOT_FOUND")
    assert desk.get(ADDRESS).status_code == 404


def test_an_answer_goes_out_with_the_version_that_was_seen(desk):
    desk.services.answers["helpdesk.answer_ticket"] = WRITTEN
    answer = desk.post(
        f"{ADDRESS}/answer", page=ADDRESS, version=7, text="請改用 PDF", then="resolved", canned=CANNED_ID
    )
    assert answer.headers["Location"] == f"{ADDRESS}?done=answered"
    # One that was chosen and not filled in was not used.
    assert desk.services.requests_to("helpdesk.answer_ticket") == [
        {
            "ticket_id": TICKET_ID,
            "version": 7,
            "text": "請改用 PDF",
            "then": "resolved",
            "canned_answer_id": None,
            "file_ids": [],
        }
    ]


FILE_ID = "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e03"
KEPT = {"files": [{"file_id": FILE_ID, "filename": "說明.pdf", "size": 8, "held_back": ""}]}


def with_a_file(desk, path=f"{ADDRESS}/answer", name="說明.pdf", **values):
    desk.services.answers.setdefault("helpdesk.keep_files", KEPT)
    chosen = [(io.BytesIO(b"%PDF-1.7"), name)]
    return desk.post(path, page=ADDRESS, version=7, files=chosen, **values)


def test_files_go_with_the_answer(desk):
    desk.services.answers["helpdesk.answer_ticket"] = WRITTEN
    assert with_a_file(desk, text="請見附件", then="open", key="k").status_code == 303
    (asked,) = desk.services.requests_to("helpdesk.keep_files")
    assert (asked["ticket_id"], asked["form_key"]) == (TICKET_ID, "k")
    assert [each["filename"] for each in asked["uploads"]] == ["說明.pdf"]
    assert desk.services.requests_to("helpdesk.answer_ticket")[0]["file_ids"] == [FILE_ID]


@pytest.mark.parametrize(
    ("values", "refused", "status"),
    [
        ({"text": " "}, None, 422),
        ({"text": "文"}, Refused("TICKET_CHANGED"), 409),
        ({"text": "文", "insert": "1", "canned": CANNED_ID}, None, 200),
        ({"text": "文", "path": f"{ADDRESS}/lease"}, None, 200),
    ],
)
def test_files_that_were_chosen_stay_whatever_else_is_wrong(desk, values, refused, status):
    desk.services.answers |= {
        "helpdesk.answer_ticket": refused or WRITTEN,
        "helpdesk.lease_ticket": LEASED,
    }
    assert with_a_file(desk, **values).status_code == status
    box = desk.page.find("input", {"name": "kept_file"})
    assert (box["value"], box.has_attr("checked")) == (f"{FILE_ID} 說明.pdf", True)
    desk.services.answers["helpdesk.answer_ticket"] = WRITTEN
    desk.post(f"{ADDRESS}/answer", page=ADDRESS, version=7, text="文", kept_file=box["value"])
    assert desk.services.requests_to("helpdesk.answer_ticket")[-1]["file_ids"] == [FILE_ID]
    assert len(desk.services.requests_to("helpdesk.keep_files")) == 1


def test_a_file_that_is_not_taken_is_named_and_what_was_typed_stays(desk):
    desk.services.answers["helpdesk.keep_files"] = Refused("FILE_KIND", detail={"filename": "程式.exe"})
    assert with_a_file(desk, text="請見附件", name="程式.exe").status_code == 422
    assert "程式.exe" in desk.page.find(id="files-error").get_text()
    assert desk.page.find("textarea", {"name": "text"}).text.strip() == "請見附件"
    assert not desk.services.requests_to("helpdesk.answer_ticket")


def test_more_files_than_an_answer_takes_are_said_at_once(desk):
    boxes = [f"0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e{number:02} {number}.pdf" for number in range(10, 20)]
    assert with_a_file(desk, text="文", kept_file=boxes).status_code == 422
    assert "10" in desk.page.find(id="files-error").get_text()
    assert len(desk.page.find_all("input", {"name": "kept_file"})) == 10
    assert not desk.services.requests_to("helpdesk.keep_files")


@pytest.mark.parametrize("code", ["TICKET_CHANGED", "LEASED_BY_ANOTHER", "NO_WAY_BACK", "TICKET_MERGED"])
def test_an_answer_that_was_refused_stays_in_its_form(desk, code):
    desk.services.answers["helpdesk.answer_ticket"] = Refused(code)
    answer = desk.post(f"{ADDRESS}/answer", page=ADDRESS, version=6, text="請改用 PDF", then="open")
    assert answer.status_code == 409
    assert desk.page.find("textarea", {"name": "text"}).text.strip() == "請改用 PDF"
    assert desk.page.find("option", {"value": "open", "selected": True})
    assert desk.page.find(id="error-summary")
    # Sent again it is another try, of the ticket as it now is.
    assert desk.page.find("form", id="page-form").find("input", {"name": "version"})["value"] == "7"


def test_an_answer_kept_ready_is_filled_in_behind_what_was_written(desk):
    answer = desk.post(
        f"{ADDRESS}/answer", page=ADDRESS, version=7, text="前文", insert="1", canned=CANNED_ID
    )
    assert answer.status_code == 200
    assert desk.page.find("textarea", {"name": "text"}).text.strip() == "前文\n\n某船務代理公司承辦人 您好"
    assert not desk.services.requests_to("helpdesk.answer_ticket")
    desk.services.answers["helpdesk.answer_ticket"] = WRITTEN
    used = desk.page.find("input", {"name": "canned_used"})["value"]
    desk.post(f"{ADDRESS}/answer", page=ADDRESS, version=7, text="文", canned=CANNED_ID, canned_used=used)
    assert desk.services.requests_to("helpdesk.answer_ticket")[0]["canned_answer_id"] == CANNED_ID


@pytest.mark.parametrize(("part", "field"), [("answer", "text"), ("note", "note"), ("addresses", "reason")])
def test_what_is_empty_is_asked_for_without_asking_the_desk(desk, part, field):
    assert desk.post(f"{ADDRESS}/{part}", page=ADDRESS, **{field: " \n"}).status_code == 422
    assert desk.page.find(id=f"{field}-error")


def test_only_what_was_changed_is_changed(desk):
    desk.services.answers["helpdesk.change_ticket"] = WRITTEN
    shown = {
        "was-state": "open",
        "was-priority": "high",
        "was-category": "",
        "was-owner_id": "",
        "was-team": "first_line",
    }
    form = {"state": "open", "priority": "urgent", "category": "", "owner_id": PEER_ID, "team": "first_line"}
    desk.post(f"{ADDRESS}/change", page=ADDRESS, version=7, **shown, **form)
    assert desk.services.requests_to("helpdesk.change_ticket") == [
        {"ticket_id": TICKET_ID, "version": 7, "changes": {"priority": "urgent", "owner_id": PEER_ID}}
    ]
    unchanged = {name.removeprefix("was-"): value for name, value in shown.items()}
    answer = desk.post(f"{ADDRESS}/change", page=ADDRESS, version=7, **shown, **unchanged)
    assert answer.headers["Location"] == ADDRESS
    assert len(desk.services.requests_to("helpdesk.change_ticket")) == 1


def test_who_is_answering_is_seen_and_said_and_what_is_written_stays(desk):
    desk.services.answers["helpdesk.ticket"] = a_ticket(
        lease_by="乙客服", lease_expires_at="2026-11-26T09:30:00+00:00"
    )
    desk.get(ADDRESS)
    assert "乙客服" in desk.page.find(class_="portal-answer").get_text()
    desk.services.answers["helpdesk.lease_ticket"] = Refused("LEASED_BY_ANOTHER")
    assert desk.post(f"{ADDRESS}/lease", page=ADDRESS, text="寫到一半").status_code == 409
    assert desk.page.find("textarea", {"name": "text"}).text.strip() == "寫到一半"
    desk.services.answers["helpdesk.lease_ticket"] = LEASED
    assert desk.post(f"{ADDRESS}/lease", page=ADDRESS, text="寫到一半").status_code == 200
    assert desk.page.find("textarea", {"name": "text"}).text.strip() == "寫到一半"


def test_taking_over_is_a_button_of_its_own_that_typing_never_presses(desk):
    held = {"lease_by": "乙客服", "lease_expires_at": "2026-11-26T09:30:00+00:00"}
    take_over = {"name": "take_over", "form": "page-form", "formaction": f"{ADDRESS}/lease"}
    for may in (False, True):
        desk.services.answers["helpdesk.ticket"] = a_ticket(may_take_over=may, **held)
        desk.get(ADDRESS)
        assert bool(desk.page.find("button", take_over)) == may
    desk.services.answers["helpdesk.lease_ticket"] = Refused("LEASED_BY_ANOTHER")
    headers, desk.headers = desk.headers, {**desk.headers, "Accept": "application/json"}
    typing = desk.post(f"{ADDRESS}/lease", page=ADDRESS)
    assert (typing.status_code, typing.data) == (409, b"")
    desk.headers = headers
    desk.services.answers["helpdesk.lease_ticket"] = LEASED
    assert desk.post(f"{ADDRESS}/lease", page=ADDRESS, text="我來", take_over="1").status_code == 200
    asked = desk.services.requests_to("helpdesk.lease_ticket")
    assert [each.get("take_over", False) for each in asked] == [False, True]


@pytest.mark.parametrize(
    ("relation", "path", "call", "asked"),
    [
        ("linked", f"{ADDRESS}/unlink", "unlink_tickets", {"ticket_id": TICKET_ID, "other": "HD2026-000124"}),
        ("merged", f"{ADDRESS}/undo_merge/{PEER_ID}", "undo_merge", {"ticket_id": PEER_ID}),
        ("split", f"{ADDRESS}/undo_split/{PEER_ID}", "undo_split", {"ticket_id": PEER_ID}),
        ("split_from", f"{ADDRESS}/undo_split/{TICKET_ID}", "undo_split", {"ticket_id": TICKET_ID}),
    ],
)
def test_each_join_leads_to_its_undoing(desk, relation, path, call, asked):
    other = {
        "ticket_id": PEER_ID,
        "number": "HD2026-000124",
        "subject": "同一件",
        "state": "open",
        "relation": relation,
    }
    desk.services.answers |= {"helpdesk.ticket": a_ticket(others=[other]), f"helpdesk.{call}": WRITTEN}
    desk.get(ADDRESS)
    form = desk.page.find("form", action=path)
    answer = desk.post(path, page=ADDRESS, other=form.find("input", {"name": "other"})["value"])
    assert answer.headers["Location"] == f"{ADDRESS}?done=undone"
    assert desk.services.requests_to(f"helpdesk.{call}") == [asked]


@pytest.mark.parametrize("join", ["merge", "link"])
def test_joining_names_the_other_ticket_as_people_write_it(desk, join):
    call = {"merge": "merge_ticket", "link": "link_tickets"}[join]
    desk.services.answers[f"helpdesk.{call}"] = WRITTEN
    desk.post(f"{ADDRESS}/{join}", page=ADDRESS, other="2026-124")
    assert desk.services.requests_to(f"helpdesk.{call}") == [
        {"ticket_id": TICKET_ID, "other": "HD2026-000124"}
    ]
    assert desk.post(f"{ADDRESS}/{join}", page=ADDRESS, other="124").status_code == 422
    assert desk.page.find(id=f"{join}-other-error")
    desk.services.answers[f"helpdesk.{call}"] = Refused("SAME_TICKET")
    assert desk.post(f"{ADDRESS}/{join}", page=ADDRESS, other=NUMBER).status_code == 409
    assert desk.page.find(id=f"{join}-other-error")


def test_what_was_ticked_becomes_a_ticket_of_its_own(desk):
    first, second = an_entry(), an_entry()
    desk.services.answers |= {
        "helpdesk.ticket": a_ticket(entries=[first, second]),
        "helpdesk.split_ticket": WRITTEN,
    }
    assert desk.post(f"{ADDRESS}/split", page=ADDRESS).status_code == 422
    assert {error["id"] for error in desk.page.find_all(class_="govuk-error-message")} == {
        "split-entries-error",
        "split-subject-error",
    }
    form = {"entry_id": second["entry_id"], "split-subject": "另一件事"}
    desk.post(f"{ADDRESS}/split", page=ADDRESS, **form)
    assert desk.services.requests_to("helpdesk.split_ticket") == [
        {"ticket_id": TICKET_ID, "entry_ids": [second["entry_id"]], "subject": "另一件事"}
    ]


def test_whole_addresses_are_shown_once_for_a_reason(desk):
    shown = {"addresses": [{"channel": "email", "address": "clerk@agent.example.com"}]}
    desk.services.answers["helpdesk.reveal_addresses"] = shown
    assert desk.post(f"{ADDRESS}/addresses", page=ADDRESS, reason="回電確認").status_code == 200
    assert "clerk@agent.example.com" in desk.words
    assert desk.services.requests_to("helpdesk.reveal_addresses") == [
        {"ticket_id": TICKET_ID, "reason": "回電確認"}
    ]
    desk.get(ADDRESS)
    assert "clerk@agent.example.com" not in desk.words


@pytest.mark.parametrize("away", [ServiceUnavailable("helpdesk", "away"), Refused("NOT_ALLOWED")])
def test_the_panel_of_the_person_is_simply_absent_when_its_owner_does_not_answer(desk, away):
    known = example(requesters.RequesterReply) | {"tickets": [a_line(number="HD2026-000001", subject="從前")]}
    desk.services.answers["helpdesk.requester"] = known
    desk.get(ADDRESS)
    assert "HD2026-000001" in desk.words
    desk.services.answers["helpdesk.requester"] = away
    assert desk.get(ADDRESS).status_code == 200
    assert "HD2026-000001" not in desk.words


@pytest.mark.parametrize("join", ["merge", "link"])
def test_a_number_of_no_ticket_is_said_at_its_field_with_the_ticket_still_there(desk, join):
    desk.services.answers[f"helpdesk.{'merge_ticket' if join == 'merge' else 'link_tickets'}"] = Refused(
        "TICKET_NOT_FOUND"
    )
    assert desk.post(f"{ADDRESS}/{join}", page=ADDRESS, other="HD2026-999999").status_code == 409
    assert "查無" in desk.page.find(id=f"{join}-other-error").get_text()
    assert desk.page.find(id=f"{join}-other")["value"] == "HD2026-999999"
    assert "AA-01 無法上傳" in desk.page.find("h1").get_text()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hant", "「來電事由」太長，最多 10,000 字"),
        ("en", "What it was about is too long; at most 10,000 characters"),
    ],
)
def test_what_is_too_long_is_said_with_the_limit(desk, language, words):
    desk.services.answers["helpdesk.log_call"] = Refused("INVALID", {"text": ["TOO_LONG"]})
    assert desk.post(f"/desk/calls/new?lang={language}", page="/desk/calls/new", text="x").status_code == 422
    assert words in desk.page.find(id="text-error").get_text()


# A call


def test_a_call_is_logged_by_number_words_and_system(desk):
    desk.services.answers["helpdesk.log_call"] = WRITTEN
    answer = desk.post(
        "/desk/calls/new", phone="02-24201234", text="忘記密碼", category="mtnet", solved="yes"
    )
    assert answer.headers["Location"] == f"{ADDRESS}?done=logged"
    asked = desk.services.requests_to("helpdesk.log_call")[0]
    assert asked == {
        "phone": "02-24201234", "text": "忘記密碼", "category": "mtnet", "solved": True, "name": "", "email": "",
        "subject": "", "priority": "normal", "direction": "in",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("refused", "typed", "field"),
    [
        (Refused("INVALID", {"text": ["REQUIRED"]}), {}, "text"),
        (Refused("INVALID", {"phone": ["TOO_LONG"]}), {}, "phone"),
        (WRITTEN, {"ticket": "12"}, "ticket"),
    ],
)
def test_a_call_that_cannot_be_kept_stays_in_its_form(desk, refused, typed, field):
    desk.services.answers["helpdesk.log_call"] = refused
    answer = desk.post("/desk/calls/new", phone="02-24201234", text="忘記密碼", **typed)
    assert answer.status_code == 422
    assert desk.page.find(id=f"{field}-error")
    assert desk.page.find("input", id="phone")["value"] == "02-24201234"


def test_a_call_about_an_earlier_ticket_is_kept_there(desk):
    desk.services.answers["helpdesk.log_call"] = WRITTEN
    desk.post("/desk/calls/new", text="再問一次", ticket=NUMBER)
    assert desk.services.requests_to("helpdesk.log_call")[0]["ticket_id"] == TICKET_ID
    desk.services.answers["helpdesk.ticket"] = Refused("TICKET_NOT_FOUND")
    assert desk.post("/desk/calls/new", text="再問一次", ticket=NUMBER).status_code == 409


def test_a_fault_behind_the_log_of_calls_is_not_blamed_on_the_ticket_number(desk):
    desk.services.answers["helpdesk.log_call"] = ValueError("a fault of ours")
    assert desk.post("/desk/calls/new", text="再問一次", ticket=NUMBER).status_code == 500


def a_case(state="approved", decided_at="2026-11-27T01:00:00+00:00", **changes):
    return (
        example(reactivations.ReactivationRow)
        | {"number": "RA2026-000012", "account_name": "carrier2026", "state": state, "decided_at": decided_at}
        | changes
    )


def test_a_ticket_leads_to_its_reactivation_and_says_in_its_thread_how_it_was_decided(desk):
    changes = [{"field": "reactivation_approved", "before": None, "after": "RA2026-000012"}]
    desk.services.answers |= {
        "helpdesk.reactivations_of_ticket": {"items": [a_case()]},
        "helpdesk.ticket": a_ticket(entries=[an_entry(), an_entry("change", text="", changes=changes)]),
    }
    desk.get(ADDRESS)
    thread = desk.page.find(class_="portal-thread")
    assert "復用已核准" in thread.get_text()
    assert thread.find("a", href="/desk/reactivations/RA2026-000012")
    panel = desk.page.find("section", {"aria-labelledby": "reactivations-heading"})
    assert "carrier2026" in panel.get_text()
    assert panel.find("a", href="/desk/reactivations/RA2026-000012")


@pytest.mark.parametrize(("state", "then"), [("approved", "resolved"), ("refused", "waiting_customer")])
def test_the_outcome_of_a_reactivation_is_offered_as_the_answer(desk, state, then):
    desk.services.answers |= {
        "helpdesk.reactivations_of_ticket": {"items": [a_case(state)]},
        "helpdesk.ticket": a_ticket(locale="en"),
    }
    desk.get(ADDRESS)
    assert desk.page.find("button", {"name": "outcome", "value": "RA2026-000012"})
    desk.post(f"{ADDRESS}/answer", page=ADDRESS, version=7, text="Hello,", outcome="RA2026-000012")
    written = desk.page.find("textarea", {"name": "text"}).get_text().strip()
    assert written.startswith("Hello,\n\nThe evidence")
    assert "RA2026-000012" in written
    assert "carrier2026" not in written, "who wrote need not be the holder of the account"
    assert desk.page.find("select", {"name": "then"}).find("option", selected=True)["value"] == then
    assert desk.services.requests_to("helpdesk.answer_ticket") == []


def test_what_was_answered_since_or_is_not_decided_is_not_offered(desk):
    answered = an_entry("answer", at="2026-11-27T02:00:00+00:00")
    for case, entries in ((a_case(), [answered]), (a_case("checked", None), [an_entry()])):
        desk.services.answers |= {
            "helpdesk.reactivations_of_ticket": {"items": [case]},
            "helpdesk.ticket": a_ticket(entries=entries),
        }
        desk.get(ADDRESS)
        assert desk.page.find("button", {"name": "outcome"}) is None
    typed = {"version": 7, "text": "文", "outcome": "RA2026-000012"}
    assert desk.post(f"{ADDRESS}/answer", page=ADDRESS, **typed).status_code == 422
