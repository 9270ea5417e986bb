"""The operator's pages of addresses that nothing is sent to, and their file."""

import csv
from io import StringIO

import pytest
from gateway.rpc.client import Refused

from ..conftest import Browser, a_session

ENTRY = {
    "position": 7,
    "channel": "email",
    "address": "c•••@carrier.example.com",
    "reason": "hard_bounce",
    "code": "5.1.1",
    "note": "",
    "since": "2026-11-26T04:00:00+00:00",
    "added_by": None,
    "lifted_at": None,
    "lifted_how": None,
    "lifted_by": None,
    "lifted_note": "",
}
LIFTED = ENTRY | {
    "reason": "operator",
    "code": "",
    "added_by": "operator1",
    "note": "=cmd|calc",
    "lifted_at": "2026-11-26T05:00:00+00:00",
    "lifted_how": "operator",
    "lifted_by": "operator2",
    "lifted_note": "<b>已更正</b>",
}


@pytest.fixture
def listed(everything):
    """Three pages of two entries each; remembers what was asked."""
    asked = []

    def entries(request):
        asked.append(request)
        before = request.get("before") or 10
        items = [ENTRY | {"position": before - 1}, LIFTED | {"position": before - 2}]
        return {"items": items[: request["limit"]] if "limit" in request else items,
                "next_before": before - 2 if before > 6 else None}  # fmt: skip

    everything.answers |= {
        "accounts.resume_session": a_session("operator"),
        "notify.suppressions": entries,
        "notify.suppress": ENTRY,
        "notify.lift_suppression": LIFTED,
    }
    return asked


@pytest.fixture
def operator(browser, listed):
    return browser.cookie("sid", "s" * 43)


@pytest.mark.parametrize("path", ["", ".csv", "/add", "/7/lift"])
@pytest.mark.parametrize("role", ["member", "reviewer"])
def test_only_operators_see_the_list(browser, everything, path, role):
    everything.answers["accounts.resume_session"] = a_session(role)
    assert browser.cookie("sid", "s" * 43).get(f"/operations/suppressions{path}").status_code == 403


def test_entries_are_shown_in_words_with_the_way_off_the_list_and_to_older_ones(operator, listed):
    operator.get("/operations/suppressions?lang=en&address=%40carrier.example.com&state=active&reason=x")
    for words in (
        "c•••@carrier.example.com", "No such mailbox: mail came back", "5.1.1", "Taken off the list", "by an operator",
        "operator2: <b>已更正</b>",
    ):  # fmt: skip
        assert words in operator.words
    assert listed[-1]["address"] == "@carrier.example.com"
    assert (listed[-1]["state"], listed[-1]["reason"]) == ("active", None)
    assert operator.page.find("a", href="/operations/suppressions/9/lift")
    assert not operator.page.find("a", href="/operations/suppressions/8/lift"), "it is off the list already"
    assert "before=8" in operator.page.find("a", rel="next")["href"]


def test_an_empty_list_says_what_that_means(operator, everything):
    everything.answers["notify.suppressions"] = {"items": [], "next_before": None}
    operator.get("/operations/suppressions?lang=en")
    assert "The list is empty" in operator.words
    operator.get("/operations/suppressions?lang=en&address=a%40b.example")
    assert "No address matches your search" in operator.words


def test_the_file_holds_everything_that_is_found_and_no_formulas(operator, listed):
    answer = operator.get("/operations/suppressions.csv?channel=email")
    rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row[0] for row in rows[1:]] == ["9", "8", "7", "6", "5", "4"]
    assert rows[2][5] == "'=cmd|calc"
    assert {request["channel"] for request in listed} == {"email"}


class TestAdding:
    TYPED = {"channel": "email", "address": "clerk@example.com", "note": "本人要求"}  # noqa: RUF012

    def test_an_address_is_added_once_with_the_reason(self, operator, everything):
        answer = operator.post("/operations/suppressions/add", key="the-form", **self.TYPED)
        assert answer.headers["Location"].endswith("/operations/suppressions?saved=added")
        assert everything.requests_to("notify.suppress") == [self.TYPED]
        assert everything.keys_to("notify.suppress")[0]
        operator.get(answer.headers["Location"])
        assert "已停止傳送到這個地址" in operator.words

    @pytest.mark.parametrize(
        ("changes", "field"),
        [({"address": " "}, "address"), ({"note": ""}, "note"), ({"channel": "pigeon"}, "channel")],
    )
    def test_what_is_missing_is_said_at_its_field_and_the_rest_stays(
        self, operator, everything, changes, field
    ):
        typed = self.TYPED | changes
        assert operator.post("/operations/suppressions/add", **typed).status_code == 422
        assert operator.page.find(id=f"{field}-error")
        for name in {"address", "note"} - {field}:
            control = operator.page.find(id=name)
            assert typed[name] in (control.get("value"), control.get_text(strip=True))
        assert everything.requests_to("notify.suppress") == []

    @pytest.mark.parametrize(
        ("refused", "words"),
        [
            (Refused("SUPPRESSED_ALREADY", {"address": ["SUPPRESSED_ALREADY"]}), "已在名單中"),
            (Refused("INVALID", {"address": ["NOT_VALID"]}), "地址或號碼"),
        ],
    )
    def test_what_the_service_refuses_is_said_at_the_address(self, operator, everything, refused, words):
        everything.answers["notify.suppress"] = refused
        assert operator.post("/operations/suppressions/add", **self.TYPED).status_code == 422
        assert words in operator.page.find(id="address-error").get_text()


class TestTakingOff:
    def test_the_entry_is_shown_and_taken_off_with_a_reason(self, operator, everything):
        operator.get("/operations/suppressions/7/lift")
        assert "c•••@carrier.example.com" in operator.words
        answer = operator.post("/operations/suppressions/7/lift", note="信箱已恢復")
        assert answer.headers["Location"].endswith("saved=lifted")
        assert everything.requests_to("notify.lift_suppression") == [{"position": 7, "note": "信箱已恢復"}]

    def test_without_a_reason_nothing_is_done(self, operator, everything):
        assert operator.post("/operations/suppressions/7/lift", note=" ").status_code == 422
        assert operator.page.find(id="note-error")
        assert everything.requests_to("notify.lift_suppression") == []

    def test_somebody_else_was_faster(self, operator, everything):
        everything.answers["notify.lift_suppression"] = Refused("LIFTED_ALREADY")
        assert operator.post("/operations/suppressions/7/lift", note="x").status_code == 409
        assert "已自名單移除" in operator.words

    @pytest.mark.parametrize("position", ["3", "0", str(2**60)])
    def test_an_entry_that_is_not_there_is_not_found(self, operator, everything, position):
        everything.answers["notify.suppressions"] = {"items": [ENTRY], "next_before": None}
        assert operator.get(f"/operations/suppressions/{position}/lift").status_code == 404


def test_the_tool_is_in_the_area_in_both_languages(portal, listed):
    for language, words in (("en", "Addresses that nothing is sent to"), ("zh-Hant", "停止傳送的地址")):
        browser = Browser(portal, language).cookie("sid", "s" * 43)
        browser.get("/operations")
        assert words in browser.words
