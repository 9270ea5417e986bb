"""Messages, choices and a fax number on the pages; and the choice of an applicant, by a pass."""

from uuid import uuid4

import pytest
from gateway.message_centre import labels
from gateway.rpc.client import Refused
from mtnet_contracts.calls import notify
from notify.channels.rules import Failure
from notify.deliveries.rules import State

from ..conftest import NOW, Browser, a_session, an_application, opened_applications

NUMBER = "PTAPPLY936EC90162340"
MESSAGE, CHALLENGE = str(uuid4()), str(uuid4())


def a_delivery(**changes):
    return {
        "channel": "email",
        "recipient": "c•••@example.com",
        "state": "delivered",
        "failure": None,
        "at": NOW.isoformat(),
    } | changes


def a_message(**changes):
    return {
        "message_id": MESSAGE,
        "kind": "application_returned",
        "category": "legal",
        "subject": "您的申請需要補正",
        "created_at": NOW.isoformat(),
        "read_at": None,
        "deliveries": [a_delivery()],
    } | changes


def choices(**chosen):
    offered = {
        "legal": ("email", "line", "fax"),
        "security": ("email", "line"),
        "reminder": ("email", "line", "fax"),
        "information": ("email", "line"),
    }
    return [
        {
            "category": category,
            "channels": [
                {
                    "channel": channel,
                    "chosen": channel in chosen.get(category, ("email",)),
                    "always": channel == "email" and category in ("legal", "security"),
                }
                for channel in channels
            ],
        }
        for category, channels in offered.items()
    ]


def a_point(**changes):
    return {
        "channel": "email",
        "address": "clerk@example.com",
        "own": False,
        "proved_at": NOW.isoformat(),
        "unreachable_since": None,
    } | changes


def a_view(**changes):
    return {
        "channels": ["email", "line", "fax"],
        "categories": choices(),
        "contact_points": [a_point()],
        "waiting_fax": None,
    } | changes


@pytest.fixture
def member(browser, services):
    services.answers |= {
        "accounts.resume_session": a_session("member"),
        "notify.own_messages": {"items": [a_message()], "page": 1, "page_size": 20, "total": 1, "unread": 1},
        "notify.own_message": a_message()
        | {"locale": "zh-Hant", "text": "敬啟者：\n<b>請補正</b>", "can_be_sent_again": True},
        "notify.own_notifications": a_view(),
        "notify.save_notifications": a_view(),
        "notify.mark_messages_read": {"unread": 0},
    }
    return browser.cookie("sid", "s" * 43)


@pytest.fixture
def applicant(browser, services):
    services.answers |= {
        "accounts.application": an_application(status="in_review", submitted_at=NOW.isoformat()),
        "accounts.opened_applications": opened_applications(services),
        "accounts.application_pass": {
            "application_id": str(uuid4()),
            "signed_pass": "the-pass",
            "expires_at": NOW.isoformat(),
        },
        "notify.own_notifications": a_view(categories=choices()[:1]),
        "notify.save_notifications": a_view(),
    }
    return browser.cookie(f"case-{NUMBER}", "t" * 43)


def test_every_state_and_failure_of_a_delivery_has_words():
    assert (
        set(labels.STATES) == {state.value for state in State} == set(notify.message_centre.DELIVERY_STATES)
    )
    # What nobody can do anything about is told as a try in vain.
    assert {failure.value for failure in Failure} - set(labels.FAILURES) <= {"UNREADABLE"}


def test_messages_are_listed_searched_and_marked(member, services):
    member.get("/account/messages?query=%20補正%20&unread=1")
    assert services.requests_to("notify.own_messages")[-1] == {
        "query": "補正",
        "unread": True,
        "page": 1,
        "page_size": 20,
    }
    assert "您的申請需要補正" in member.words
    assert "電子郵件：已送達" in member.words
    assert member.post(f"/account/messages/{MESSAGE}/read", f"/account/messages/{MESSAGE}").status_code == 303
    assert services.requests_to("notify.mark_messages_read")[-1] == {"message_ids": [MESSAGE]}
    member.post("/account/messages/read", "/account/messages")
    assert services.requests_to("notify.mark_messages_read")[-1] == {}


