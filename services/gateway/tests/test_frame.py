"""The frame of every page: one row and a menu, who is here, errors in the order of the page, empty fields by name."""

import re
from pathlib import Path

import gateway
import pytest
from gateway.rpc.client import Refused
from gateway.texts import TEXTS
from mtnet_contracts.vocabulary.answers import ANSWERS
from mtnet_contracts.vocabulary.labels import FIELDS

from .conftest import Browser, a_session
from .test_pages import KEY, NUMBER

STYLE = (Path(gateway.__file__).parent / "static/portal.css").read_text()
LINK = "/activate/0123456789abcdef0123"


def test_the_menu_works_without_javascript_and_holds_every_page(browser, everything):
    everything.answers["accounts.resume_session"] = a_session("member")
    browser.cookie("sid", "s" * 43).get("/news")
    menu = browser.page.header.find("details")
    assert menu.summary.get_text(strip=True) == "選單"
    assert not menu.has_attr("open")
    wide = browser.page.header.find("nav", class_="portal-nav")
    assert [a["href"] for a in menu.ul.find_all("a")] == [a["href"] for a in wide.find_all("a")]
    assert menu.find("a", attrs={"aria-current": "page"})["href"] == "/news"
    assert menu.find("button", string="登出")


def test_who_is_logged_in_stands_beside_the_countdown(browser, everything):
    everything.answers["accounts.resume_session"] = a_session("reviewer", unit="north")
    browser.cookie("sid", "s" * 43).get("/news")
    row = browser.page.header.find(class_="portal-who").get_text(" ", strip=True)
    assert row.startswith("審核員，您好（北部航務中心）")
    assert "3小時58分鐘" in row
    english = Browser(browser.http.application, "en").cookie("sid", "s" * 43)
    english.get("/news")
    row = english.page.header.find(class_="portal-who").get_text(" ", strip=True)
    assert row.startswith("Hello, 審核員 (Northern Maritime Affairs Centre)")


@pytest.mark.parametrize("section", ["identity", "company", "applicant"])
def test_errors_stand_in_the_order_of_the_page_and_lead_to_their_fields(browser, everything, section):
    names = list(ANSWERS[section]().fields)
    everything.answers["accounts.save_section"] = Refused(
        "INVALID", {name: ["NOT_VALID"] for name in reversed(names)}
    )
    browser.cookie(KEY, "t" * 43).post(f"/apply/{NUMBER}/section/{section}", **dict.fromkeys(names, "x"))
    links = [a["href"].removeprefix("#") for a in browser.page.find(id="error-summary").find_all("a")]
    ids = [tag["id"] for tag in browser.page.main.find_all(id=True)]
    assert sorted(links) == sorted(names)
    assert links == sorted(links, key=ids.index)


# What rules say about nothing: a length, a checksum, a format. The person is asked for the field by its name.
RULES = {
    "identity": {"account_name": "ACCOUNT_LENGTH", "id_number": "ID_NUMBER_INVALID"},
    "company": {
        "unified_business_number": "UNIFIED_BUSINESS_NUMBER_INVALID",
        "phone": "PHONE_INVALID",
        "mobile": "MOBILE_INVALID",
        "email": "EMAIL_INVALID",
        "name_zh": "REQUIRED",
    },
    "applicant": {"reason": "REQUIRED", "mobile": "MOBILE_INVALID", "email": "EMAIL_INVALID"},
}


@pytest.mark.parametrize("typed", ["", "   ", "\u3000"])
@pytest.mark.parametrize("section", RULES)
def test_an_empty_field_is_asked_for_by_its_name(portal, everything, section, typed):
    everything.answers["accounts.save_section"] = Refused(
        "INVALID", {name: [code] for name, code in RULES[section].items()}
    )
    for language, start in (("zh-Hant", "請填寫「"), ("en", "Enter the ")):
        browser = Browser(portal, language).cookie(KEY, "t" * 43)
        browser.post(f"/apply/{NUMBER}/section/{section}", **dict.fromkeys(RULES[section], typed))
        for name in RULES[section]:
            words = (
                browser.page.find(id=f"{name}-error")
                .get_text()
                .strip()
                .split("：")[-1]
                .removeprefix("Error: ")
            )
            label = TEXTS[language][FIELDS[f"{section}.{name}"]]
            assert words.startswith(start), words
            assert label.lower() in words.lower()


