"""Another language or text size in the middle of typing: what was typed stays, and nothing is sent or given away."""

import pytest
from gateway.rpc.client import Refused
from mtnet_contracts.calls import CALLS
from werkzeug.datastructures import MultiDict

from .conftest import Browser, a_case, a_returned_application, an_application
from .test_pages import CASE, KEY, NUMBER, PAGES

SECRET = {"password", "again", "code"}
NOT_TYPED = {"hidden", "submit", "file"}
STRANGER = {"/login", "/activate/0123456789abcdef0123"}
FORMS = [
    "/",
    "/login?next=/account",
    "/apply/identity-type",
    f"/apply/{NUMBER}/section/registration",
    f"/apply/{NUMBER}/section/identity",
    f"/apply/{NUMBER}/section/company",
    f"/apply/{NUMBER}/section/applicant?then=check",
    f"/apply/{NUMBER}/code/applicant_email?sent=1",
    f"/apply/{NUMBER}/check",
    f"/apply/{NUMBER}/form",
    "/case",
    f"/case/code/{CASE}",
    f"/review/{CASE}",
    "/activate/0123456789abcdef0123",
]


@pytest.fixture
def visitor(portal, everything):
    everything.answers["review.case"] = a_case(claimed_by_me=True)
    return Browser(portal).cookie(KEY, "t" * 43).cookie("sid", "s" * 43)


def come_to(visitor, services, path):
    """Pages for strangers are asked for without a session."""
    if path == "/" or path.startswith(("/login", "/activate")):
        services.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    assert visitor.get(path).status_code == 200


def controls(page):
    """What can be typed or chosen in the page's form, wherever in the page it stands."""
    form = page.find(id="page-form")
    inside = form.find_all(["input", "textarea", "select"])
    return inside + page.find_all(["input", "textarea", "select"], attrs={"form": "page-form"})


def fill(page):
    """Type into everything; returns what the browser would send."""
    return typed_into(controls(page))


def typed_into(fields):
    sent = MultiDict()
    for n, control in enumerate(fields):
        kind, name = control.get("type"), control.get("name")
        if control.name == "select":
            sent[name] = control.find_all("option")[-1]["value"]
        elif kind in ("radio", "checkbox"):
            if kind == "checkbox" or name not in sent:
                sent.add(name, control["value"])
        elif kind == "hidden":
            sent.add(name, control.get("value", ""))
        elif kind != "file":
            sent[name] = f"typed {n} 打字"
    return sent


def shown(page):
    """What the page's form would send now, without the hidden fields."""
    found = MultiDict()
    for control in controls(page):
        kind, name = control.get("type"), control.get("name")
        if control.name == "select":
            chosen = control.find("option", selected=True)
            found[name] = chosen["value"] if chosen else ""
        elif control.name == "textarea":
            found[name] = control.get_text()
        elif kind in ("radio", "checkbox"):
            if control.has_attr("checked"):
                found.add(name, control["value"])
        elif kind not in NOT_TYPED:
            found[name] = control.get("value", "")
    return found


def read(browser, answer):
    browser.show(answer)
    return browser


def switch(page, name):
    """The first button of the header that sends the page's form to be shown otherwise."""
    return next(b for b in page.header.find_all("button", form="page-form") if f"{name}=" in b["formaction"])


@pytest.mark.parametrize("name", ["lang", "size"])
@pytest.mark.parametrize("path", FORMS)
def test_what_was_typed_stays(visitor, everything, path, name):
    come_to(visitor, everything, path)
    sent = fill(visitor.page)
    versions = {f: v for f, v in sent.items(multi=True) if f.startswith("version")}
    everything.asked.clear()
    button = switch(visitor.page, name)
    answer = visitor.http.post(button["formaction"], data=sent, headers=visitor.headers)
    assert answer.status_code == 200
    again = read(Browser(visitor.http.application), answer)
    assert again.page.html["lang"] == ("en" if name == "lang" else "zh-Hant-TW")
    assert again.page.html["data-size"] == ("m" if name == "lang" else "s")
    now = shown(again.page)
    for field, value in now.items(multi=True):
        assert value == "" if field in SECRET else value in [*sent.getlist(field), "text"], field
    assert {f for f in now if f not in SECRET} >= {
        f
        for f in sent
        if f not in SECRET | {"csrf_token", "key", "next"} and not f.startswith(("version", "notice"))
    }
    hidden = {c["name"]: c.get("value") for c in controls(again.page) if c.get("type") == "hidden"}
    assert {f: hidden.get(f) for f in versions} == versions
    assert not [asked for asked, *_ in everything.asked if CALLS[asked].writes]
    cookies = " ".join(answer.headers.getlist("Set-Cookie"))
    assert f"{name}=" in cookies
    said = again.page.find(class_="portal-notice").get_text()
    assert ("file again" in said or "檔案請重新選擇" in said) == (path.endswith("/form"))


