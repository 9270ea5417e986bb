"""The portal with services that answer as a test says; what is asked and answered must fit the contracts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from gateway.app import create_app
from gateway.cache.published import Published
from gateway.cache.sessions import RecentSessions
from gateway.rpc import time_budget
from gateway.rpc.client import Refused, ServiceUnavailable
from gateway.seal import Seal
from gateway.settings import Settings
from lxml import html
from marshmallow import fields
from mtnet_contracts.calls import CALLS, accounts, review

NOW = datetime(2026, 11, 23, 9, 25, 24, tzinfo=UTC)


SECRET_KEY = "k" * 40


def sealed(token):
    """A session token as the gateway hands it out."""
    return Seal(SECRET_KEY).sealed(token)


class Services:
    """Stands where the RPC client stands; `answers[call name]` is a reply, an exception or a function."""

    def __init__(self):
        self.answers, self.asked, self.told, self.away, self.passes = {}, [], [], set(), []

    def call(self, call, request, *, actor=None, signed_pass=None, key=None):
        name = f"{call.service}.{call.name}"
        self.asked.append((name, request, actor, key))
        self.passes.append(signed_pass)
        unknown = set(request) - set(fields_of(call.request))
        assert not unknown, f"{name} is asked with {unknown}"
        try:
            answer = self.answers[name]
        except KeyError:
            answer = ServiceUnavailable(call.service, "not in this test")
        answer = answer(request) if callable(answer) else answer
        if isinstance(answer, Refused):
            assert call.may_refuse_with(answer.code), f"{name} never refuses with {answer.code}"
            raise answer
        if isinstance(answer, Exception):
            raise answer
        missing = {n for n, f in fields_of(call.reply).items() if f.required} - set(answer)
        assert not missing, f"the answer of {name} lacks {missing}"
        call.complete_reply(answer)  # an example need not have all that stands further inside
        return answer

    def healthy(self):
        return True

    def is_away(self, service):
        return service in self.away

    def on_message(self, what, act):
        pass

    def on_event(self, service, event, act):
        pass

    def broadcast(self, facts):
        self.told.append(facts)

    def requests_to(self, name):
        return [request for asked, request, _, _ in self.asked if asked == name]

    def keys_to(self, name):
        return [key for asked, _, _, key in self.asked if asked == name]


@pytest.fixture(autouse=True)
def _no_page_goes_on():
    """All tests run in one thread: what one of them spent of a page's seconds is not missing for the next."""
    yield
    time_budget.end_page()


@pytest.fixture
def services():
    return Services()


@pytest.fixture(scope="session")
def settings(tmp_path_factory):
    return Settings(
        host="127.0.0.1",
        port=1,
        secret_key=SECRET_KEY,
        amqp_url="amqp://nowhere",
        files_url=f"file://{tmp_path_factory.mktemp('files')}",
        portal_url="http://portal.example",
        workers=1,
        log_level="INFO",
        rate_limits=False,
    )


@pytest.fixture(scope="session")
def built(settings):
    """`built(proxies=2)`: an application with these settings; made once, because that takes half a second."""

    @cache
    def build(**changes):
        return create_app(replace(settings, **changes), Services())

    return build


@pytest.fixture
def portal_with(built, services):
    """`portal_with(proxies=2)`: the portal with these settings. Not for rate limits, whose counts stay."""

    def portal_with(**changes):
        app = built(**changes)
        app.extensions["rpc"] = services
        app.extensions.pop("slow_accounts", None)
        # Content and accounts are asked for every page, so that a test may change its mind.
        app.extensions["recent_sessions"] = RecentSessions(seconds=0)
        app.extensions["kept"].keeps = False
        app.extensions["published"] = Published(lambda call, asked: services.call(call, asked), keeps=False)
        return app

    return portal_with


@pytest.fixture
def portal(portal_with):
    return portal_with()


@pytest.fixture
def browser(portal):
    return Browser(portal)


class Browser:
    """Flask's test client that reads the page and sends the tokens of its forms."""

    def __init__(self, app, language="zh-Hant"):
        self.http = app.test_client()
        self.headers = {"Accept-Language": language}
        self._html, self._page = None, None

    def cookie(self, name, value):
        """`sid` is given as accounts made it, and set as the gateway hands it out."""
        self.http.set_cookie(name, sealed(value) if name == "sid" else value)
        return self

    def get(self, path, **more):
        answer = self.http.get(path, headers=self.headers, **more)
        self.show(answer)
        return answer

    def post(self, path, page=None, **values):
        """Post with the token of the form on `page`."""
        self.get(page or path)
        answer = self.http.post(path, data={"csrf_token": self.token, **values}, headers=self.headers)
        self.show(answer)
        return answer

    def show(self, answer):
        self._html, self._page = answer.text if answer.mimetype == "text/html" else None, None

    @property
    def token(self):
        """That of the page's forms, without an object for each element: making those takes longer than the page."""
        return html.fromstring(self._html).xpath("//input[@name='csrf_token']/@value")[0]

    @property
    def page(self):
        """The answer's page, if it is one; read when it is looked at, which takes longer than making it."""
        if self._page is None and self._html is not None:
            self._page = BeautifulSoup(self._html, "lxml")
        return self._page

    @page.setter
    def page(self, page):
        self._page = page

    @property
    def words(self):
        return self.page.get_text(" ", strip=True)


