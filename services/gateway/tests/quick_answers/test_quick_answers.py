"""The desk's pages of quick answers, and what the box in a ticket asks."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import a_session

ID = "01938c1e-7a40-7c11-9a52-3f6f4b1d2e01"
ANSWER = {
    "answer_id": ID,
    "number": 7,
    "state": "published",
    "category": "mtnet",
    "question": {"zh-Hant": "忘記密碼怎麼辦", "en": "I forgot my password"},
    "answer": {"zh-Hant": "點選<b>忘記密碼</b>。", "en": "Choose “forgot password”."},
    "owner_name": "客服組長",
    "review_on": "2026-11-20",
    "due": True,
    "used": 12,
    "version": 3,
    "changed_at": "2026-11-26T04:00:00+00:00",
    "decisions": ["confirm", "retire"],
    "editable": True,
}
VERSION = {
    "version": 3,
    "change": "publish",
    "note": "已確認",
    "by_name": "客服組長",
    "at": "2026-11-26T04:00:00+00:00",
    "question": ANSWER["question"],
    "answer": ANSWER["answer"],
}
HIT = {
    "answer_id": ID,
    "locale": "zh-Hant",
    "question": [{"text": "忘記", "marked": False}, {"text": "密碼", "marked": True}],
    "answer": [{"text": "<script>", "marked": False}],
    "near": False,
}
FORM = {
    "category": "mtnet",
    "question_zh": "忘記密碼怎麼辦",
    "question_en": "I forgot my password",
    "answer_zh": "點選忘記密碼。",
    "answer_en": "Choose “forgot password”.",
    "review_on": "2027-05-31",
    "note": "",
}


@pytest.fixture
def asked(everything):
    """What each call was asked."""
    asked = {}

    def answering(name, reply):
        def answer(request):
            asked.setdefault(name, []).append(request)
            return reply

        return answer

    replies = {
        "search_quick_answers": {"items": [HIT]},
        "note_missing_answer": {"noted": True},
        "missing_answers": {
            "items": [{"text": "引水", "times": 9, "first_at": VERSION["at"], "last_at": VERSION["at"]}]
        },
        "quick_answers": {"items": [ANSWER], "next_before": 7, "due": 1},
        "quick_answer": ANSWER,
        "quick_answer_history": {"items": [VERSION], "next_before": None},
        "save_quick_answer": ANSWER,
        "decide_quick_answer": ANSWER,
        "use_quick_answers": {"items": [{"answer_id": ID, "answer": "點選忘記密碼。"}]},
    }
    everything.answers |= {f"helpdesk.{name}": answering(name, reply) for name, reply in replies.items()}
    everything.answers["accounts.resume_session"] = a_session("helpdesk_lead")
    return asked


@pytest.fixture
def desk(browser, asked):
    return browser.cookie("sid", "s" * 43)


def submit(browser, **changes):
    """Send the form that is shown, with what it holds and these changes."""
    form = browser.page.find(id="page-form")
    values = {
        control["name"]: control.get("value", "")
        if control.name == "input"
        else control.get_text().lstrip("\n")
        for control in form.find_all(["input", "textarea"])
        if control.get("name") and control.get("type") != "radio"
    }
    for choice in form.find_all("select"):
        chosen = choice.find("option", selected=True)
        values[choice["name"]] = chosen["value"] if chosen else ""
    answer = browser.http.post(form["action"], data=values | changes, headers=browser.headers)
    browser.show(answer)
    return answer


PATHS = ("", "/missing", "/new", f"/{ID}", f"/{ID}/edit", "/suggestions?q=x")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["member", "reviewer", "operator"])
def test_only_the_desk_sees_quick_answers(desk, everything, path, role):
    everything.answers["accounts.resume_session"] = a_session(role)
    assert desk.get(f"/desk/answers{path}").status_code == 403


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
@pytest.mark.parametrize("path", [path for path in PATHS if "suggestions" not in path])
def test_each_page_has_one_heading_and_labels_in_both_languages(desk, path, language):
    assert desk.get(f"/desk/answers{path}?lang={language}").status_code == 200
    assert len(desk.page.find_all("h1")) == 1
    for control in desk.page.find_all(["input", "select", "textarea"]):
        if control.get("type") not in ("hidden", "radio"):
            assert desk.page.find("label", attrs={"for": control["id"]}), control


def test_the_list_shows_what_is_due_and_leads_to_older_ones(desk, asked):
    desk.get("/desk/answers?lang=en&state=published&category=nothing")
    assert asked["quick_answers"][0]["state"] == "published"
    assert asked["quick_answers"][0]["category"] is None
    for words in ("I forgot my password", "Due", "客服組長", "12", "Due for review: 1"):
        assert words in desk.words
    assert "before=7" in desk.page.find("a", rel="next")["href"]


def test_a_search_marks_what_was_found_and_escapes_the_text(desk, asked):
    page = desk.get("/desk/answers?q=%E5%AF%86%E7%A2%BC").get_data(as_text=True)
    assert "<mark>密碼</mark>" in page
    assert "&lt;script&gt;" in page
    assert "note_missing_answer" not in asked


def test_near_results_are_labelled_and_the_search_is_counted_as_missing(desk, asked, everything):
    everything.answers["helpdesk.search_quick_answers"] = {"items": [HIT | {"near": True}]}
    desk.get("/desk/answers?lang=en&q=%E5%AF%86%E9%A6%AC")
    assert "Near results" in desk.words
    assert asked["note_missing_answer"][0]["text"] == "密馬"


def test_a_search_without_a_result_leads_to_a_proposal(desk, everything):
    everything.answers["helpdesk.search_quick_answers"] = {"items": []}
    desk.get("/desk/answers?lang=en&q=abc")
    assert "Nothing was found." in desk.words
    assert desk.page.find("a", href="/desk/answers/new?q=abc")


def test_a_search_that_is_not_ready_leaves_the_list(desk, everything):
    everything.answers["helpdesk.search_quick_answers"] = Refused("SEARCH_NOT_READY")
    desk.get("/desk/answers?lang=en&q=abc")
    assert "The search is being made ready" in desk.words
    assert "I forgot my password" in desk.words


def test_suggestions_are_what_the_service_finds_and_nothing_for_nothing(desk, asked):
    assert desk.get("/desk/answers/suggestions?q=%E5%AF%86%E7%A2%BC").json["items"][0]["answer_id"] == ID
    assert desk.get("/desk/answers/suggestions?q=+").json == {"items": []}
    assert len(asked["search_quick_answers"]) == 1
    assert not asked["search_quick_answers"][0].get("drafts")


def test_a_proposal_is_saved_with_its_texts(desk, asked):
    desk.get("/desk/answers/new")
    assert submit(desk, **FORM).status_code == 303
    sent = asked["save_quick_answer"][0]
    assert {name: sent[name] for name in FORM} == FORM
    assert (sent["answer_id"], sent["version"]) == (None, 0)


def test_an_answer_is_changed_in_the_version_that_was_seen(desk, asked):
    desk.get(f"/desk/answers/{ID}/edit")
    assert desk.page.find(id="question_zh")["value"] == "忘記密碼怎麼辦"
    submit(desk, note="改寫")
    sent = asked["save_quick_answer"][0]
    assert (sent["answer_id"], sent["version"], sent["note"]) == (ID, 3, "改寫")


@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [
        (Refused("QUICK_ANSWER_CHANGED"), 409, "A colleague changed this answer meanwhile"),
        (
            Refused("INVALID", fields={"review_on": ["REVIEW_DAY"]}),
            422,
            "Choose a day after today, within two years",
        ),
    ],
)
def test_what_was_refused_is_said_and_what_was_typed_stays(desk, everything, refusal, status, words):
    everything.answers["helpdesk.save_quick_answer"] = refusal
    desk.headers["Accept-Language"] = "en"
    desk.get(f"/desk/answers/{ID}/edit")
    assert submit(desk, question_zh="新的問題").status_code == status
    assert words in desk.words
    assert desk.page.find(id="question_zh")["value"] == "新的問題"


def test_a_lead_decides_with_a_day_and_a_reason(desk, asked):
    desk.get(f"/desk/answers/{ID}")
    assert submit(desk, decision="confirm", review_on="2027-01-31", note="仍正確").status_code == 303
    sent = asked["decide_quick_answer"][0]
    assert (sent["decision"], sent["version"], sent["review_on"], sent["note"]) == (
        "confirm", 3, "2027-01-31", "仍正確",
    )  # fmt: skip


def test_an_agent_sees_no_decisions_and_cannot_send_one(desk, everything):
    everything.answers["accounts.resume_session"] = a_session("helpdesk_agent")
    everything.answers["helpdesk.quick_answer"] = ANSWER | {"decisions": [], "editable": False}
    desk.get(f"/desk/answers/{ID}")
    assert not desk.page.find(id="page-form")
    assert not desk.page.find("a", href=f"/desk/answers/{ID}/edit")
