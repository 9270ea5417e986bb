"""An applicant links LINE, is told there, blocks it, and is told by mail."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from mtnet_chassis.testing.pytest_plugin import eventually

from .test_individual import apply_as_individual

pytestmark = pytest.mark.system


class Phone:
    """Somebody's LINE: what one does in the sandbox's chat, without a browser."""

    def __init__(self, system):
        self.http = httpx.Client(
            base_url=system.inbox_url, follow_redirects=True, timeout=30, trust_env=False
        )
        self.http.post("/line/people", data={"name": "小明"})
        self.user_id = self.http.cookies["line_user"]

    def do(self, what, **values):
        assert self.http.post(f"/line/{what}", data=values).status_code == 200

    @property
    def messages(self):
        found = self.http.get(f"/api/line/users/{self.user_id}").json()["messages"]
        return [each for each in found if not each["own"]]

    @property
    def button(self):
        """The address behind the last button."""
        return next(
            (m["template"]["actions"][0]["uri"] for m in reversed(self.messages) if m["type"] == "template"),
            None,
        )

    def has(self, words):
        return any(words in message.get("text", "") for message in self.messages)

    def agree(self, dialog):
        """LINE asks its user, who agrees."""
        assert self.http.get(dialog).status_code == 200
        asked = {name: values[0] for name, values in parse_qs(urlsplit(dialog).query).items()}
        assert self.http.post("/line/dialog/accountLink", data=asked).status_code == 200


@pytest.fixture
def phone(system):
    held = Phone(system)
    yield held
    held.http.close()


def link_case(applicant, number, phone):
    """From the button in the chat to the confirmation in the chat."""
    phone.do("follow")
    eventually(lambda: phone.button)
    link = urlsplit(phone.button)
    assert link.path == "/line/link"
    applicant.go(f"{link.path}?{link.query}").follow(number)
    assert "小明" in applicant.words
    form = applicant.page.find("form", id="page-form")
    sent = {field["name"]: field["value"] for field in form.find_all("input")}
    began = applicant.http.post(form["action"], data=sent, follow_redirects=False)
    assert began.status_code == 303
    phone.agree(began.headers["Location"])
    eventually(lambda: phone.has(number))


def test_a_case_is_linked_told_on_line_and_after_a_block_by_mail(system, visitor, person, reading, phone):
    applicant = visitor()
    number = apply_as_individual(applicant, person, reading)
    link_case(applicant, number, phone)
    system.wait_for_message(to=person.email, channel="email", containing="LINE")
    applicant.go(f"/case/{number}/line")
    assert "已連結" in applicant.words

    operations = visitor()
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    operations.claim()
    operations.decide("return", marks={"applicant.phone": "MISMATCH"}, note="請補附證明文件。")
    eventually(lambda: phone.has("請補附證明文件"), seconds=30)
    state = phone.http.get("/api/line").json()
    assert state["doubled"] == 0

    phone.do("block")
    applicant.wait_for_words(f"/case/{number}/line", "封鎖")
    told = len(phone.messages)
    applicant.go(applicant.case_page).follow("撤回申請")
    before = system.newest_message_id()
    applicant.send(f"{applicant.case_page}/withdraw")
    system.wait_for_message(to=person.email, channel="email", containing=number, after=before)
    assert len(phone.messages) == told


def test_who_linked_their_case_is_one_person_at_the_desk(system, visitor, person, reading, phone):
    """The account that the application became has the LINE user; what comes by mail and by LINE is one thread."""
    applicant = visitor()
    number = apply_as_individual(applicant, person, reading)
    link_case(applicant, number, phone)
    operations = visitor()
    operations.log_in("opsreviewer")
    operations.find_in_queue(number)
    operations.claim()
    operations.decide("approve", note="")
    system.wait_for_message(to=person.email, channel="email", containing="/activate/")

    letter = {
        "from": person.email,
        "to": "service@mtnet.gov.tw",
        "subject": "查詢證書頁面空白",
        "text": "請協助。",
    }
    phone.http.post("/write", data=letter).raise_for_status()
    system.wait_for_message(to=person.email, channel="email", containing="[HD")
    phone.do("say", text="信裡忘了說，是船員證書。")
    agent = visitor()
    agent.log_in("helpdesk1")
    agent.wait_for_words(f"/desk/?q={person.email}", "查詢證書頁面空白")
    ticket = agent.link("HD")
    agent.wait_for_words(ticket, "信裡忘了說，是船員證書。")
    assert "請協助。" in agent.words
    assert f"{person.account_name}:" in agent.words
