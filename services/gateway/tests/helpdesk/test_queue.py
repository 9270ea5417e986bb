"""The list of tickets: what the address asks for, one change for many, views that are kept, who may see it."""

import pytest
from gateway.http.streams import FOLLOWER, MEDIA_TYPE, TOPIC
from gateway.rpc.client import Refused

from ..conftest import a_session
from .conftest import NUMBER, PEER_ID, TICKET_ID, a_line, a_list


def asked(desk):
    return desk.services.requests_to("helpdesk.list_tickets")[-1]


def test_the_filters_of_the_address_are_asked_for_and_what_is_not_valid_is_not(desk):
    query = (
        f"view=mine&sort=oldest&state=new&channel=line&category=none&priority=urgent&owner={PEER_ID}&team=x"
    )
    desk.get(f"/desk/?{query}&after=2026-11-26T09:25:24.000001%2B00:00%20{TICKET_ID}")
    assert asked(desk) == {
        "view": "mine", "sort": "oldest", "states": ["new"], "channel": "line", "category": "none",
        "priority": "urgent", "team": None, "owner_id": PEER_ID,
        "text": "", "after": f"2026-11-26T09:25:24.000001+00:00 {TICKET_ID}",
    }  # fmt: skip
    desk.get("/desk/?view=nonsense&owner=1&after=x&sort=&state=")
    assert asked(desk) == {
        "view": "live", "sort": "due", "states": [], "channel": None, "category": None,
        "priority": None, "team": None, "owner_id": None, "text": "", "after": None,
    }  # fmt: skip


def test_the_list_shows_numbers_of_a_view_and_who_is_answering(desk):
    desk.services.answers["helpdesk.list_tickets"] = {
        "items": [a_line(lease_by="乙客服", overdue=True)],
        "next_after": "2026-11-26T09:25:24.000001+00:00 x",
        "whole": True,
    }
    answer = desk.get("/desk/?priority=high")
    assert answer.status_code == 200
    for words in (NUMBER, "AA-01 無法上傳", "1000+", "c•••@agent.example.com", "乙客服"):
        assert words in desk.words
    assert "priority=high" in desk.page.find("a", rel="next")["href"]


@pytest.mark.parametrize(
    ("typed", "leads_to"),
    [("HD2026-000123", NUMBER), ("hd2026-123", NUMBER), (" 2026 - 123 ", NUMBER), ("2026123", None)],
)
def test_a_number_that_was_typed_leads_to_its_ticket(desk, typed, leads_to):
    answer = desk.get("/desk/", query_string={"number": typed})
    if leads_to:
        assert answer.headers["Location"] == f"/desk/tickets/{leads_to}"
    else:
        assert answer.status_code == 404
        assert desk.page.find(id="number-error")


@pytest.mark.parametrize(
    ("choice", "changes"),
    [
        ("state:resolved", {"state": "resolved"}),
        ("owner:", {"owner_id": None}),
        (f"owner:{PEER_ID}", {"owner_id": PEER_ID}),
        ("priority:urgent", {"priority": "urgent"}),
        ("spam", {"spam": True}),
        ("no_spam", {"spam": False}),
    ],
)
def test_one_change_for_many_says_what_became_of_each(desk, choice, changes):
    results = [
        {"ticket_id": TICKET_ID, "number": NUMBER, "refusal": None},
        {"ticket_id": PEER_ID, "number": "HD2026-000124", "refusal": "STATE_NOT_ALLOWED"},
    ]
    desk.services.answers["helpdesk.change_tickets"] = {"results": results}
    answer = desk.post("/desk/?view=unowned", ticket_id=[TICKET_ID, PEER_ID], change=choice)
    assert answer.status_code == 200
    assert desk.services.requests_to("helpdesk.change_tickets") == [
        {"ticket_ids": [TICKET_ID, PEER_ID], "changes": changes}
    ]
    assert asked(desk)["view"] == "unowned"
    shown = desk.page.find("section", {"aria-labelledby": "results"}).get_text(" ", strip=True)
    assert NUMBER in shown
    assert "HD2026-000124" in shown