def test_something_wrong_is_told_as_what_is_wrong(browser, everything):
    everything.answers["accounts.save_section"] = Refused("INVALID", {"account_name": ["ACCOUNT_LENGTH"]})
    browser.cookie(KEY, "t" * 43).post(f"/apply/{NUMBER}/section/identity", account_name="abc")
    assert "8 至 20 碼" in browser.page.find(id="account_name-error").get_text()


def test_what_is_chosen_is_asked_for_as_a_choice(portal, everything):
    everything.answers["accounts.save_section"] = Refused("INVALID", {"city": ["NOT_A_CHOICE"]})
    for language, words in (("zh-Hant", "請選擇「縣市」"), ("en", "Choose the city or county")):
        browser = Browser(portal, language).cookie(KEY, "t" * 43)
        browser.post(f"/apply/{NUMBER}/section/company", city="")
        assert words in browser.page.find(id="city-error").get_text()


@pytest.mark.parametrize("shape", ["identity", "company", "applicant"])
def test_the_contract_says_so_too(shape):
    """For programs: one code for what is empty, whatever else the field must be."""
    needed = {
        name: field
        for name, field in ANSWERS[shape]().fields.items()
        if field.required and hasattr(field, "longest")
    }
    assert needed
    found = ANSWERS[shape]().validate({name: " " for name in needed})
    assert {name: found[name] for name in needed} == {name: ["REQUIRED"] for name in needed}


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"password": "", "again": ""}, {"password": "請填寫「密碼」", "again": "請填寫「再次輸入新密碼」"}),
        ({"password": "Quay!2026", "again": ""}, {"again": "請填寫「再次輸入新密碼」"}),
        ({"password": "Quay!2026", "again": "Quay!2027"}, {"again": "兩次輸入的密碼不同"}),
    ],
)
def test_a_first_password_is_asked_for(browser, everything, given, asked):
    browser.post(LINK, **given)
    shown = {p["id"]: p.get_text() for p in browser.page.main.find_all(class_="govuk-error-message")}
    assert set(shown) == {f"{name}-error" for name in asked}
    assert all(words in shown[f"{name}-error"] for name, words in asked.items())
    assert everything.requests_to("accounts.activate_account") == []


def test_a_password_manager_finds_the_name_and_what_each_field_is(browser, everything):
    everything.answers["accounts.activation"] |= {"name_taken": None}
    browser.get(LINK)
    shown = {i["name"]: i for i in browser.page.main.find_all("input") if i.get("type") != "hidden"}
    assert shown["username"].has_attr("readonly")
    assert shown["username"]["value"] == "text"
    assert {name: i["autocomplete"] for name, i in shown.items()} == {
        "username": "username",
        "password": "new-password",
        "again": "new-password",
    }
    for page in ("/login", "/"):
        browser.get(page)
        found = {i["name"]: i.get("autocomplete") for i in browser.page.main.find_all("input")}
        assert (found["account_name"], found["password"]) == ("username", "current-password")


def test_a_used_link_of_an_active_account_leads_to_the_login(browser, everything):
    everything.answers["accounts.activation"] = Refused("ACTIVATION_LINK_USED")
    assert browser.get(LINK).status_code == 410
    assert browser.page.h1.get_text() == "帳號已啟用"
    assert browser.page.main.find("a", string="登入")["href"] == "/login"
    everything.answers["accounts.activation"] = Refused("ACTIVATION_LINK_INVALID")
    assert browser.get(LINK).status_code == 404
    assert browser.page.h1.get_text() == "連結已失效"
    assert not browser.page.main.find("a", string="登入")


def test_a_print_button_is_hidden_until_it_can_print(browser, everything):
    everything.answers["accounts.application"]["submitted_at"] = "2026-11-23T09:25:24+00:00"
    browser.cookie(KEY, "t" * 43).get(f"/apply/{NUMBER}/receipt")
    assert browser.page.find("button", attrs={"data-print": True}).has_attr("hidden")
    assert re.search(r"\.govuk-button\[hidden\]\{display:none\}", STYLE)


def test_every_letter_has_a_font():
    families = set(re.findall(r"[;{]font-family:([^;}]+)", STYLE))
    assert re.search(r"(?<![\w-])body\{font-family:[^;}]*sans-serif", STYLE)
    for family in families:
        assert family == "inherit" or "monospace" in family or family.rstrip().endswith("sans-serif"), family
    whole = next(f for f in families if "PingFang TC" in f)
    assert whole.index("Arial") < whole.index("PingFang TC") < whole.index("Noto Sans CJK TC")
