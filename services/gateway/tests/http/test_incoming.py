"""What strangers, sister sites and proxies put into a request never costs a person the page, nor leads one astray."""

import io

import pytest
from bs4 import BeautifulSoup
from flask import request
from gateway.http.incoming import (
    clean_address,
    is_own_host,
    largest_body,
    readable_cookies,
    source_of,
    takes_a_file,
)

from ..conftest import Browser, a_queue, a_session, an_application
from ..privacy_rights.test_privacy_pages import a_request

NUMBER = "PTAPPLY936EC90162340"
KEY = f"case-{NUMBER}"
FORM = f"/apply/{NUMBER}/form"
SECTION = f"/apply/{NUMBER}/section/company"
MEGABYTE = 1024 * 1024


def token_on(browser, path):
    browser.get(path)
    return browser.token


# A body that cannot be read


@pytest.mark.parametrize("origin", [None, "http://localhost", "http://portal.example", "null", "http://["])
@pytest.mark.parametrize("megabytes", [11.5, 30, 200])
@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_a_file_that_is_too_large_is_told_so_and_leads_back_to_its_form(
    portal, everything, language, megabytes, origin
):
    browser = Browser(portal, language).cookie(KEY, "t" * 43)
    headers = browser.headers | ({"Origin": origin} if origin else {})
    answer = browser.http.post(
        FORM,
        input_stream=io.BytesIO(b"--x\r\n"),
        content_type="multipart/form-data; boundary=x",
        headers=headers,
        environ_overrides={"CONTENT_LENGTH": str(int(megabytes * MEGABYTE))},
    )
    assert answer.status_code == 413
    page = BeautifulSoup(answer.text, "html.parser")
    assert "10 MB" in page.main.get_text()
    assert page.main.find("a", href=FORM)


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_no_page_sees_nul_in_a_form(portal, kind):
    sent = {"a": "x\0y", "several": ["1", "\0", "2\0"], "plain": "z"}
    with portal.test_request_context("/contact", method="POST", data=sent, content_type=kind):
        assert request.form.to_dict(flat=False) == {"a": ["xy"], "several": ["1", "", "2"], "plain": ["z"]}


def test_too_much_text_is_not_called_a_file(browser, everything):
    browser.cookie(KEY, "t" * 43)
    form = {"csrf_token": token_on(browser, SECTION), "name_zh": "航" * 300_000}
    headers = browser.headers | {"Origin": "http://localhost"}
    answer = browser.http.post(SECTION, data=form, headers=headers)
    assert answer.status_code == 413
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.h1.get_text() == "輸入的內容太多"
    assert page.main.find("a", href=SECTION)


def test_a_small_file_with_long_text_beside_it_is_refused_too(browser, everything):
    browser.cookie(KEY, "t" * 43)
    token = token_on(browser, FORM)
    body = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("csrf_token", token), ("note", "x" * 600_000))
    )
    answer = browser.http.post(
        FORM, data=f"{body}--x--\r\n".encode(), content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413


def test_every_address_that_takes_a_file_may_be_sent_one_and_no_other(portal):
    """Uploads are read from request.files by these alone; other bodies have the bound of what a person types."""
    taking = {
        rule.endpoint
        for rule in portal.url_map.iter_rules()
        if takes_a_file(rule.rule.replace("<case_number:case_number>", NUMBER)) and "GET" not in rule.methods
    }
    assert taking == {
        "applying.upload", "api.attach_form", "api.remove_form", "api.keep_files", "api.keep_files_by_link",
        "contact.send", "contact.answer", "helpdesk.answer", "helpdesk.lease",
    }  # fmt: skip
    assert largest_body(FORM) > 10 * MEGABYTE > largest_body(SECTION) == largest_body(f"{FORM}/remove")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\n\r\n" * 1200 + b"--x--"),
        ("multipart/form-data; boundary=\xe9", b"--x"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"csrf_token=%ff%00"),
        ("application/json", b"{"),
        ("\xe5\xb0\x8f", b"\xff"),
    ],
)
@pytest.mark.parametrize("path", [FORM, SECTION, "/login", "/case", "/nothing", "/api/v1/sessions"])
def test_no_body_makes_an_error_page_fail(browser, everything, path, content_type, body):
    browser.cookie(KEY, "t" * 43)
    answer = browser.http.post(
        path,
        data=body,
        headers={"Origin": "http://localhost"},
        environ_overrides={"CONTENT_TYPE": content_type},
    )
    assert 400 <= answer.status_code < 500