@cache
def fields_of(shape):
    """A shape's fields by name; marshmallow copies all of them for every new object of the class."""
    return shape().fields


def example(shape):
    """A reply of this shape with something in every field."""
    return {name: value_of(field) for name, field in fields_of(shape).items()}


def value_of(field):
    if isinstance(field, fields.Nested):
        return example(field.nested)
    if isinstance(field, fields.List):
        return [value_of(field.inner)]
    if isinstance(field, fields.UUID):
        return str(uuid4())
    if isinstance(field, fields.AwareDateTime):
        return NOW.isoformat()
    if isinstance(field, fields.Date):
        return "2026-12-07"
    if isinstance(field, fields.Boolean):
        return False
    if isinstance(field, fields.Integer):
        return 1
    if isinstance(field, fields.Dict):
        return {}
    return getattr(field, "choices", ("text",))[0]


def an_application(**changes):
    contacts = [
        {"contact": c, "channel": "email" if c.endswith("email") else "sms", "value": v, "verified_at": None}
        for c, v in (
            ("company_mobile", "+886922345678"),
            ("company_email", "office@example.com"),
            ("applicant_mobile", "+886912345678"),
            ("applicant_email", "clerk@example.com"),
        )
    ]
    return (
        example(accounts.applications.ApplicationView)
        | {
            "case_number": "PTAPPLY936EC90162340",
            "identity_type": "company",
            "status": "draft",
            "submission": 0,
            "answers": {
                "registration": {"method": "email", "notice_version": "2026-01", "agreed": True},
                "identity": {"id_number": "A123456789", "account_name": "carrier2026"},
                "company": {
                    "unified_business_number": "04595257",
                    "name_zh": "範例航運",
                    "city": "keelung",
                    "address": "港西街 1 號",
                    "phone": "+886224201234",
                    "email": "office@example.com",
                    "mobile": "+886922345678",
                },
                "applicant": {
                    "name": "承辦人",
                    "email": "clerk@example.com",
                    "mobile": "+886912345678",
                    "systems": ["mtnet", "vessels"],
                },
            },
            "sections": ["registration", "identity", "company", "applicant"],
            "contacts": contacts,
            "needs_form": True,
            "missing": ["form"],
            "marks": [],
            "changed": [],
            "editable": True,
            "submitted_at": None,
            "unit": "north",
            "stage": 1,
            "stages": 2,
            "steps": [],
            "account_state": None,
            "form": None,
        }
        | changes
    )


def a_returned_application():
    mark = {"code": "WRONG", "field": "company.phone"}
    step = example(accounts.applications.StepView) | {
        "status": "returned",
        "unit": "north",
        "marks": [mark],
        "note": "請更正電話",
    }
    return an_application(
        status="returned",
        submission=1,
        submitted_at=NOW.isoformat(),
        marks=[mark],
        note="請更正電話",
        steps=[step],
    )


def a_session(*roles, unit=None):
    ends = datetime.now(UTC) + timedelta(hours=3, minutes=58, seconds=30)
    account = example(accounts.sessions.AccountView) | {
        "name": "審核員",
        "roles": list(roles),
        "unit": unit,
        "identity_type": "bureau",
        "systems": ["mtnet"],
        "password_expires_at": None,
    }
    return {
        "actor": "signed",
        "account": account,
        "expires_at": ends.isoformat(),
        "latest_at": ends.isoformat(),
    }


def a_case(**changes):
    return (
        example(review.cases.CaseView)
        | {
            "case_number": "PTAPPLY936EC90162340",
            "identity_type": "company",
            "state": "open",
            "unit": "north",
            "masked_id_number": "A123***",
            "answers": an_application()["answers"],
            "form": {"file_id": str(uuid4()), "media_type": "application/pdf", "size_bytes": 2048},
            "duplicates": [],
            "submission": 2,
            "differences": [{"field": "company.phone", "before": "02-24201234", "after": "02-24209999"}],
            "history": [
                example(review.cases.HistoryEntry)
                | {"unit": "north", "reasons": [{"field": "form", "code": "NOT_STAMPED"}]}
            ],
            "units": ["north", "operations"],
            "claimed_by": None,
            "may_claim": True,
            "decisions": ["forward", "return", "reject"],
            "version": 7,
        }
        | changes
    )