# Lists whose entries have small forms of their own; the ticket and the fault, whose answer or announcement is the
# page's form; and the shifts, where handing over is.
LISTS = (
    "/review/",
    "/operations/messages",
    "/desk/",
    "/desk/?view=mine&state=new&after=x",
    "/desk/?view=all&q=x",
    "/desk/held",
    "/desk/tickets/HD2026-000123",
    "/desk/faults/F2026-000001",
    "/desk/shifts",
)


@pytest.mark.slow  # every page
@pytest.mark.parametrize("path", [page for page in PAGES if page not in LISTS])
def test_every_field_of_every_page_is_in_its_form(portal, everything, path):
    """What an address holds already, as a filter does, needs no form to be kept."""
    browser = Browser(portal).cookie(KEY, "t" * 43).cookie("sid", "s" * 43)
    browser.get(path)
    fields = [
        c
        for c in browser.page.find_all(["input", "textarea", "select"])
        if c.get("type") not in ("hidden", "submit")
        and c.get("name")  # one without a name is for scripts alone, and never sent
        and (c.find_parent(id="page-form") or not c.find_parent("form", method="get"))
    ]
    known = [id(c) for c in controls(browser.page)] if browser.page.find(id="page-form") else []
    assert [str(c)[:80] for c in fields if id(c) not in known] == []
    assert len(browser.page.find_all(id="page-form")) <= 1


@pytest.mark.parametrize("path", FORMS)
def test_enter_presses_the_forms_own_button(visitor, everything, path):
    come_to(visitor, everything, path)
    form = visitor.page.find(id="page-form")
    first = next(
        b
        for b in visitor.page.find_all("button")
        if b.get("form") == "page-form" or (form in b.parents and not b.get("form"))
    )
    assert not first.get("formaction")
    assert not first.get("name")
    assert first["tabindex"] == "-1"


def test_a_list_is_searched_for_what_was_typed(visitor):
    visitor.get("/review/?tab=mine")
    assert visitor.page.find(id="page-form")["method"] == "get"
    button = next(b for b in visitor.page.header.find_all("button", form="page-form") if b["name"] == "lang")
    answer = visitor.get(f"/review/?tab=mine&search=abc&identity_type=&sort=due&lang={button['value']}")
    assert visitor.page.html["lang"] == "en"
    assert visitor.page.find(id="search")["value"] == "abc"
    assert "lang=en" in str(answer.headers.getlist("Set-Cookie"))
    assert not [a["href"] for a in visitor.page.main.find_all("a", href=True) if "lang=" in a["href"]]
    visitor.get("/review/?tab=mine&search=abc")
    assert visitor.page.html["lang"] == "en"


def test_without_its_token_a_form_is_not_shown_again(visitor):
    answer = visitor.http.post("/preferences?lang=en&next=/case", data={"query": "planted"})
    assert answer.status_code == 400


@pytest.mark.parametrize("target", ["//evil.example/case", "https://evil.example/", "/nothing-here", ""])
def test_only_pages_of_the_portal_are_shown_again(visitor, target):
    answer = visitor.post("/preferences?lang=en&next=" + target, page="/case", query="typed")
    assert "evil" not in answer.headers.get("Location", "")
    if target == "/nothing-here":
        assert answer.status_code == 303
    else:
        assert visitor.page.title.get_text() == "Home - MTNet Maritime Single Window"


def test_what_travels_through_a_code_travels_through_a_switch(visitor, everything):
    """The case was closed while a section was being written; then the language is changed; then the code comes."""
    everything.answers["accounts.application"] = an_application()
    visitor.get(f"/apply/{NUMBER}/section/company")
    sent = fill(visitor.page)
    visitor.http.delete_cookie(KEY)
    answer = visitor.http.post(f"/apply/{NUMBER}/section/company", data=sent, headers=visitor.headers)
    assert answer.status_code == 403
    read(visitor, answer)
    for _ in range(2):
        carried = MultiDict(
            (c["name"], c.get("value", "")) for c in controls(visitor.page) if c.get("type") == "hidden"
        )
        assert carried["kept-address"] == sent["address"]
        button = switch(visitor.page, "lang")
        answer = visitor.http.post(button["formaction"], data=carried, headers=visitor.headers)
        read(visitor, answer)
    assert visitor.page.find("input", {"name": "kept-address"})["value"] == sent["address"]


def test_a_page_without_a_form_has_links(visitor, everything):
    everything.answers["accounts.application"] = a_returned_application()
    visitor.get(f"/case/{NUMBER}")
    assert not visitor.page.find(id="page-form")
    links = {a["href"] for a in visitor.page.header.find_all("a", class_="portal-tool")}
    assert f"/preferences?next=/case/{NUMBER}&lang=en" in {link.replace("%2F", "/") for link in links}