def test_nothing_yet_and_nothing_found_say_what_to_do(member, services):
    services.answers["notify.own_messages"] = {
        "items": [],
        "page": 1,
        "page_size": 20,
        "total": 0,
        "unread": 0,
    }
    member.get("/account/messages")
    assert "目前沒有訊息" in member.words
    member.get("/account/messages?query=x")
    assert "找不到符合的訊息" in member.words


def test_a_message_is_shown_as_it_was_said_and_as_nothing_else(member, services):
    services.answers["notify.own_message"] |= {
        "deliveries": [
            a_delivery(),
            a_delivery(channel="line", recipient="", state="failed", failure="BLOCKED"),
            a_delivery(channel="fax", recipient="+886 2•• ••• 768", state="sent"),
            a_delivery(state="failed", failure="SOMETHING_OF_NEXT_YEAR"),
        ]
    }
    member.get(f"/account/messages/{MESSAGE}")
    assert "<b>請補正</b>" in member.words, "what people typed is text"
    for words in ("封鎖", "您的 LINE 帳號", "已送出，等候送達回報", "多次嘗試後仍無法送達"):
        assert words in member.words
    services.answers["notify.own_message"] = Refused("MESSAGE_NOT_FOUND")
    assert member.get(f"/account/messages/{MESSAGE}").status_code == 404


def test_a_message_is_sent_again_and_a_refusal_stands_on_its_page(member, services):
    page = f"/account/messages/{MESSAGE}"
    services.answers["notify.send_message_again"] = services.answers["notify.own_message"]
    assert member.post(f"{page}/again", page).status_code == 303
    services.answers["notify.send_message_again"] = Refused("SENT_OFTEN_ENOUGH")
    assert member.post(f"{page}/again", page).status_code == 409
    assert "重新傳送" in member.words
    services.answers["notify.own_message"] |= {"can_be_sent_again": False}
    member.get(page)
    assert not member.page.find("form", action=f"{page}/again")


def test_choices_are_boxes_and_what_is_always_on_is_said(member, services):
    member.get("/account/notifications")
    fixed = [box["id"] for box in member.page.find_all("input", type="checkbox") if box.has_attr("disabled")]
    assert fixed == ["legal-email", "security-email"]
    assert "一律通知" in member.words
    answer = member.post(
        "/account/notifications",
        **{"legal-line": "on", "reminder-email": "on", "information-fax": "on", "x-y": "on"},
    )
    assert answer.status_code == 303
    (saved,) = services.requests_to("notify.save_notifications")
    assert saved["categories"] == [
        {"category": "legal", "channels": ["email", "line"]},
        {"category": "security", "channels": ["email"]},
        {"category": "reminder", "channels": ["email"]},
        {"category": "information", "channels": []},
    ]


def test_an_address_out_of_reach_says_since_when_and_how_to_mend_it(member, services):
    points = [
        a_point(unreachable_since=NOW.isoformat()),
        a_point(channel="fax", address="+886233436768", own=True),
    ]
    services.answers["notify.own_notifications"] = a_view(contact_points=points)
    member.get("/account/notifications")
    assert "無法送達" in member.words
    assert "02-3343-6768" in member.words
    assert member.page.find("form", action="/account/notifications/fax/remove")
    assert member.page.find("a", href="/account/contacts")


