"""The editor of texts: what is typed stays, what is wrong stands at its part, nothing runs in the preview."""

import pytest
from gateway.rpc.client import Refused

from ..conftest import Browser, a_session

EDIT = "/operations/templates/application_returned/zh-Hant"
TYPED = {"part-subject": "新主旨", "part-body": "{{ nmae }} 您好", "revision": "3", "reason": "更清楚"}


@pytest.fixture
def operator(portal, everything):
    everything.answers["accounts.resume_session"] = a_session("operator")
    return Browser(portal).cookie("sid", "s" * 43)


@pytest.fixture
def sent(everything):
    """What each writing call was asked."""
    calls = {}
    for name in ("save_template_draft", "publish_template", "test_template", "restore_template"):
        answer = everything.answers[f"notify.{name}"]
        kept = calls.setdefault(name, [])

        def reply(request, answer=answer, kept=kept):
            kept.append(request)
            return answer

        everything.answers[f"notify.{name}"] = reply
    return calls


@pytest.mark.parametrize("path", ["/operations/templates", EDIT, f"{EDIT}/mail", f"{EDIT}/versions"])
@pytest.mark.parametrize("role", ["member", "reviewer"])
def test_only_operators_see_the_texts(portal, everything, path, role):
    everything.answers["accounts.resume_session"] = a_session(role)
    assert Browser(portal).cookie("sid", "s" * 43).get(path).status_code == 403


def test_saving_leads_back_to_the_page_with_the_case_that_was_chosen(operator, sent):
    answer = operator.post(EDIT, **TYPED, do="save", **{"case-why": "LAPSED"})
    assert answer.status_code == 303
    assert answer.location.startswith(f"{EDIT}?done=saved")
    assert "case-why=LAPSED" in answer.location
    (request,) = sent["save_template_draft"]
    assert request["parts"] == {"subject": "新主旨", "body": "{{ nmae }} 您好"}
    assert request["revision"] == 3


@pytest.mark.parametrize("do", ["save", "publish", "test"])
def test_what_nobody_types_costs_nobody_the_form(operator, sent, do):
    kept = {"save": "save_template_draft", "publish": "publish_template", "test": "test_template"}[do]
    typed = {"part-subject": "新\0主旨", "part-body": "\0", "revision": "3", "reason": "更\0清楚"}
    operator.post(EDIT, **typed, do=do)
    (request,) = sent[kept]
    assert request["parts"] == {"subject": "新主旨", "body": ""}
    assert request.get("reason", "更清楚") == "更清楚"


def test_publishing_wants_a_reason(operator, sent):
    answer = operator.post(EDIT, **TYPED | {"reason": " "}, do="publish")
    assert answer.status_code == 422
    assert "請說明修改文字的原因" in operator.words
    assert "新主旨" in answer.text
    assert sent["publish_template"] == []
    assert operator.post(EDIT, **TYPED, do="publish").location == f"{EDIT}?done=published"
    assert sent["publish_template"][0]["reason"] == "更清楚"


def test_what_is_wrong_stands_at_its_part_and_what_was_typed_stays(operator, everything, sent):
    preview = everything.answers["notify.preview_template"]
    fault = {"part": "body", "code": "PLACEHOLDER_UNKNOWN", "about": "nmae"}
    everything.answers["notify.preview_template"] = preview | {
        "html": None,
        "subject": None,
        "faults": [fault],
    }

    def refuse(request):
        raise Refused("TEMPLATE_FAULTY")

    everything.answers["notify.publish_template"] = refuse
    answer = operator.post(EDIT, **TYPED, do="publish")
    assert answer.status_code == 422
    error = operator.page.find(id="part-body-error")
    assert "nmae：這則訊息沒有這個欄位" in error.get_text()
    assert operator.page.find(id="part-body").get_text(strip=True) == "{{ nmae }} 您好"
    assert operator.page.find("a", href="#part-body")
    assert operator.page.title.get_text().strip().startswith("錯誤")


def test_the_second_of_two_editors_is_told_and_may_save_once_more(operator, everything, sent):
    def refuse(request):
        raise Refused("TEMPLATE_CHANGED")

    everything.answers["notify.save_template_draft"] = refuse
    found = everything.answers["notify.template"]
    everything.answers["notify.template"] = found | {"revision": 7}
    answer = operator.post(EDIT, **TYPED, do="save")
    assert answer.status_code == 409
    assert "其他人剛剛儲存或發布了這份文字" in operator.words
    assert operator.page.find(id="part-subject").get_text(strip=True) == "新主旨"
    assert operator.page.find("input", {"name": "revision"})["value"] == "7"
    assert operator.page.find("a", string="查看對方儲存的內容")


def test_a_test_says_where_it_went(operator, sent):
    answer = operator.post(EDIT, **TYPED, do="test")
    assert answer.status_code == 200
    assert "已寄送至 o•••@mtnet.example" in operator.words
    assert sent["test_template"][0]["parts"]["subject"] == "新主旨"


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_mail_is_shown_where_it_can_do_nothing(operator, method):
    path = f"{EDIT}/mail"
    answer = operator.get(path) if method == "get" else operator.post(path, EDIT, **TYPED)
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer.text.startswith("<!doctype html>")
    operator.get(EDIT)
    frame = operator.page.find("iframe")
    assert frame.has_attr("sandbox")
    assert not frame["sandbox"]
    assert frame["title"]


def test_a_preview_is_a_part_of_the_page(operator):
    answer = operator.post(f"{EDIT}/preview", EDIT, **TYPED)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "3 字，分 1 則傳送" in answer.text
    assert 'src="data:image/png;base64,iVBORw0KGgo="' in answer.text


def test_versions_are_compared_side_by_side_or_inline_and_taken_back(operator, sent):
    operator.get(f"{EDIT}/versions?older=0&newer=1001")
    assert operator.page.find("ins").get_text() == "您的申請案 {{ case_number }}"
    assert operator.page.select(".portal-diff--beside")
    named = [each["aria-label"] for each in operator.page.select(".portal-diff--beside [role=group]")]
    assert named == ["平臺原文", "版本 1001"] * (len(named) // 2)
    for field, version in (("older", "0"), ("newer", "1001")):
        assert operator.page.select_one(f"#{field} option[selected]")["value"] == version
    operator.get(f"{EDIT}/versions?older=0&newer=1001&view=inline")
    assert not operator.page.select(".portal-diff--beside")
    assert operator.post(f"{EDIT}/versions", version="0", revision="3", reason="").status_code == 422
    answer = operator.post(f"{EDIT}/versions", version="0", revision="3", reason="原文較好")
    assert answer.location == f"{EDIT}/versions?done=restored"
    assert sent["restore_template"][0]["version"] == 0


@pytest.mark.parametrize(
    "path", ["/operations/templates/nothing/zh-Hant", "/operations/templates/reminder_due/fr"]
)
def test_a_text_that_there_is_not_is_not_found(operator, path):
    assert operator.get(path).status_code == 404
