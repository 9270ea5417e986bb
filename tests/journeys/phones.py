"""Somebody's telephone with LINE on it, and the link from there to a case."""

from urllib.parse import parse_qs, urlsplit

import httpx
from mtnet_chassis.testing.pytest_plugin import eventually


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
