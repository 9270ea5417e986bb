"""The operator's pages of downstream systems: found, registered, granted, given a secret once, removed."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import a_session

AT = "/operations/subscribers"
GRANT = {
    "event": "accounts.AccountActivated",
    "holds": "personal data",
    "reason": "<b>船員</b>",
    "granted_at": "2026-11-26T04:00:00+00:00",
    "ends_on": "2026-11-20",
    "over": True,
}
SCOPE = {
    "scope": "accounts.read",
    "reason": "<i>船員</i>",
    "granted_at": "2026-11-26T04:00:00+00:00",
    "ends_on": "2026-11-20",
    "over": True,
}
SECRET = {
    "number": 1,
    "user": "downstream.vessels.1",
    "issued_at": "2026-11-26T04:00:00+00:00",
    "ends_at": None,
    "works": True,
}
APPLIED = {"applied": True, "applied_at": "2026-11-26T04:00:01+00:00", "failed_at": None, "failure": ""}
SYSTEM = {
    "subscriber_id": "d20aa8b5-cc22-4e49-9f2d-7659dca85309",
    "name": "vessels",
    "title": "船舶登記系統",
    "owner": "航安組",
    "contact_email": "ships@example.com",
    "system": "vessels",
    "state": "active",
    "registered_at": "2026-11-26T04:00:00+00:00",
    "queue": "downstream.vessels",
    "grants": [GRANT],
    "scopes": [SCOPE],
    "secrets": [SECRET],
    "webhook": None,
    "broker": APPLIED,
    "trail": [
        {
            "at": "2026-11-26T04:00:00+00:00",
            "action": "subscriber_granted",
            "who": "operator1",
            "reason": "依函辦理",
            "about": ["accounts.AccountActivated"],
        }
    ],
}
TYPED = {
    "name": "vessels",
    "title": "船舶登記系統",
    "owner": "航安組",
    "contact_email": "ships@example.com",
    "system": "",
    "reason": "依函辦理",
}
ISSUED = {"name": "vessels", "user": "downstream.vessels.1", "secret": "a-secret-that-is-shown-once"}


@pytest.fixture
def operator(browser, everything):
    everything.answers |= {
        "accounts.resume_session": a_session("operator"),
        "accounts.subscriber": SYSTEM,
        "accounts.register_subscriber": ISSUED,
        "accounts.rotate_subscriber_secret": ISSUED | {"user": "downstream.vessels.2"},
    }
    return browser.cookie("sid", "s" * 43)


@pytest.mark.parametrize(
    "path", ["", "/new_system", "/vessels", "/vessels/grant", "/vessels/scopes", "/vessels/remove"]
)
def test_only_operators_see_them(browser, everything, path):
    everything.answers["accounts.resume_session"] = a_session("helpdesk_lead", "reviewer", "editor")
    assert browser.cookie("sid", "s" * 43).get(f"{AT}{path}").status_code == 403


def test_one_system_is_shown_whole_and_what_is_over_is_marked(operator):
    operator.get(f"{AT}/vessels?lang=en")
    for words in (
        "downstream.vessels", "ships@example.com", "Personal data", "<b>船員</b>", "over", "downstream.vessels.1",
        "A downstream system was granted events", "operator1", "依函辦理", "accounts.read", "<i>船員</i>",
    ):  # fmt: skip
        assert words in operator.words
    assert "Not applied" not in operator.words


@pytest.mark.parametrize(
    ("failure", "words"), [("", "in a moment"), ("The broker's management does not answer.", "tried again")]
)
def test_what_has_not_reached_the_broker_is_said(operator, everything, failure, words):
    broker = {"applied": False, "failed_at": "2026-11-26T04:00:00+00:00", "failure": failure}
    everything.answers["accounts.subscriber"] = SYSTEM | {"broker": APPLIED | broker}
    operator.get(f"{AT}/vessels?lang=en")
    assert "Not applied to the broker yet" in operator.words
    assert words in operator.words


def test_a_removed_system_offers_no_act(operator, everything):
    everything.answers["accounts.subscriber"] = SYSTEM | {"state": "removed"}
    operator.get(f"{AT}/vessels")
    assert not [a for a in operator.page.find_all("a") if "/vessels/" in a["href"]]


class TestTheSecret:
    def test_is_shown_once_in_an_answer_that_nobody_keeps(self, operator, everything):
        answer = operator.post(f"{AT}/new_system", key="the-form", **TYPED)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert operator.page.find(id="secret").get_text() == ISSUED["secret"]
        (request,) = everything.requests_to("accounts.register_subscriber")
        assert request == TYPED | {"system": None}
        assert everything.keys_to("accounts.register_subscriber")[0]
        assert ISSUED["secret"] not in operator.get(f"{AT}/vessels").text

    def test_a_second_press_says_where_it_was_shown_and_the_way_on(self, operator, everything):
        everything.answers["accounts.rotate_subscriber_secret"] = ISSUED | {"secret": None}
        operator.post(f"{AT}/vessels/rotate?lang=en", key="the-form", overlap_days="0", reason="leaked")
        assert "It cannot be shown again" in operator.words
        assert operator.page.find("a", href=f"{AT}/vessels/rotate")


@pytest.mark.parametrize(
    ("path", "call", "refused", "field"),
    [
        ("new_system", "register_subscriber", {"name": ["SYSTEM_NAME_TAKEN"]}, "name"),
        ("new_system", "register_subscriber", {"contact_email": ["EMAIL_INVALID"]}, "contact_email"),
        ("vessels/change", "change_subscriber", {"owner": ["REQUIRED"]}, "owner"),
        ("vessels/grant", "grant_events", {"ends_on": ["GRANT_END_REQUIRED"]}, "ends_on"),
        ("vessels/grant", "grant_events", {"events": ["CHOOSE"]}, "events"),
        ("vessels/scopes", "grant_scopes", {"ends_on": ["SCOPE_END_REQUIRED"]}, "ends_on"),
        ("vessels/scopes", "grant_scopes", {"scopes": ["CHOOSE"]}, "scopes"),
        ("vessels/revoke_scope", "revoke_scope", {"scope": ["SCOPE_NOT_HELD"]}, "scope"),
        ("vessels/rotate", "rotate_subscriber_secret", {"overlap_days": ["TWO_SECRETS"]}, "overlap_days"),
        ("vessels/remove", "remove_subscriber", {"confirm_name": ["SYSTEM_NAME_DIFFERS"]}, "confirm_name"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_the_rest_stays(
    operator, everything, path, call, refused, field
):
    everything.answers[f"accounts.{call}"] = Refused("INVALID", refused)
    typed = {**TYPED, "overlap_days": "7", "confirm_name": "boats", "events": ["review.CaseOpened"]}
    assert operator.post(f"{AT}/{path}", **typed).status_code == 422
    assert operator.page.find(id=f"{field}-error")
    reason = operator.page.find(id="reason")
    assert TYPED["reason"] in (reason.get("value"), reason.get_text(strip=True))


def test_several_events_are_granted_at_once_and_stay_ticked_when_something_is_missing(operator, everything):
    events = ["accounts.AccountActivated", "review.CaseOpened"]
    everything.answers["accounts.grant_events"] = Refused("INVALID", {"ends_on": ["GRANT_END_REQUIRED"]})
    operator.post(f"{AT}/vessels/grant", reason="x", ends_on="", events=events)
    assert [box["value"] for box in operator.page.find_all("input", checked=True)] == events
    everything.answers["accounts.grant_events"] = SYSTEM
    answer = operator.post(f"{AT}/vessels/grant", reason="x", ends_on="2027-06-30", events=events)
    assert answer.headers["Location"].endswith("/vessels?saved=granted")
    assert everything.requests_to("accounts.grant_events")[-1] == {
        "name": "vessels", "reason": "x", "ends_on": "2027-06-30", "events": events,
    }  # fmt: skip


def test_several_rights_are_granted_at_once_and_stay_ticked_when_something_is_missing(operator, everything):
    scopes = ["accounts.read", "snapshots.read"]
    everything.answers["accounts.grant_scopes"] = Refused("INVALID", {"ends_on": ["REQUIRED"]})
    operator.post(f"{AT}/vessels/scopes", reason="x", ends_on="", scopes=scopes)
    assert [box["value"] for box in operator.page.find_all("input", checked=True)] == scopes
    everything.answers["accounts.grant_scopes"] = SYSTEM
    answer = operator.post(f"{AT}/vessels/scopes", reason="x", ends_on="2027-06-30", scopes=scopes)
    assert answer.headers["Location"].endswith("/vessels?saved=scopes_granted")
    assert everything.requests_to("accounts.grant_scopes")[-1] == {
        "name": "vessels", "reason": "x", "ends_on": "2027-06-30", "scopes": scopes,
    }  # fmt: skip


def test_a_right_that_would_show_nothing_yet_is_said_to(operator, everything):
    words = "would see no account"
    operator.get(f"{AT}/vessels/scopes?lang=en")
    assert words not in operator.words
    everything.answers["accounts.subscriber"] = SYSTEM | {"system": None}
    operator.get(f"{AT}/vessels/scopes?lang=en")
    assert words in operator.words


def test_events_for_the_portals_own_services_are_not_offered(operator):
    operator.get(f"{AT}/vessels/grant")
    offered = {box["value"] for box in operator.page.find_all("input", {"name": "events"})}
    assert "accounts.AccountActivated" in offered
    assert "accounts.PasswordResetRequested" not in offered


@pytest.mark.parametrize("act", ["suspend", "resume", "remove", "revoke", "revoke_scope"])
def test_each_act_asks_for_a_reason_and_says_what_was_done(operator, everything, act):
    call = {"revoke": "revoke_event", "revoke_scope": "revoke_scope"}.get(act, f"{act}_subscriber")
    everything.answers[f"accounts.{call}"] = SYSTEM
    more = {"remove": {"confirm_name": "vessels"}, "revoke": {"event": GRANT["event"]}}.get(act, {})
    more = {"scope": SCOPE["scope"]} if act == "revoke_scope" else more
    answer = operator.post(f"{AT}/vessels/{act}", key="k", reason="依函辦理", **more)
    assert answer.status_code == 303
    assert everything.requests_to(f"accounts.{call}") == [{"name": "vessels", "reason": "依函辦理", **more}]
    operator.get(answer.headers["Location"])
    assert operator.page.find(class_="portal-notice")


def test_somebody_else_was_faster(operator, everything):
    everything.answers["accounts.suspend_subscriber"] = Refused("SUBSCRIBER_STATE")
    assert operator.post(f"{AT}/vessels/suspend", reason="x").status_code == 409
    assert "已有其他人員先行處理" in operator.words


@pytest.mark.parametrize("path", ["nobody", "nobody/grant", "nobody/suspend"])
def test_a_system_that_is_not_there_is_not_found(operator, everything, path):
    everything.answers["accounts.subscriber"] = Refused("SUBSCRIBER_NOT_FOUND")
    assert operator.get(f"{AT}/{path}").status_code == 404


class TestTheBroker:
    def test_what_waits_in_the_queue_is_shown(self, operator, everything):
        everything.answers["accounts.subscriber_queue"] = {
            "messages": 512000, "size_bytes": 1, "dead_letters": 3, "consumers": 0, "waiting_hours": 430, "share": 51,
        }  # fmt: skip
        operator.get(f"{AT}/vessels?lang=en")
        assert "512000" in operator.words
        assert "51 % of the limit" in operator.words
        assert "430 hours" in operator.words

    @pytest.mark.parametrize("away", [Refused("BROKER_AWAY"), Refused("SUBSCRIBER_NOT_FOUND")])
    def test_a_queue_that_is_not_known_leaves_the_rest_of_the_page(self, operator, everything, away):
        everything.answers["accounts.subscriber_queue"] = away
        assert operator.get(f"{AT}/vessels?lang=en").status_code == 200
        assert "does not say just now" in operator.words
        assert "downstream.vessels.1" in operator.words

    def test_the_difference_is_shown_first_and_applied_then(self, operator, everything):
        everything.answers["accounts.broker_differences"] = {"differences": ["add queue downstream.vessels"]}
        everything.answers["accounts.apply_to_broker"] = {"differences": ["add queue downstream.vessels"]}
        operator.get(f"{AT}/on_the_broker?lang=en")
        assert "nothing is changed yet" in operator.words
        assert everything.requests_to("accounts.apply_to_broker") == []
        operator.post(f"{AT}/on_the_broker?lang=en")
        assert everything.requests_to("accounts.apply_to_broker") == [{}]
        assert "This was done:" in operator.words

    def test_a_broker_that_is_away_is_said(self, operator, everything):
        everything.answers["accounts.broker_differences"] = Refused("BROKER_AWAY")
        assert operator.get(f"{AT}/on_the_broker?lang=en").status_code == 503
        assert "does not answer just now" in operator.words