def test_the_browser_can_say_it_before_sending(browser, everything):
    browser.cookie(KEY, "t" * 43).get(FORM)
    field = browser.page.find("input", {"type": "file"})
    assert field["data-largest"] == str(10 * MEGABYTE)
    assert "10 MB" in field["data-too-large"]


# Headers of other people's systems

FOREIGN = [
    "nick=小明".encode(),
    "nick=é".encode("latin-1"),
    b"nick=\xff\xfe; other=\x80",
    "名=1".encode(),
    b'nick="\xe5\xb0',
    b"=; ;;x; nick",
    b"nick=a\x01b",
]


@pytest.mark.parametrize("foreign", FOREIGN)
@pytest.mark.parametrize("first", [True, False])
def test_a_foreign_cookie_is_as_if_it_were_not_there(portal, everything, foreign, first):
    http = portal.test_client(use_cookies=False)
    page = http.get("/login")
    form_cookie = next(c for c in page.headers.getlist("Set-Cookie") if c.startswith("form=")).split(";")[0]
    token = BeautifulSoup(page.text, "html.parser").find("input", {"name": "csrf_token"})["value"]
    everything.answers["accounts.log_in"] = a_session("member") | {"session_token": "s" * 43}
    cookies = [foreign.decode("latin-1"), form_cookie]
    answer = http.post(
        "/login",
        data={"csrf_token": token, "account_name": "demomember", "password": "x"},
        environ_overrides={"HTTP_COOKIE": "; ".join(cookies if first else cookies[::-1])},
    )
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account"


def test_every_readable_cookie_stays():
    assert readable_cookies('a=1; b="x y"; c=\xe9; d=%E5; e=a=b') == 'a=1; b="x y"; d=%E5; e=a=b'


@pytest.mark.slow  # a sweep: each of many with each of many
@pytest.mark.parametrize(
    "name",
    [
        "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_ACCEPT_LANGUAGE", "HTTP_X_REQUEST_ID", "HTTP_ORIGIN", "HTTP_ACCEPT",
        "HTTP_AUTHORIZATION", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_IDEMPOTENCY_KEY",
        "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_SEC_FETCH_SITE",
        "HTTP_CACHE_CONTROL", "HTTP_COOKIE", "QUERY_STRING",
    ],
)  # fmt: skip
@pytest.mark.parametrize("bytes_", ["小明".encode(), "é".encode("latin-1"), b"\xff\xfe\x80", b"http://[\xe5"])
def test_no_header_costs_a_person_the_page(portal, everything, name, bytes_):
    browser = Browser(portal).cookie(KEY, "t" * 43)
    token = token_on(browser, "/login")
    everything.answers["accounts.log_in"] = a_session("member") | {"session_token": "s" * 43}
    form = {"csrf_token": token, "account_name": "demomember", "password": "x"}
    odd = {name: bytes_.decode("latin-1")}
    assert browser.http.get("/news", environ_overrides=odd).status_code == 200
    if name != "HTTP_COOKIE":
        assert browser.http.post("/login", data=form, environ_overrides=odd).status_code == 303
    assert browser.http.post("/api/v1/sessions", json=form, environ_overrides=odd).status_code < 500