def a_provider(**changes):
    """Mail, on two days."""
    days = [
        {"day": "2026-11-25", "sent": 40, "confirmed": 38, "failed": 2},
        {"day": "2026-11-26", "sent": 0, "confirmed": 0, "failed": 0},
    ]
    at = "2026-11-26T09:25:24+00:00"
    return {
        "channel": "email",
        "is_away": False,
        "is_outage": False,
        "since": at,
        "next_try_at": at,
        "answer": "503",
        "paused_at": None,
        "paused_by": "",
        "pause_reason": "",
        "per_second": 3000,
        "companies": [],
        "quota": None,
        "days": days,
        "hours": [{"hour": hour, "sent": 0, "failed": 0} for hour in range(24)],
        "delays": [30, 10, 0, 0, 0, 0],
    } | changes


def a_delivery(**changes):
    """A mail about a returned application that came back."""
    return {
        "delivery_id": "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e01",
        "message_id": "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e02",
        "again_of": None,
        "kind": "application_returned",
        "locale": "zh-Hant",
        "template_version": 1001,
        "name": "PTAPPLY936EC90162340",
        "channel": "email",
        "recipient": "c•••@carrier.example.com",
        "state": "failed",
        "failure": "BOUNCED",
        "created_at": "2026-11-26T09:25:24+00:00",
        "finished_at": "2026-11-26T09:25:30+00:00",
        "next_attempt_at": None,
        "may_be_sent_again": True,
        "attempts": [
            {
                "at": "2026-11-26T09:25:25+00:00",
                "outcome": "accepted",
                "detail": "250 2.0.0",
                "receipt": "failed",
                "receipt_detail": "5.1.1",
                "receipt_at": "2026-11-26T09:25:30+00:00",
            }
        ],
    } | changes


def broadcasts():
    """What notify answers about a broadcast that is counted and not started."""
    line = {
        "broadcast_id": "d20aa8b5-cc22-4e49-9f2d-7659dca85309",
        "title_zh": "系統維護",
        "title_en": "Maintenance",
        "category": "information",
        "segment": "system",
        "segment_of": "vessels",
        "state": "draft",
        "version": 3,
        "written_by": "operator1",
        "written_at": "2026-11-26T09:25:24+00:00",
        "people": 3204,
        "counted_at": "2026-11-26T09:25:30+00:00",
        "start_at": None,
        "per_second": None,
        "started_at": None,
        "ended_at": None,
    }
    whole = line | {
        "body_zh": "維護",
        "body_en": "Down",
        "ways": [
            {"channel": "email", "reason": "", "people": 2950},
            {"channel": "line", "reason": "", "people": 310},
            {"channel": None, "reason": "NO_ADDRESS", "people": 12},
        ],
        "outcomes": [],
        "percent": 0,
        "taken": 0,
        "trouble": "",
        "steps": [{"at": "2026-11-26T09:25:24+00:00", "act": "write", "by": "operator1", "detail": {}}],
    }
    shown = {"locale": "zh-Hant", "subject": "系統維護", "text": "維護", "html": "<p>維護</p>"}
    names = ("write", "change", "count", "start", "pause", "resume", "cancel")
    return {
        "notify.broadcasts": {"items": [line], "page": 1, "page_size": 25, "total": 1},
        "notify.broadcast": whole,
        "notify.broadcast_preview": {"items": [shown | {"channel": "email"}, shown | {"channel": "line"}]},
        "notify.add_to_broadcast": {"people": 3204},
        "notify.broadcast_people": {"items": [], "next_after": None},
        **{f"notify.{name}_broadcast": whole for name in names},
    }