def test_a_fax_number_is_asked_for_and_confirmed(member, services):
    waiting = {"challenge_id": CHALLENGE, "number": "+886233436768"} | dict.fromkeys(
        ("expires_at", "resend_at"), NOW.isoformat()
    )
    services.answers["notify.request_fax_code"] = waiting
    assert member.post("/account/notifications/fax", number=" ").status_code == 422
    assert member.post("/account/notifications/fax", number="02-3343-6768").status_code == 303
    assert services.requests_to("notify.request_fax_code") == [
        {"number": "02-3343-6768", "locale": "zh-Hant"}
    ]
    services.answers["notify.own_notifications"] = a_view(waiting_fax=waiting)
    member.get("/account/notifications/fax/code")
    assert member.page.find("input", attrs={"name": "challenge"})["value"] == CHALLENGE
    assert member.post("/account/notifications/fax/code", code="", challenge=CHALLENGE).status_code == 422
    services.answers["notify.confirm_fax_code"] = Refused("CODE_WRONG", {"code": ["CODE_WRONG"]})
    assert member.post("/account/notifications/fax/code", code="1", challenge=CHALLENGE).status_code == 422
    assert "驗證碼不正確" in member.words or "不正確" in member.words
    services.answers["notify.confirm_fax_code"] = {}
    assert (
        member.post("/account/notifications/fax/code", code="123456", challenge=CHALLENGE).status_code == 303
    )
    services.answers["notify.own_notifications"] = a_view()
    assert member.get("/account/notifications/fax/code").status_code == 303, "nothing waits"


@pytest.mark.parametrize(
    ("refused", "status", "words"),
    [
        (Refused("INVALID", {"number": ["FAX_INVALID"]}), 422, "不是有效的臺灣傳真號碼"),
        (Refused("INVALID", {"number": ["PHONE_NEEDS_AREA_CODE"]}), 422, "區碼"),
        (Refused("CONTACT_KNOWN", {"number": ["CONTACT_KNOWN"]}), 422, "已"),
        (Refused("FAX_AWAY"), 422, "目前無法傳送傳真"),
        (Refused("TOO_MANY_FAXES"), 429, "每天最多傳真 3 次"),
        (Refused("TOO_SOON"), 429, "剛"),
    ],
)
def test_a_number_that_is_refused_stays_with_the_reason(member, services, refused, status, words):
    services.answers["notify.request_fax_code"] = refused
    assert member.post("/account/notifications/fax", number="02-1").status_code == status
    assert words in member.words
    assert member.page.find("input", id="number")["value"] == "02-1"


def test_an_applicant_chooses_by_a_pass_and_the_token_goes_no_further(applicant, services):
    applicant.get(f"/case/{NUMBER}/notifications")
    assert [box["id"] for box in applicant.page.find_all("input", type="checkbox")] == [
        "legal-email",
        "legal-line",
        "legal-fax",
    ]
    answer = applicant.post(f"/case/{NUMBER}/notifications", **{"legal-fax": "on", "reminder-email": "on"})
    assert answer.status_code == 303
    (saved,) = services.requests_to("notify.save_notifications")
    assert saved["categories"] == [{"category": "legal", "channels": ["email", "fax"]}]
    assert "t" * 43 not in str([r for name, r, *_ in services.asked if name.startswith("notify.")])
    services.answers["notify.save_notifications"] = Refused("CASE_HAS_ACCOUNT")
    assert applicant.post(f"/case/{NUMBER}/notifications").status_code == 409
    assert "帳號已開通" in applicant.words


def test_a_case_that_is_closed_asks_nothing_and_one_that_is_not_open_here_asks_for_a_code(
    applicant, services, portal
):
    services.answers["accounts.application"] = an_application(status="approved")
    assert applicant.get(f"/case/{NUMBER}/notifications").status_code == 303
    assert Browser(portal, "en").get(f"/case/{NUMBER}/notifications").status_code == 403


def test_case_and_receipt_lead_to_the_choice(applicant, services):
    address = f"/case/{NUMBER}/notifications"
    for page in (f"/case/{NUMBER}", f"/apply/{NUMBER}/receipt"):
        applicant.get(page)
        assert applicant.page.find("a", href=address), page
    services.answers["accounts.application"] = an_application(status="rejected")
    applicant.get(f"/case/{NUMBER}")
    assert not applicant.page.find("a", href=address)
