"""The reviewer's case: its form beside its fields, a reason that fits at each field, a look before it is final."""

import pytest
from gateway.errors.refusals import ERRORS
from gateway.rpc.client import Refused
from gateway.texts import TEXTS
from mtnet_contracts.vocabulary.labels import FIELDS, REASONS
from mtnet_contracts.vocabulary.reasons import REASONS_THAT_FIT

from ..conftest import Browser, a_case
from ..test_pages import CASE
from ..test_windows import hidden, send

ADDRESS = f"/review/{CASE}"
CHINESE = TEXTS["zh-Hant"]
DECIDE = f"{ADDRESS}/decide"
NOTE = "電話與登記不符\n請更正"
MARKS = {"mark-company.phone": "MISMATCH", "mark-form": "NOT_STAMPED"}
WRITTEN = {"note": NOTE, **MARKS}
CALL_OF = {"approve": "approve_case", "return": "return_case", "reject": "reject_case"}


def mine(**changes):
    found = a_case(application_id=CASE, claimed_by="我", claimed_by_me=True, company_name="範例航運")
    found |= {"applicant_name": "承辦人", "account_name": "carrier2026"}
    found["form"] = found["form"] | {"pages": 2}
    return found | changes


@pytest.fixture
def reviewer(browser, everything):
    everything.answers["review.case"] = mine(decisions=["approve", "return", "reject"])
    browser.cookie("sid", "s" * 43).get(ADDRESS)
    return browser


def offered(page, field):
    return [radio["value"] for radio in page.find_all("input", {"name": f"mark-{field}"})]


def chosen(page, name):
    found = page.find("input", {"name": name, "checked": True})
    return found and found["value"]


def writing(everything):
    return [name for name, *_ in everything.asked if name.startswith("review.") and name != "review.case"]


# The page


@pytest.mark.parametrize("as_registered", [True, False])
def test_a_number_outside_the_check_digits_is_marked_for_the_reviewer(browser, everything, as_registered):
    answers = a_case()["answers"]
    numbers = {"unified_business_number": "90316313", "number_as_registered": as_registered}
    answers["company"] = answers.get("company", {}) | numbers
    everything.answers["review.case"] = mine(answers=answers, identity_type="company")
    browser.cookie("sid", "s" * 43).get(ADDRESS)
    (number,) = [row for row in browser.page.find_all("dd") if "90316313" in row.get_text()]
    assert ("請查核" in number.get_text()) is as_registered


def test_each_field_offers_the_reasons_that_fit_it_and_none(reviewer):
    answers = a_case()["answers"]
    for field, codes in REASONS_THAT_FIT.items():
        section = field.split(".")[0]
        shown = section in ("form", "identity") or section in answers
        assert offered(reviewer.page, field) == ([*codes, ""] if shown else []), field
        assert chosen(reviewer.page, f"mark-{field}") == ("" if shown else None)


def test_the_mark_of_a_field_stands_in_its_row(reviewer):
    radio = reviewer.page.find("input", {"name": "mark-company.phone"})
    row = radio.find_parent(class_="govuk-summary-list__row")
    assert row.dt.get_text(strip=True) == CHINESE[FIELDS["company.phone"]]
    assert radio.find_parent("form")["id"] == "page-form"
    assert not radio.find_parent("details").has_attr("open")


def test_the_forms_pages_are_beside_the_fields(reviewer, everything):
    file_id = everything.answers["review.case"]["form"]["file_id"]
    pane = reviewer.page.find(class_="portal-case__form")
    pictures = [f"{ADDRESS}/form/{file_id}/page/{n}" for n in (1, 2)]
    assert [image["src"] for image in pane.find_all("img")] == pictures
    assert [link["href"] for link in pane.find_all("a")] == pictures
    assert all(image["alt"] for image in pane.find_all("img"))


def test_a_case_without_a_form_has_no_pane_and_no_mark_for_it(reviewer, everything):
    everything.answers["review.case"] = mine(
        form=None, identity_type="individual", answers={"applicant": {"name": "承辦人"}}
    )
    reviewer.get(ADDRESS)
    assert not reviewer.page.find(class_="portal-case__form")
    assert offered(reviewer.page, "form") == offered(reviewer.page, "company.phone") == []
    assert offered(reviewer.page, "applicant.phone")


@pytest.mark.parametrize("claimed_by", [None, "別人"])
def test_who_has_not_claimed_the_case_marks_and_decides_nothing(reviewer, everything, claimed_by):
    everything.answers["review.case"] = mine(claimed_by=claimed_by, claimed_by_me=False, decisions=[])
    reviewer.get(ADDRESS)
    assert not [r for r in reviewer.page.find_all("input", type="radio") if r["name"].startswith("mark-")]
    assert not reviewer.page.find(class_="portal-decision")
    assert reviewer.page.find(class_="portal-case__form")