def test_an_agent_that_is_not_ascii_is_kept_readable(browser, everything):
    everything.answers["accounts.log_in"] = a_session("member") | {"session_token": "s" * 43}
    form = {"csrf_token": token_on(browser, "/login"), "account_name": "demomember", "password": "x"}
    agent = {"HTTP_USER_AGENT": f"Ship{'é'.encode().decode('latin-1')}/1.0 " + "x" * 900}
    browser.http.post("/login", data=form, environ_overrides=agent)
    said = everything.requests_to("accounts.log_in")[0]["user_agent"]
    assert said.startswith("Ship??/1.0 xxx")
    assert len(said) == 500


# The client's address


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ('"[2001:db8::7]:443"', "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("[fe80::1%25eth0]:80", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:1", "203.0.113.7"),
        ("unknown", None),
        ("_hidden", None),
        ("", None),
        (None, None),
        ("203.0.113", None),
        ("203.0.113.7:port", None),
        ("203.0.113.999", None),
        ("2001:db8::7:443:x", None),
        ("[2001:db8::7", None),
        ("1; DROP TABLE session", None),
        ("\xe5\xb0\x8f", None),
        ("٢٠٣.0.113.7", None),
        ("9" * 5000, None),
        ("203.0.113.7:", "203.0.113.7"),
        ("[2001:db8::7]:", "2001:db8::7"),
        ("64:ff9b::203.0.113.7", "203.0.113.7"),
        ("[64:ff9b::cb00:7107]:443", "203.0.113.7"),
        ("64:ff9b::1:cb00:7107", "64:ff9b::1:cb00:7107"),
        ("64:ff9b:1::cb00:7107", "64:ff9b:1::cb00:7107"),
        ("203.0.113.7:80:", None),
    ],
)
def test_an_address_is_clean_or_unknown(given, clean):
    assert clean_address(given) == clean


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("203.0.113.7:51234", "203.0.113.7"),
        ("198.51.100.1, [2001:db8::7]:443", "2001:db8::7"),
        ("nonsense", None),
        ("203.0.113.7, ::ffff:198.51.100.9%x", "198.51.100.9"),
    ],
)
def test_accounts_is_told_the_clean_address(portal_with, everything, header, told):
    behind_one = portal_with(proxies=1)
    everything.answers["accounts.log_in"] = a_session("member") | {"session_token": "s" * 43}
    answer = behind_one.test_client().post(
        "/api/v1/sessions",
        json={"account_name": "demomember", "password": "x"},
        headers={"X-Forwarded-For": header},
    )
    assert answer.status_code == 201
    assert everything.requests_to("accounts.log_in")[0]["ip"] == told


def test_an_address_in_a_header_is_not_believed_without_a_proxy(portal, everything):
    portal.test_client().post(
        "/api/v1/sessions",
        json={"account_name": "a", "password": "x"},
        headers={"X-Forwarded-For": "203.0.113.7"},
    )
    assert everything.requests_to("accounts.log_in")[0]["ip"] == "127.0.0.1"


def test_whoever_has_a_network_of_addresses_is_one_source():
    assert source_of("2001:db8:1:2::7") == source_of("2001:db8:1:2:ffff::9") != source_of("2001:db8:1:3::7")
    assert source_of("203.0.113.7") != source_of("203.0.113.8")
    assert source_of(None) == "unknown"
    # All of IPv4 behind one prefix is not one source.
    both = {source_of(clean_address(f"64:ff9b::203.0.113.{n}")) for n in (7, 8)}
    assert both == {"203.0.113.7", "203.0.113.8"}


# The host


@pytest.mark.slow  # a sweep: each of many with each of many
@pytest.mark.parametrize(
    "host",
    [
        "portal.example", "PORTAL.Example", "portal.example:8443", "portal.example.", "alias.example", "localhost",
        "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "10.0.0.5", "172.18.0.7:8000", "gateway:8000",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/healthz", "/contact", "/apply"])