def texts_of_messages():
    """What notify answers about the text of a returned application, in use in its second version, and being written."""
    version = {
        "version": 1001,
        "release_version": 2,
        "parts": ["subject"],
        "restored_from": None,
        "reason": "用語更清楚",
        "author": "operator1",
        "published_at": "2026-11-26T09:25:24+00:00",
    }
    draft = {"author": "operator2", "saved_at": "2026-11-26T10:00:00+00:00"}
    line = {
        "kind": "application_returned",
        "in_use": 1001,
        "outdated": False,
        "last": version,
        "draft": draft,
    }
    blank = {"may_be_empty": False, "necessary": False, "common": False, "only_when": "", "choices": []}
    piece = {"text": "您的申請案 {{ case_number }}", "changed": False}
    return {
        "notify.templates": {"items": [line | {"locale": "zh-Hant"}, line | {"locale": "en", "draft": None}]},
        "notify.template": {
            "kind": "application_returned",
            "locale": "zh-Hant",
            "revision": 3,
            "release_version": 2,
            "outdated": False,
            "in_use": version,
            "draft": draft,
            "parts": [
                {
                    "name": name,
                    "text": text,
                    "release_text": text,
                    "own": False,
                    "like_the_mail": name == "fax",
                    "longest": 8000,
                }
                for name, text in (
                    ("subject", "需要補正"),
                    ("body", "{{ name }} 您好：\n\n{{ reasons }}"),
                    ("fax", ""),
                )
            ],
            "placeholders": [
                blank
                | {
                    "name": "reasons",
                    "form": "REASONS",
                    "meaning": "應補正事項",
                    "sample": "- a",
                    "necessary": True,
                },
                blank
                | {
                    "name": "case_url",
                    "form": "LINK",
                    "meaning": "案件頁",
                    "sample": "https://x",
                    "common": True,
                },
                blank
                | {
                    "name": "why",
                    "form": "CHOICE",
                    "meaning": "原因",
                    "sample": "",
                    "choices": [{"code": "", "meaning": "撤回"}, {"code": "LAPSED", "meaning": "逾期"}],
                },
            ],
        },
        "notify.preview_template": {
            "subject": "需要補正",
            "html": "<!doctype html><p style='color:red'>王小明 您好：</p>",
            "text": "王小明 您好：",
            "sms": {"text": "請補正", "characters": 3, "parts": 1, "wide": True},
            "line": "王小明 您好：",
            "fax": "王小明 您好：",
            "fax_pages": ["iVBORw0KGgo="],
            "faults": [],
        },
        "notify.providers": {
            "items": [a_provider(), a_provider(channel="sms", is_away=True, is_outage=True)]
        },
        "notify.find_deliveries": {"items": [a_delivery()], "next_before": None},
        "notify.save_template_draft": {"revision": 4},
        "notify.publish_template": {"revision": 4, "version": 1002},
        "notify.restore_template": {"revision": 4, "version": None},
        "notify.test_template": {"recipients": ["o•••@mtnet.example"]},
        "notify.template_versions": {"items": [version], "next_before": 1001},
        "notify.template_difference": {
            "parts": [
                {
                    "part": "subject",
                    "same": False,
                    "rows": [{"older": [piece], "newer": [piece, piece | {"changed": True}], "same": False}],
                },
                {"part": "body", "same": True, "rows": []},
            ]
        },
    }


def a_queue():
    item = {n: v for n, v in a_case().items() if n in fields_of(review.cases.QueueItem)}
    return {
        "page": 1,
        "page_size": 25,
        "total": 26,
        "items": [item | {"overdue": True}],
        "counts": [{"tab": "all", "count": 26}],
    }


def opened_applications(services):
    """What `accounts.application` would answer for each token, in one answer."""

    def answer(request):
        found = []
        for position, token in enumerate(request["application_tokens"]):
            one = services.answers["accounts.application"]
            one = one({"application_token": token}) if callable(one) else one
            if not isinstance(one, Exception):
                shown = {
                    n: v for n, v in one.items() if n in fields_of(accounts.applications.OpenedApplication)
                }
                found.append(shown | {"position": position})
        return {"applications": found}

    return answer


class Examples(dict):
    """Answers by the name of the call; one that a test does not give is an example, made when it is asked for."""

    def __missing__(self, name):
        self[name] = example(CALLS[name].reply)
        return self[name]


@pytest.fixture
def everything(services):
    """Every call the portal makes, answered."""
    from .helpdesk.conftest import the_desk  # which needs this file first

    services.answers = Examples(services.answers)
    text = {"zh-Hant": "文字", "en": "Words"}
    page = services.answers["content.published_page"] | {"title": text, "body": text}
    summary = {n: v for n, v in page.items() if n != "body"}
    for name in ("helpdesk.quick_answer", "content.faq_draft"):
        services.answers[name] |= {"question": text, "answer": text}
    services.answers |= {
        "content.published": {"page": 2, "page_size": 10, "total": 30, "items": [summary]},
        "content.published_page": page,
        "accounts.privacy_notice": services.answers["accounts.privacy_notice"]
        | {"title": text, "body": text},
        "accounts.own_consents": services.answers["accounts.own_consents"] | {"needed": None},
        "accounts.application": an_application(),
        "accounts.opened_applications": opened_applications(services),
        "accounts.resume_session": a_session("reviewer", "operator", "helpdesk_lead", "editor", unit="north"),
        **texts_of_messages(),
        **broadcasts(),
        "review.queue": a_queue(),
        "review.case": a_case(),
        **the_desk(),
    }
    return services