# What is wrong is told where it can be mended


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
@pytest.mark.parametrize("code", ["NOT_STAMPED", "NOTHING"])
def test_a_reason_that_does_not_fit_is_told_at_its_field(portal, everything, code, language):
    everything.answers["review.case"] = mine()
    browser = Browser(portal, language).cookie("sid", "s" * 43)
    browser.get(ADDRESS)
    sent = {"mark-company.phone": code, "mark-form": "EXPIRED", "note": NOTE}
    assert send(browser, DECIDE, decision="return", **sent).status_code == 422
    assert writing(everything) == []
    (link,) = browser.page.find(id="error-summary").find_all("a")
    assert link["href"] == "#mark-company-phone"
    assert ("不適用" if language == "zh-Hant" else "cannot be marked for this reason") in link.get_text()
    target = browser.page.find(id="mark-company-phone")
    assert target["name"] == "mark-company.phone"
    assert target.find_parent("details").has_attr("open")
    assert chosen(browser.page, "mark-form") == "EXPIRED"
    assert browser.page.find(id="note").get_text() == NOTE


@pytest.mark.parametrize(
    ("decision", "sent", "at"),
    [
        ("return", {"note": "x"}, {"#field-reasons"}),
        ("return", {"note": " ", "mark-form": "WRONG"}, {"#note"}),
        ("return", {"note": ""}, {"#note", "#field-reasons"}),
        ("reject", {"note": ""}, {"#note"}),
        ("reject", {"note": "x" * 1001}, {"#note"}),
        ("approve", {"note": "x" * 1001}, {"#note"}),
    ],
)
def test_what_is_missing_is_told_before_anybody_confirms(reviewer, everything, decision, sent, at):
    assert send(reviewer, DECIDE, decision=decision, **sent).status_code == 422
    assert {a["href"] for a in reviewer.page.find(id="error-summary").find_all("a")} == at
    assert all(reviewer.page.find(id=place[1:]) for place in at)
    assert writing(everything) == []


# A look before it is final


def test_before_an_approval_the_name_and_the_account_are_shown(reviewer, everything):
    assert send(reviewer, DECIDE, decision="approve", note="內部說明").status_code == 200
    assert writing(everything) == []
    assert reviewer.page.h1.get_text() == "確認核准案件 PTAPPLY936EC90162340"
    shown = {row.dt.get_text(strip=True): row.dd.get_text(strip=True) for row in rows(reviewer.page)}
    assert shown == {
        CHINESE[FIELDS["company.name_zh"]]: "範例航運",
        CHINESE[FIELDS["applicant.name"]]: "承辦人",
        CHINESE[FIELDS["identity.account_name"]]: "carrier2026",
        "說明（申請人看不到）": "內部說明",
    }


def rows(page):
    return page.main.find_all(class_="govuk-summary-list__row")


@pytest.mark.parametrize("decision", ["return", "reject"])
@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_before_a_return_or_a_rejection_what_the_applicant_is_told_is_shown(
    portal, everything, decision, language
):
    everything.answers["review.case"] = mine()
    browser = Browser(portal, language).cookie("sid", "s" * 43)
    browser.get(ADDRESS)
    sent = {"mark-form": "NOT_STAMPED", "mark-company.phone": "MISMATCH", "mark-company.fax": ""}
    assert send(browser, DECIDE, decision=decision, note=f"  {NOTE} ", **sent).status_code == 200
    assert writing(everything) == []
    texts = TEXTS[language]
    told = [
        texts["%(name)s: %(value)s"] % {"name": texts[FIELDS[field]], "value": texts[REASONS[code]]}
        for field, code in (("company.phone", "MISMATCH"), ("form", "NOT_STAMPED"))
    ]
    assert [item.get_text() for item in browser.page.main.dl.find_all("li")] == told
    assert rows(browser.page)[-1].dd.get_text(strip=True) == NOTE
    assert len(rows(browser.page)) == 2
    assert browser.page.title.get_text().startswith(browser.page.h1.get_text())


@pytest.mark.parametrize("decision", CALL_OF)
def test_confirming_does_what_was_shown_with_the_same_key_and_version(reviewer, everything, decision):
    before = hidden(reviewer.page, DECIDE)
    send(reviewer, DECIDE, decision=decision, **WRITTEN)
    again = hidden(reviewer.page, DECIDE)
    assert (again["key"], again["version"]) == (before["key"], before["version"]) != ("", "")
    answer = send(reviewer, DECIDE)
    assert answer.location.startswith("/review/?done=")
    call = f"review.{CALL_OF[decision]}"
    assert writing(everything) == [call]
    (asked,) = everything.requests_to(call)
    assert (asked["version"], asked["note"]) == (7, NOTE)
    assert asked.get("reasons") == (
        None
        if decision == "approve"
        else [{"field": "company.phone", "code": "MISMATCH"}, {"field": "form", "code": "NOT_STAMPED"}]
    )
    assert everything.keys_to(call) != [None]


