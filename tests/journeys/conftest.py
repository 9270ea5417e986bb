"""A person at the portal without JavaScript: follows links, fills in the forms that are really there."""

import re
import time
from itertools import count
from uuid import uuid4

import httpx
import pytest
from bs4 import BeautifulSoup

from tests.authenticator import code_for, key_in
from tests.journeys.phones import Phone

DEMO_PASSWORD = "Mtnet!2026demo"
_numbers = count(uuid4().int % 9_000_000)


def an_id_number():
    body = f"1{next(_numbers) % 10_000_000:07d}"
    total = 1 + sum(w * int(d) for w, d in zip((8, 7, 6, 5, 4, 3, 2, 1), body, strict=True))
    return f"A{body}{-total % 10}"


def a_mobile():
    return f"09{uuid4().int % 9}{uuid4().int % 10_000_000:07d}"


def an_email(who):
    return f"{who}{uuid4().hex[:8]}@example.com"


class Person:
    """Someone about to apply."""

    def __init__(self):
        self.id_number = an_id_number()
        self.account_name = f"user{uuid4().hex[:10]}"
        self.password = "ZAs145@1"
        self.fax = ""
        self.use_other_contacts()

    def use_other_contacts(self):
        self.email, self.mobile = an_email("clerk"), a_mobile()
        self.office_email, self.office_mobile = an_email("office"), a_mobile()

    def company(self):
        return {
            "unified_business_number": "04595257",
            "name_zh": "範例航運股份有限公司",
            "person_in_charge": "負責人",
            "city": "keelung",
            "address": "港西街 1 號",
            "phone": "02-24201234",
            "email": self.office_email,
            "mobile": self.office_mobile,
        }

    def applicant(self):
        return {
            "name": "海運業務承辦人",
            "phone": "02-33436767#12",
            "email": self.email,
            "mobile": self.mobile,
            "fax": self.fax,
            "systems": ["mtnet", "vessels"],
            "reason": "辦理船舶進出港申報",
        }


def international(mobile):
    return "+886" + mobile[1:]