def test_the_portals_own_hosts_are_answered_and_redirects_name_none(portal_with, everything, host, path):
    own = portal_with(hosts=("alias.example",))
    answer = own.test_client().get(path, headers={"Host": host})
    assert answer.status_code == (308 if path == "/apply" else 200)
    assert answer.headers.get("Location", "/apply/") == "/apply/"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 421),
        ("evil.example:80", 421),
        ("portal.example.evil.example", 421),
        ("evil-portal.example", 421),
        ("8.8.8.8", 421),
        ("[2606:4700::1111]", 421),
        ("127.0.0.1.evil.example", 421),
        ("portal.example@evil.example", 400),
        ("portal.example:99999", 400),
        ("portal.example:x", 400),
        ("portal.example, evil.example", 400),
        ("evil.example/portal.example", 400),
        ("portal.example\\.evil.example", 400),
        ("\xe5\xb0\x8f.example", 400),
        ("[::1", 400),
        ("", 400),
        (" ", 400),
    ],
)
@pytest.mark.parametrize("path", ["/", "/apply", "/nothing", "/api/v1/pages", "/static/portal.css"])
def test_another_host_is_not_answered(portal, services, host, status, path):
    answer = portal.test_client().get(path, environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == status
    assert "Location" not in answer.headers
    assert "evil" not in answer.text
    assert services.asked == []


def test_a_request_of_the_old_protocol_may_name_no_host(portal, services):
    old = {"SERVER_PROTOCOL": "HTTP/1.0", "HTTP_HOST": ""}
    assert portal.test_client().get("/contact", environ_overrides=old).status_code == 200
    for probe in ("/healthz", "/readyz"):
        assert portal.test_client().get(probe, environ_overrides={"HTTP_HOST": ""}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [{"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}, {"X-Host": "evil.example"}],
)
def test_no_header_beside_host_names_the_host(portal_with, everything, header):
    behind = portal_with(proxies=2)
    answer = behind.test_client().get("/apply", headers=header | {"X-Forwarded-For": "203.0.113.7, 10.0.0.1"})
    assert answer.status_code == 308
    assert "evil" not in str(answer.headers) + answer.text


@pytest.mark.parametrize("path", ["//evil.example/%2e%2e", "//evil.example", "/apply//evil.example"])
def test_no_path_becomes_another_host(portal, everything, path):
    location = portal.test_client().get(path).headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith("//")


@pytest.mark.parametrize("name", ["::1", "fd00::1", "169.254.1.1"])
def test_addresses_that_are_not_of_the_internet_are_ours(name):
    assert is_own_host(name, frozenset({"portal.example"}))


# Pages of the portal and addresses that only take a form


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost"},
        {"Host": "gateway:8000", "Origin": "http://portal.example"},
        {"Host": "10.0.0.5", "Origin": "http://portal.example"},
        {"Host": "10.0.0.5", "Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Host": "10.0.0.5", "Referer": "http://portal.example/apply/"},
    ],
)
def test_what_was_typed_is_shown_when_its_form_could_not_be_taken(browser, everything, headers):
    browser.cookie(KEY, "t" * 43)
    text = "航" * 800
    answer = browser.http.post(SECTION, data={"csrf_token": "gone", "name_zh": text}, headers=headers)
    assert answer.status_code == 400
    assert text in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "http://portal.example.evil.example"},
        {"Origin": "null"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Referer": "http://evil.example/portal.example"},
        {"Origin": "http://["},
    ],
)
def test_what_another_site_sent_is_not_shown(browser, everything, headers):
    browser.cookie(KEY, "t" * 43)
    answer = browser.http.post(SECTION, data={"csrf_token": "gone", "name_zh": "call 0900"}, headers=headers)
    assert answer.status_code == 400
    assert "call 0900" not in answer.text