def test_pressing_confirm_twice_is_one_decision(reviewer, everything):
    send(reviewer, DECIDE, decision="return", **WRITTEN)
    shown = reviewer.page
    for _ in range(2):
        reviewer.page = shown
        send(reviewer, DECIDE)
    first, second = everything.keys_to("review.return_case")
    assert first == second is not None


def test_forwarding_asks_nothing(reviewer, everything):
    assert send(reviewer, DECIDE, decision="forward", note="").status_code == 303
    assert writing(everything) == ["review.forward_case"]


@pytest.mark.parametrize("decision", CALL_OF)
@pytest.mark.parametrize("confirmed", ["", "yes", "forward"])
def test_only_the_decision_that_was_shown_is_confirmed(reviewer, everything, decision, confirmed):
    assert send(reviewer, DECIDE, decision=decision, confirmed=confirmed, **WRITTEN).status_code == 200
    assert writing(everything) == []


@pytest.mark.parametrize("decision", CALL_OF)
def test_the_way_back_keeps_everything_typed(reviewer, everything, decision):
    send(reviewer, DECIDE, decision=decision, reason="核對證件", **WRITTEN)
    button = reviewer.page.find("button", {"name": "back"})
    assert button.find_parent("form")["action"] == DECIDE
    answer = send(reviewer, DECIDE, back=button["value"])
    assert answer.status_code == 200
    assert writing(everything) == []
    assert reviewer.page.find(id="note").get_text() == NOTE
    assert reviewer.page.find(id="reason").get_text() == "核對證件"
    assert chosen(reviewer.page, "decision") == decision
    assert {name: chosen(reviewer.page, name) for name in MARKS} == MARKS
    assert reviewer.page.find("input", {"name": "mark-form"}).find_parent("details").has_attr("open")


def test_another_language_while_confirming_keeps_everything_typed(reviewer, everything):
    send(reviewer, DECIDE, decision="return", **WRITTEN)
    button = next(b for b in reviewer.page.header.find_all("button") if "lang=" in b.get("formaction", ""))
    assert send_to(reviewer, button["formaction"]).status_code == 200
    assert reviewer.page.html["lang"] == "en"
    assert reviewer.page.find(id="note").get_text() == NOTE
    assert {name: chosen(reviewer.page, name) for name in MARKS} == MARKS
    assert writing(everything) == []


def send_to(browser, address):
    answer = browser.http.post(address, data=hidden(browser.page, DECIDE), headers=browser.headers)
    browser.show(answer)
    return answer


# The case went on meanwhile


@pytest.mark.parametrize("decision", CALL_OF)
@pytest.mark.parametrize(
    ("now", "code"),
    [
        ({"version": 8, "decisions": ["approve", "return", "reject"]}, "STALE_VERSION"),
        ({"decisions": [], "claimed_by": None, "claimed_by_me": False}, "NOT_CLAIMED"),
        ({"decisions": [], "claimed_by": "別人", "claimed_by_me": False}, "CLAIMED_BY_ANOTHER"),
        ({"decisions": [], "state": "returned"}, "CASE_NOT_OPEN"),
    ],
)
def test_nobody_is_asked_to_confirm_what_cannot_be_done(reviewer, everything, decision, now, code):
    everything.answers["review.case"] = mine(**now)
    answer = send(reviewer, DECIDE, decision=decision, **WRITTEN)
    assert answer.status_code == 409
    assert CHINESE[ERRORS[code]] in reviewer.words
    assert "請更正" in reviewer.words
    assert not reviewer.page.find("input", {"name": "confirmed"})
    assert writing(everything) == []


def test_an_approval_before_the_last_stage_is_not_shown_for_confirmation(reviewer, everything):
    everything.answers["review.case"] = mine(decisions=["forward", "return", "reject"])
    assert send(reviewer, DECIDE, decision="approve", note="").status_code == 409
    assert CHINESE[ERRORS["NOT_LAST_STAGE"]] in reviewer.words


@pytest.mark.parametrize("code", ["STALE_VERSION", "NOT_CLAIMED", "CLAIMED_BY_ANOTHER"])
def test_a_case_that_changed_while_one_was_confirming_keeps_what_was_written(reviewer, everything, code):
    send(reviewer, DECIDE, decision="return", **WRITTEN)
    everything.answers["review.return_case"] = Refused(code)
    assert send(reviewer, DECIDE).status_code == 409
    assert CHINESE[ERRORS[code]] in reviewer.words
    assert reviewer.page.find(id="note").get_text() == NOTE
    assert {name: chosen(reviewer.page, name) for name in MARKS} == MARKS
