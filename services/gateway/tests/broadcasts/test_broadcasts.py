"""The operator's pages of broadcasts: written, counted, started with a typed number, paused, reported."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import Browser, a_session, broadcasts

ID = "d20aa8b5-cc22-4e49-9f2d-7659dca85309"
HERE = f"/operations/broadcasts/{ID}"
TEXT = {
    "title_zh": "系統維護", "body_zh": "維護", "title_en": "Maintenance", "body_en": "Down",
    "category": "information", "segment": "everybody",
}  # fmt: skip
PERSON = "018f6f3c-8a9e-7c3d-9f00-3c1a5e9b7d21"


@pytest.fixture
def operator(everything):
    everything.answers["accounts.resume_session"] = a_session("operator")
    return everything


@pytest.fixture
def english(portal, operator):
    return Browser(portal, "en").cookie("sid", "s" * 43)


def asked(services, name):
    return [request for called, request, *_ in services.asked if called == name]


def in_state(services, state, **changes):
    started = {"started_at": "2026-11-26T09:30:00+00:00", "state": state}
    services.answers["notify.broadcast"] = broadcasts()["notify.broadcast"] | started | changes


@pytest.mark.parametrize("path", ["", "/new", f"/{ID}", f"/{ID}/text", f"/{ID}.csv"])
def test_only_operators_see_broadcasts(browser, everything, path):
    everything.answers["accounts.resume_session"] = a_session("reviewer", unit="north")
    assert browser.cookie("sid", "s" * 43).get(f"/operations/broadcasts{path}").status_code == 403


def test_people_of_the_segment_are_added_page_by_page_and_counted(english, operator):
    operator.answers["accounts.segment_accounts"] = lambda request: {
        "account_ids": [PERSON],
        "next_after": PERSON if request["after"] is None else None,
    }
    english.get("/operations/broadcasts/new")
    answer = english.post("/operations/broadcasts/new", **(TEXT | {"segment": "system", "system": "vessels"}))
    assert answer.status_code == 303
    assert answer.location.endswith(HERE)
    assert asked(operator, "notify.write_broadcast") == [
        TEXT | {"segment": "system", "segment_of": "vessels"}
    ]
    assert [each["system"] for each in asked(operator, "accounts.segment_accounts")] == ["vessels", "vessels"]
    assert [each["first"] for each in asked(operator, "notify.add_to_broadcast")] == [True, False]
    assert len(asked(operator, "notify.count_broadcast")) == 1


def test_names_that_nobody_has_are_told_and_nothing_is_written(english, operator):
    operator.answers["accounts.accounts_named"] = {"account_ids": [PERSON], "unknown_names": ["nobody99"]}
    english.get("/operations/broadcasts/new")
    typed = TEXT | {"segment": "names", "names": "carrier2026\nnobody99, "}
    assert english.post("/operations/broadcasts/new", **(typed)).status_code == 422
    assert asked(operator, "accounts.accounts_named") == [{"account_names": ["carrier2026", "nobody99"]}]
    assert "nobody99" in english.page.find(id="names-error").get_text()
    assert english.page.find(id="names").get_text().strip() == "carrier2026\nnobody99,"
    assert not asked(operator, "notify.write_broadcast")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title_en": " "}, "title_en"),
        ({"segment": ""}, "segment"),
        ({"segment": "system", "system": ""}, "system"),
        ({"segment": "unit_cases", "unit": ""}, "unit"),
        ({"segment": "names", "names": "\n"}, "names"),
        ({"segment": "names", "names": "a " * 10_001}, "names"),
    ],
)
def test_what_is_missing_or_too_much_is_told_at_its_field(english, operator, change, field):
    english.get("/operations/broadcasts/new")
    assert english.post("/operations/broadcasts/new", **(TEXT | change)).status_code == 422
    assert english.page.find(id=f"{field}-error")
    assert not asked(operator, "notify.write_broadcast")


def test_an_address_that_may_not_be_linked_is_told_at_its_field(english, operator):
    operator.answers["notify.write_broadcast"] = Refused("INVALID", fields={"body_en": ["LINK_NOT_ALLOWED"]})
    english.get("/operations/broadcasts/new")
    assert english.post("/operations/broadcasts/new", **(TEXT)).status_code == 422
    assert "https://" in english.page.find(id="body_en-error").get_text()


def test_who_is_reached_is_shown_with_the_reason_before_the_start(english, operator):
    english.get(HERE)
    said = english.page.get_text()
    for words in ("3204", "2950", "310", "No address is known"):
        assert words in said


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ({"people": "3,204", "when": "now"}, {"people": 3204, "start_at": None, "per_second": None}),
        (
            {"people": "3204", "when": "later", "start_at": "2027-03-01 09:30", "per_second": "50"},
            {"people": 3204, "start_at": "2027-03-01T09:30:00+08:00", "per_second": 50},
        ),
    ],
)
def test_it_is_started_with_a_typed_number_now_or_at_a_time_in_taipei(english, operator, typed, wanted):
    english.get(HERE)
    assert english.post(f"{HERE}/start", HERE, **({"version": "3"} | typed)).status_code == 303
    assert asked(operator, "notify.start_broadcast") == [{"broadcast_id": ID, "version": 3} | wanted]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"people": "all", "when": "now"}, "people"),
        ({"people": "1", "when": "later", "start_at": "soon"}, "start_at"),
        ({"people": "1", "when": "now", "per_second": "0"}, "per_second"),
    ],
)
def test_what_cannot_be_read_is_told_and_what_was_typed_stays(english, operator, typed, field):
    english.get(HERE)
    assert english.post(f"{HERE}/start", HERE, **({"version": "3"} | typed)).status_code == 422
    assert english.page.find(id=f"{field}-error")
    assert english.page.find(id=field)["value"] == typed[field]
    assert not asked(operator, "notify.start_broadcast")


def test_another_number_than_that_of_the_people_starts_nothing(english, operator):
    refused = Refused("NUMBER_DIFFERS", fields={"people": ["NUMBER_DIFFERS"]})
    operator.answers["notify.start_broadcast"] = refused
    english.get(HERE)
    assert (
        english.post(f"{HERE}/start", HERE, **({"version": "3", "people": "3", "when": "now"})).status_code
        == 422
    )
    assert english.page.find(id="people-error")


def test_a_running_one_shows_its_bar_and_can_be_paused_or_cancelled(english, operator):
    outcome = {"channel": "email", "outcome": "failed", "reason": "BOUNCED", "people": 3}
    in_state(operator, "running", percent=42, outcomes=[outcome], trouble="503")
    english.get(HERE)
    assert english.page.find("progress")["value"] == "42"
    assert english.page.find(attrs={"data-live": HERE})
    assert "BOUNCED" in english.page.get_text()
    for step in ("pause", "cancel"):
        english.get(HERE)
        assert english.page.find("form", action=f"{HERE}/{step}")
        assert english.post(f"{HERE}/{step}", HERE).status_code == 303
        assert asked(operator, f"notify.{step}_broadcast") == [{"broadcast_id": ID}]


def test_a_paused_one_can_be_continued_and_a_finished_one_only_looked_at(english, operator):
    in_state(operator, "paused")
    english.get(HERE)
    assert english.page.find("form", action=f"{HERE}/resume")
    in_state(operator, "finished", percent=100)
    english.get(HERE)
    assert not english.page.find("form", action=lambda address: address and address.startswith(HERE))
    assert not english.page.find(attrs={"data-live": True})


def test_what_cannot_be_done_any_more_is_said(english, operator):
    in_state(operator, "running")
    operator.answers["notify.pause_broadcast"] = Refused("BROADCAST_NOT_NOW")
    english.get(HERE)
    assert english.post(f"{HERE}/pause", HERE).status_code == 409
    assert english.page.find(role="alert")


def test_the_report_says_person_by_person_what_became_of_it(english, operator):
    def people(request):
        person = {
            "position": request["after"] + 1, "person_kind": "account", "person_id": PERSON, "channel": "email",
            "outcome": "failed", "reason": "BOUNCED", "at": "2026-11-26T09:25:24+00:00",
        }  # fmt: skip
        return {"items": [person], "next_after": 1 if request["after"] == 0 else None}

    operator.answers["notify.broadcast_people"] = people
    answer = english.get(f"{HERE}.csv")
    assert answer.content_type.startswith("text/csv")
    assert answer.get_data(as_text=True).count("BOUNCED") == 2