CASE = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (f"/apply/{NUMBER}/code/company_mobile/send", f"/apply/{NUMBER}/code/company_mobile"),
        (f"/apply/{NUMBER}/form/remove", FORM),
        (f"/case/{NUMBER}/leave", f"/case/{NUMBER}"),
        (f"/case/{NUMBER}/activation", f"/case/{NUMBER}"),
        (f"/review/{CASE}/claim", f"/review/{CASE}"),
        (f"/review/{CASE}/release", f"/review/{CASE}"),
        (f"/review/{CASE}/decide", f"/review/{CASE}"),
        (f"/review/{CASE}/id-number", f"/review/{CASE}"),
        ("/logout", "/"),
        ("/session", "/"),
    ],
)
def test_an_address_that_takes_only_forms_leads_to_its_page(browser, everything, address, page):
    answer = browser.cookie("sid", "s" * 43).get(address)
    assert answer.status_code == 303
    assert answer.headers["Location"] == page


def test_every_address_that_takes_only_forms_leads_to_a_page(portal, browser, everything):
    """Also the ones that are built after this test was written."""
    everything.answers["accounts.own_privacy_requests"] = {"requests": [a_request(request_id=CASE)]}
    browser.cookie(KEY, "t" * 43).cookie("sid", "s" * 43)
    rules = [rule for rule in portal.url_map.iter_rules() if not rule.rule.startswith("/api/")]
    got = {rule.rule for rule in rules if "GET" in rule.methods}
    values = {
        "case_number": NUMBER,
        "contact": "company_mobile",
        "application_id": CASE,
        "kind": "application_returned",
        "language": "zh-Hant",
        "number": "HD2026-000123",
        "canned_answer_id": "0197e0a4-7c1e-7b52-a1f0-4f3b2c9d8e01",
        "join": "merge",
        "undo": "undo_merge",
        "link_token": "w" * 43,
        "position": 7,
    }
    posted = [rule for rule in rules if "GET" not in rule.methods and rule.rule not in got]
    assert len(posted) >= 10
    for rule in posted:
        address = portal.url_map.bind("localhost").build(
            rule.endpoint, {name: values.get(name, CASE) for name in rule.arguments}, method="POST"
        )
        answer = browser.get(address)
        assert answer.status_code == 303, address
        assert browser.get(answer.headers["Location"]).status_code in (200, 303), address


def test_a_program_that_asks_with_the_wrong_method_is_told(browser):
    assert browser.http.get("/api/v1/activations").status_code == 405


# What strangers put into an address


@pytest.mark.slow  # a sweep: each of many with each of many
@pytest.mark.parametrize(
    "query",
    ["endpoint=x", "_method=GET", "_anchor=a", "_scheme=https", "_external=1", "_scheme=ftp&_external=1", "self=1",
     "values=1", "case_number=x", "name=x", "filename=x", "page=2&page=3", "%ff=%fe", "%00=1", "a[]=1", "=x",
     "x=%ED%A0%BD"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/news", "/announcements", "/questions", "/review/"])
def test_parameters_that_nobody_knows_stay_parameters(browser, everything, path, query):
    everything.answers["review.queue"] = a_queue() | {"total": 200}
    answer = browser.cookie("sid", "s" * 43).get(f"{path}?{query}")
    assert answer.status_code == 200
    following = browser.page.find("a", rel="next")["href"]
    assert following.startswith(f"{path}?")
    assert browser.get(following).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/login", "/case", "/preferences", "/apply/", SECTION, f"/f/{NUMBER}/abc"]
)
@pytest.mark.parametrize(
    "query", ["endpoint=x", "_method=PUT", "_external=1", "next=%00", "number=%ff", "then=%5B"]
)
def test_no_page_fails_of_a_parameter(browser, everything, path, query):
    everything.answers["accounts.application"] = an_application()
    answer = browser.cookie(KEY, "t" * 43).get(f"{path}?{query}")
    assert answer.status_code in (200, 303)
