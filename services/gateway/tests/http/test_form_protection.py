"""A form counts when a page of the portal sent it, as a browser says it: a fitting token alone is not enough."""

import time
from types import SimpleNamespace

import pytest
from gateway import rendering
from gateway.http.form_protection import is_from_elsewhere
from gateway.http.incoming import Number
from gateway.tracking.cases import CaseNumber
from werkzeug.datastructures import Headers
from werkzeug.routing import AnyConverter, IntegerConverter, UUIDConverter

from ..conftest import Browser, a_session

OWN = frozenset({"portal.example", "www.portal.example"})
EVIL = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"Origin": "https://gateway:8000"}, False),
        ({"Origin": "https://Portal.Example"}, False),
        ({"Origin": "https://www.portal.example"}, False),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "https://portal.example.evil.example"}, True),
        ({"Origin": "https://evil.example/portal.example"}, True),
        ({"Origin": "https://portal.example:8443"}, True),
        ({"Origin": "https://sister.portal.example", "Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": "https://portal.example", "Sec-Fetch-Site": "cross-site"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://["}, False),
        ({"Origin": "\xff"}, False),
        (EVIL, True),
    ],
)
def test_what_a_browser_says_of_where_a_form_came_from(headers, elsewhere):
    assert is_from_elsewhere(Headers(headers), "GATEWAY:8000", OWN) is elsewhere


VALUES = {
    UUIDConverter: "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e01",
    IntegerConverter: 1,
    Number: 1,
    CaseNumber: "PTAPPLY936EC90162340",
}


def forms_of(app):
    """The address of every form of a page; what programs post to has no token."""
    exempt = {"api", "unsubscribing", "receipts", "oauth", "line_webhook"}
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.rpartition(".")[0]
        if "POST" not in rule.methods or blueprint in exempt or blueprint.startswith("api"):
            continue
        values = {
            name: min(converter.items)
            if isinstance(converter, AnyConverter)
            else VALUES.get(type(converter), "x")
            for name, converter in rule._converters.items()
        }
        yield adapter.build(rule.endpoint, values, method="POST", append_unknown=False)


def test_no_form_of_the_portal_is_taken_from_another_site_though_its_token_fits(browser, portal, everything):
    everything.answers["accounts.resume_session"] = a_session("operator", "helpdesk_lead", "reviewer")
    browser.cookie("sid", "s" * 43)
    browser.get("/contact")
    token = browser.token
    addresses = sorted(set(forms_of(portal)))
    assert len(addresses) > 100
    written = []
    for address in addresses:
        answer = browser.http.post(
            address, data={"csrf_token": token, "text": "x"}, headers=browser.headers | EVIL
        )
        written += [address] if answer.status_code != 400 else []
    assert written == []


def test_the_same_form_is_taken_from_a_page_of_the_portal(browser, everything):
    browser.get("/contact")
    token = browser.token
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    answer = browser.http.post("/contact", data={"csrf_token": token}, headers=browser.headers | own)
    assert answer.status_code == 422


def token_on_a_page(browser):
    browser.get("/contact")
    return browser.token


def test_a_token_belongs_to_one_visitor_though_it_is_signed_once_a_minute(portal, everything, monkeypatch):
    one, other = Browser(portal), Browser(portal)
    now = time.time()
    monkeypatch.setattr(rendering, "time", SimpleNamespace(time=lambda: now))
    first = token_on_a_page(one)
    again = token_on_a_page(one)
    others = token_on_a_page(other)
    monkeypatch.setattr(rendering, "time", SimpleNamespace(time=lambda: now + 60))
    later = token_on_a_page(one)
    assert len({again, others}) == 2
    for token, visitor, status in [
        (first, one, 422),  # the form is empty, but it is theirs
        (again, one, 422),
        (later, one, 422),
        (again, other, 400),
        (others, one, 400),
    ]:
        answer = visitor.http.post("/contact", data={"csrf_token": token}, headers=visitor.headers)
        assert answer.status_code == status, (token, status)
