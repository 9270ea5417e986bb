"""What another site, another's browser or a second press can do to the form, the secret page and the desk: nothing."""

import pytest
from mtnet_contracts.calls.helpdesk import following

from ..conftest import Browser, a_session, example
from ..helpdesk.conftest import NUMBER, the_desk

TOKEN = "w" * 43
SENT = {"number": NUMBER, "link_token": TOKEN}
# Where a form is sent from, and which page holds its token.
WRITES = {
    "/contact": "helpdesk.send_form",
    f"/contact/{TOKEN}/answer": "helpdesk.answer_by_link",
    f"/contact/{TOKEN}/satisfaction": "helpdesk.rate_ticket",
    f"/desk/tickets/{NUMBER}/answer": "helpdesk.answer_ticket",
    f"/desk/tickets/{NUMBER}/note": "helpdesk.add_note",
    f"/desk/tickets/{NUMBER}/question": "helpdesk.propose_faq",
}
FORM = {
    "email": "clerk@example.com",
    "subject": "主旨",
    "text": "別的網站寫的字",
    "note": "備註",
    "satisfaction": "1",
    "version": "1",
}


@pytest.fixture
def agent(browser, services):
    """Logged in at the desk, who has a ticket of their own open, too."""
    thread = example(following.FollowedTicket) | {"may_answer": True, "may_rate": True}
    services.answers |= the_desk() | {
        "accounts.resume_session": a_session("helpdesk_agent"),
        "helpdesk.follow_ticket": thread,
        "helpdesk.send_form": SENT,
    }
    browser.cookie("sid", "s" * 43)
    browser.services = services
    return browser


def token_of(browser, path):
    browser.get(path)
    return browser.token


@pytest.mark.parametrize(("path", "call"), WRITES.items())
def test_a_form_of_another_site_does_nothing(agent, path, call):
    """It has the cookies, as a browser would send them, and no token."""
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = agent.http.post(path, data=FORM | {"csrf_token": "x"}, headers=agent.headers | headers)
    assert answer.status_code == 400
    # Nor is what it holds shown, as if the person had typed it.
    assert FORM["text"] not in answer.text
    assert agent.services.requests_to(call) == []


@pytest.mark.parametrize(("path", "call"), WRITES.items())
def test_a_token_of_another_browser_does_nothing(agent, portal, path, call):
    stolen = token_of(Browser(portal), "/contact")
    answer = agent.http.post(path, data=FORM | {"csrf_token": stolen}, headers=agent.headers)
    assert answer.status_code == 400
    assert agent.services.requests_to(call) == []


@pytest.mark.parametrize("roles", [(), ("member",), ("reviewer",), ("operator",), ("editor",)])
def test_the_desk_is_shown_to_its_people_alone(agent, roles):
    agent.services.answers["accounts.resume_session"] = a_session(*roles)
    for path in ("/desk/", f"/desk/tickets/{NUMBER}", f"/desk/tickets/{NUMBER}/question", "/desk/answers"):
        answer = agent.get(path)
        assert answer.status_code == 403, path
    assert agent.services.requests_to("helpdesk.ticket") == []


def test_a_second_press_carries_the_same_key(agent):
    token = token_of(agent, f"/contact/{TOKEN}")
    key = agent.page.find("form", action=f"/contact/{TOKEN}/answer").find("input", {"name": "key"})["value"]
    agent.services.answers["helpdesk.answer_by_link"] = agent.services.answers["helpdesk.follow_ticket"]
    for _ in range(2):
        data = {"csrf_token": token, "key": key, "text": "可以了"}
        answer = agent.http.post(f"/contact/{TOKEN}/answer", data=data, headers=agent.headers)
        assert answer.status_code == 303
    first, second = agent.services.keys_to("helpdesk.answer_by_link")
    assert first == second is not None