class Visitor:
    """A browser: cookies, the page now open, its forms."""

    def __init__(self, system, language="zh-Hant"):
        self.system = system
        self.http = httpx.Client(base_url=system.url, follow_redirects=True, timeout=30, trust_env=False)
        self.http.headers["Accept-Language"] = language
        self.page = None
        self.answer = None
        self.number = ""

    def go(self, path, expect=200):
        return self._see(self.http.get(path), expect)

    def _see(self, answer, expect):
        assert answer.status_code == expect, (
            answer.status_code,
            str(answer.url),
            BeautifulSoup(answer.text, "html.parser").get_text(" ", strip=True)[:1500],
        )
        self.answer = answer
        self.page = BeautifulSoup(answer.text, "html.parser")
        if named := re.search(r"/PTAPPLY[0-9A-F]{13}(?=/|$)", answer.url.path):
            self.number = named[0].removeprefix("/")
        return self

    def apply_page(self, page):
        """An address in the application this visitor is filling in: `section/company`."""
        return f"/apply/{self.number}/{page}"

    @property
    def case_page(self):
        return f"/case/{self.number}"

    @property
    def path(self):
        return self.answer.url.path

    @property
    def words(self):
        return self.page.get_text(" ", strip=True)

    def link(self, words):
        for found in self.page.find_all("a"):
            if words in found.get_text(" ", strip=True):
                return found["href"]
        raise AssertionError(f"no link {words!r} on {self.path}: {self.words[:600]}")

    def follow(self, words, expect=200):
        return self.go(self.link(words), expect)

    def _is_of(self, form, action):
        """Whether a form posts to this path; with its query, where the action names one."""
        url = self.answer.url.join(form.get("action") or str(self.answer.url))
        return action == (url.raw_path.decode() if "?" in action else url.path)

    def send(self, action, files=None, expect=200, **values):
        """Fill in the form that posts to `action` and press its button."""
        form = next(
            (f for f in self.page.find_all("form", method="post") if self._is_of(f, action)),
            None,
        )
        assert form is not None, f"no form for {action} on {self.path}"
        sent = {}
        for field in form.find_all(["input", "select", "textarea"]):
            name, kind = field.get("name"), field.get("type")
            if not name or kind == "file":
                continue
            if kind in ("checkbox", "radio"):
                if field.has_attr("checked"):
                    sent.setdefault(name, []).append(field.get("value", "on"))
            elif field.name == "select":
                chosen = field.find("option", selected=True) or field.find("option")
                sent[name] = [chosen["value"]] if chosen else []
            elif field.name == "textarea":
                sent[name] = [field.get_text()]
            else:
                sent[name] = [field.get("value", "")]
        for name, value in values.items():
            name = name if form.find(attrs={"name": name}) else name.replace("_", "-", 1)
            assert form.find(attrs={"name": name}), f"no field {name} in the form for {action}"
            sent[name] = value if isinstance(value, list) else [value]
        target = self.answer.url.join(form.get("action") or str(self.answer.url))
        return self._see(self.http.post(target, data=sent, files=files), expect)

    # What one does more than once

    def log_in(self, account_name, password=DEMO_PASSWORD):
        self.go("/login")
        self.send("/login", account_name=account_name, password=password)
        return self.take_second_step(account_name)

    def take_second_step(self, account_name):
        """Type the code of one's app; whoever has none yet sets one up with the key that the page shows."""
        if self.path != "/login/second-step":
            return self
        shown = self.page.find(id="secret")
        self.send("/login/second-step", code=code_for(account_name, shown and key_in(shown.get_text())))
        if shown:
            assert len(self.page.find(id="recovery-codes").find_all("li")) == 10
            self.follow("我已保存")
        return self

    def prove(self, contact, to):
        """Get the code for a contact and type it, spaced as people do."""
        page = self.apply_page(f"code/{contact}")
        assert self.path == page, self.path
        before = self.system.newest_message_id()
        self.send(f"{page}/send")
        typed = code_in(self.system.wait_for_message(to=to, after=before))
        return self.send(page, code=f"{typed[:3]} {typed[3:]}")

    def begin(self, person, identity_type):
        self.go("/apply/").follow("開始申請")
        self.send("/apply/identity-type", identity_type=identity_type)
        assert "PTAPPLY" in self.words
        self.go(self.apply_page("section/registration"))
        self.send(self.apply_page("section/registration"), agreed="yes")
        return self.send(
            self.apply_page("section/identity"), id_number=person.id_number, account_name=person.account_name
        )

    def upload_form(self, scanned=lambda form: form):
        """Download the form and give it back as if it had been stamped and `scanned`."""
        form = self.http.get(self.apply_page("form.pdf"))
        assert form.status_code == 200
        assert form.headers["content-type"] == "application/pdf"
        assert form.headers["content-disposition"].startswith("attachment")
        self.go(self.apply_page("form"))
        self.send(
            self.apply_page("form"), files={"file": ("stamped.pdf", scanned(form.content), "application/pdf")}
        )
        assert "這是您已用印的帳號申請表嗎？" in self.words
        picture = self.http.get(self.page.find("section", id="uploaded").find("img")["src"])
        assert picture.headers["content-type"] == "image/jpeg"
        return self.follow("是，繼續")

    def submit(self):
        self.go(self.apply_page("check"))
        self.send(self.apply_page("check"), truthful="yes")
        assert self.path == self.apply_page("receipt")
        return self.page.find(id="case-number").get_text(strip=True)

    def open_case(self, number, email):
        """Back to a case from anywhere, by the code sent to the applicant's e-mail."""
        before = self.system.newest_message_id()
        self.go("/case")
        self.send("/case", query=number)
        typed = code_in(self.system.wait_for_message(to=email, channel="email", after=before))
        self.send(self.path, code=typed)
        assert self.path in (f"/case/{number}", f"/apply/{number}/steps"), self.path
        return self

    def find_in_queue(self, number, seconds=20):
        """Open a case from the work queue; it arrives there by an event."""
        deadline = time.monotonic() + seconds
        while True:
            self.go(f"/review/?search={number}")
            if number in self.page.get_text() and self.page.find("a", string=number):
                return self.follow(number)
            assert time.monotonic() < deadline, f"{number} did not reach the queue: {self.words[:500]}"
            time.sleep(0.2)

    def claim(self):
        return self.send(f"{self.path}/claim")

    def decide(self, decision, marks=(), **values):
        """Decide, and confirm what the next page says will happen, unless the case is only forwarded."""
        action = f"{self.path}/decide"
        marked = {f"mark-{field}": reason for field, reason in dict(marks).items()}
        self.send(action, decision=decision, **marked, **values)
        return self if decision == "forward" else self.send(action)

    def wait_for_words(self, path, words, seconds=20):
        deadline = time.monotonic() + seconds
        while True:
            self.go(path)
            if words in self.words:
                return self
            assert time.monotonic() < deadline, f"never saw {words!r}: {self.words[:800]}"
            time.sleep(0.2)

    def wait_until_answered(self, path, seconds=60):
        """Reload as a person would while something is coming back; only 503 is accepted meanwhile."""
        deadline = time.monotonic() + seconds
        while (answer := self.http.get(path)).status_code == 503:
            assert "稍" in answer.text or "分鐘" in answer.text
            assert time.monotonic() < deadline, f"{path} not back within {seconds} s"
            time.sleep(0.5)
        return self._see(answer, 200)


def code_in(message):
    return re.search(r"(?<!\d)(\d{6})(?!\d)", f"{message['subject']} {message['text']}").group(1)


def activation_path_in(message):
    return re.search(r"/activate/[A-Za-z0-9_\-]+", message["text"]).group(0)


@pytest.fixture
def visitor(system):
    opened = []

    def open_one(**options):
        opened.append(Visitor(system, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        one.http.close()


@pytest.fixture
def phone(system):
    held = Phone(system)
    yield held
    held.http.close()


@pytest.fixture
def person():
    return Person()


@pytest.fixture
def reading():
    """How to read what arrived."""

    class Reading:
        code_in = staticmethod(code_in)
        activation_path_in = staticmethod(activation_path_in)
        international = staticmethod(international)

    return Reading