def test_to_make_them_mine_names_me(desk):
    desk.services.answers["helpdesk.change_tickets"] = {"results": []}
    desk.post("/desk/", ticket_id=TICKET_ID, change="mine")
    me = desk.services.answers["accounts.resume_session"]["account"]["account_id"]
    assert desk.services.requests_to("helpdesk.change_tickets")[0]["changes"] == {"owner_id": me}


@pytest.mark.parametrize(
    ("form", "field"), [({"change": "spam"}, "tickets"), ({"ticket_id": TICKET_ID, "change": "x"}, "change")]
)
def test_nothing_is_changed_until_it_is_said_what_and_where(desk, form, field):
    answer = desk.post("/desk/", **form)
    assert answer.status_code == 422
    assert desk.page.find(id=f"{field}-error")
    assert not desk.services.requests_to("helpdesk.change_tickets")
    if "ticket_id" in form:
        assert desk.page.find("input", {"name": "ticket_id", "checked": True})


def test_what_is_shown_is_kept_as_a_view_and_taken_off_again(desk):
    view = {"view_id": PEER_ID, "name": "急件", "query": "view=all&priority=urgent"}
    desk.services.answers |= {
        "helpdesk.save_view": {"items": [view]},
        "helpdesk.remove_view": {"items": []},
        "helpdesk.saved_views": {"items": [view]},
    }
    answer = desk.post("/desk/views?view=all&priority=urgent&nonsense=1", page="/desk/", name="急件")
    assert answer.headers["Location"] == "/desk/?view=all&priority=urgent"
    assert desk.services.requests_to("helpdesk.save_view") == [
        {"name": "急件", "query": "view=all&priority=urgent"}
    ]
    desk.get("/desk/?view=all&priority=urgent")
    assert desk.page.find("a", {"aria-current": "true"}).text == "急件"
    answer = desk.post(f"/desk/views/{PEER_ID}/remove", page="/desk/", next="//elsewhere.example/")
    assert answer.headers["Location"] == "/desk/"
    assert desk.post("/desk/views", page="/desk/", name=" ").status_code == 422
    desk.services.answers["helpdesk.save_view"] = Refused("SAVED_VIEWS_ENOUGH")
    assert desk.post("/desk/views", page="/desk/", name="再一").status_code == 409


@pytest.mark.parametrize(
    "path",
    [
        "/desk/",
        "/desk/tickets.csv",
        "/desk/live",
        f"/desk/tickets/{NUMBER}",
        "/desk/calls/new",
        "/desk/canned",
    ],
)
@pytest.mark.parametrize("role", ["member", "reviewer", "operator"])
def test_the_desk_is_for_those_who_work_there(desk, path, role):
    desk.services.answers["accounts.resume_session"] = a_session(role, unit="north")
    assert desk.get(path).status_code == 403


@pytest.mark.parametrize("role", ["helpdesk_agent", "helpdesk_lead", "helpdesk_administrator"])
def test_the_menu_leads_those_of_the_desk_there(desk, role):
    desk.services.answers["accounts.resume_session"] = a_session(role)
    desk.get("/desk/calls/new")
    assert desk.page.find("nav", class_="portal-nav").find("a", href="/desk/")


def test_a_page_that_waits_for_news_keeps_no_session_alive(desk):
    """Or an unattended screen would never be logged out."""
    stream = desk.http.get("/desk/live", headers={"Accept": MEDIA_TYPE})
    me = desk.services.answers["accounts.resume_session"]["account"]["account_id"]
    assert (stream.mimetype, stream.headers[TOPIC], stream.headers[FOLLOWER]) == (MEDIA_TYPE, "desk", me)
    desk.http.get("/desk/", headers={"X-Look": "1"})
    touches = [request.get("touch", True) for request in desk.services.requests_to("accounts.resume_session")]
    assert touches == [False, False]
    desk.get("/desk/")
    assert desk.services.requests_to("accounts.resume_session")[-1].get("touch", True) is True


def test_a_page_knows_by_one_word_whether_something_is_new(desk):
    def fresh():
        desk.get("/desk/")
        return desk.page.find(id="queue-news")["data-fresh"]

    first = fresh()
    assert fresh() == first
    for changes in ({"version": 8}, {"lease_by": "乙客服"}, {"overdue": True}):
        desk.services.answers["helpdesk.list_tickets"] = a_list(a_line(**changes))
        assert fresh() != first
