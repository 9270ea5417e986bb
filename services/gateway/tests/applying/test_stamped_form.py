"""Whether the code on a stamped form was read: told to the applicant and to the reviewer."""

import pytest
from mtnet_chassis.data.files import Files
from mtnet_contracts.calls import accounts

from ..conftest import a_case, an_application, example

FINGERPRINT = "1a2b3c4d5e6f7a8b"
NUMBER = "PTAPPLY936EC90162340"
APPLICATION_ID = "0190b3c9-0d54-7e0a-b1c2-9d8e7f6a5b43"


def uploaded(**changes):
    form = example(accounts.applications.FormView) | {"outdated": False, "size_bytes": 2048, "pages": 1}
    return an_application(form=form | changes, missing=[])


@pytest.mark.parametrize("path", ["form", "check"])
@pytest.mark.parametrize(("told", "shown"), [({"recognised": False}, True), ({"recognised": True}, False)])
def test_an_applicant_learns_that_the_code_could_not_be_read(browser, everything, path, told, shown):
    everything.answers["accounts.application"] = uploaded(**told)
    browser.cookie(f"case-{NUMBER}", "t" * 43).get(f"/apply/{NUMBER}/{path}")
    assert ("讀不到這份檔案上的 QR Code" in browser.words) is shown


@pytest.mark.parametrize("outdated", [False, True])
def test_only_a_form_that_still_fits_is_asked_about(browser, everything, outdated):
    everything.answers["accounts.application"] = uploaded(outdated=outdated)
    browser.cookie(f"case-{NUMBER}", "t" * 43).get(f"/apply/{NUMBER}/form")
    assert ("這是您已用印的帳號申請表嗎？" in browser.words) is not outdated
    assert ("是，繼續" in browser.words) is not outdated
    assert ("上傳新的帳號申請表" in browser.words) is outdated


@pytest.mark.parametrize(
    ("told", "shown", "hidden"),
    [
        (
            {"content_hash": FINGERPRINT, "recognised": False},
            (FINGERPRINT, "核對表上的案件編號"),
            ("已從 QR",),
        ),
        ({"content_hash": FINGERPRINT, "recognised": True}, (FINGERPRINT, "已從 QR Code 讀到"), ("讀不到",)),
        ({}, ("下載帳號申請表",), ("內容識別碼", "讀不到")),
    ],
)
def test_a_reviewer_learns_the_fingerprint_and_whether_to_compare_it(
    browser, everything, told, shown, hidden
):
    everything.answers["review.case"] = a_case() | {"form": a_case()["form"] | told}
    browser.cookie("sid", "s" * 43).get(f"/review/{APPLICATION_ID}")
    assert all(words in browser.words for words in shown)
    assert not any(words in browser.words for words in hidden)


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_a_reviewer_learns_what_the_printed_form_cannot_show(browser, everything, language):
    browser.headers["Accept-Language"] = language
    found = [
        {"field": "applicant.name", "characters": ["U+E000", "U+F0001"]},
        {"field": "company.address", "characters": ["U+E001"]},
    ]
    everything.answers["review.case"] = a_case() | {"form": a_case()["form"] | {"unprintable": found}}
    browser.cookie("sid", "s" * 43).get(f"/review/{APPLICATION_ID}")
    told = browser.page.find(id="unprintable").parent
    lines = [line.get_text().strip() for line in told.find_all("li")]
    if language == "en":
        assert lines == ["Applicant's name: U+E000 U+F0001", "Address: U+E001"]
        assert "no reason to return" in told.get_text()
    else:
        assert lines == ["申請人姓名：U+E000 U+F0001", "地址：U+E001"]
        assert "不需退件" in told.get_text()


def test_a_form_that_shows_everything_is_not_talked_about(browser, everything):
    """Also one from before this was told."""
    for more in ({"unprintable": []}, {}):
        everything.answers["review.case"] = a_case() | {"form": a_case()["form"] | more}
        browser.cookie("sid", "s" * 43).get(f"/review/{APPLICATION_ID}")
        assert browser.page.find(id="unprintable") is None


FORM = f"/apply/{NUMBER}/form"
PICTURE = b"\xff\xd8\xff a picture"


def page_of(browser, everything, **changes):
    everything.answers["accounts.application"] = uploaded(**changes)
    return browser.cookie(f"case-{NUMBER}", "t" * 43).get(FORM)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"recognised": True}, f"已讀到 QR Code：這是案件 {NUMBER} 的帳號申請表"),
        ({"recognised": False}, "無法確認它是本案的帳號申請表"),
    ],
)
def test_what_was_uploaded_is_shown_with_what_was_read_on_it_and_asked_about(
    browser, everything, told, words
):
    page_of(browser, everything, **told)
    shown = browser.page.find(id="uploaded")
    assert words in browser.words
    assert "這是您已用印的帳號申請表嗎？" in shown.text
    assert shown.img["src"].startswith(f"/apply/{NUMBER}/uploaded/preview.jpg?of=")
    assert shown.img["alt"]
    assert shown.find("a", string="是，繼續")["href"] == f"/apply/{NUMBER}/check"
    assert "不是，改傳另一個檔案" in browser.words
    assert browser.page.find("input", {"type": "file"})


def test_an_outdated_form_is_not_asked_about_but_to_be_replaced(browser, everything):
    page_of(browser, everything, outdated=True, recognised=True)
    assert "請重新下載、用印並上傳" in browser.words
    assert not browser.page.find("a", string="是，繼續")


@pytest.mark.parametrize(
    ("field", "uploaded_at", "asked"),
    [
        ("form", "2026-11-01T01:00:00+00:00", False),
        ("form", "2026-11-03T01:00:00+00:00", True),
        ("company.phone", "2026-11-01T01:00:00+00:00", True),
    ],
)
def test_the_form_that_was_returned_is_not_taken_for_the_new_one(
    browser, everything, field, uploaded_at, asked
):
    everything.answers["accounts.application"] = uploaded(uploaded_at=uploaded_at, recognised=True) | {
        "status": "returned",
        "submitted_at": "2026-11-02T01:00:00+00:00",
        "marks": [{"field": field, "code": "NOT_STAMPED"}],
    }
    browser.cookie(f"case-{NUMBER}", "t" * 43).get(f"/apply/{NUMBER}/form")
    assert ("這是您已用印的帳號申請表嗎？" in browser.words) is asked
    assert (browser.page.find("a", string="是，繼續") is not None) is asked
    assert ("審核單位已退回這份帳號申請表" in browser.words) is not asked
    assert ("上傳新的帳號申請表" in browser.words) is not asked


def test_after_the_upload_the_page_shows_it(browser, everything, monkeypatch):
    from contextlib import nullcontext
    from io import BytesIO

    from gateway.applying import documents

    monkeypatch.setattr(
        documents,
        "put_upload",
        lambda _: nullcontext({"upload_key": "uploads/12345678", "filename": "a.pdf"}),
    )
    page_of(browser, everything, recognised=True)
    everything.answers["accounts.attach_form"] = uploaded(recognised=True)
    answer = browser.post(FORM, file=(BytesIO(b"%PDF-"), "a.pdf"))
    assert (answer.status_code, answer.location) == (303, f"{FORM}#uploaded")
    assert everything.requests_to("accounts.attach_form")[0]["ip"]


def test_the_preview_is_a_picture_that_can_do_nothing(browser, everything, settings):
    Files(settings.files_url).put("generated/x/preview.jpg", PICTURE)
    everything.answers["accounts.own_form_preview"] = {
        "key": "generated/x/preview.jpg",
        "filename": "preview.jpg",
        "media_type": "image/jpeg",
        "size_bytes": len(PICTURE),
    }
    answer = browser.cookie(f"case-{NUMBER}", "t" * 43).get(f"/apply/{NUMBER}/uploaded/preview.jpg")
    assert (answer.data, answer.content_type) == (PICTURE, "image/jpeg")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("code", "status", "seconds", "words"),
    [
        ("BUSY", 503, "5", "系統忙碌中"),
        ("TOO_MANY_DOCUMENTS", 429, "3600", "已達上限"),
    ],
)
def test_a_full_house_is_said_at_the_field_and_when_to_come_again(
    browser, everything, monkeypatch, code, status, seconds, words
):
    from contextlib import nullcontext
    from io import BytesIO

    from gateway.applying import documents
    from gateway.rpc.client import Refused

    monkeypatch.setattr(
        documents,
        "put_upload",
        lambda _: nullcontext({"upload_key": "uploads/12345678", "filename": "a.pdf"}),
    )
    page_of(browser, everything)
    for call in ("attach_form", "generate_form"):
        everything.answers[f"accounts.{call}"] = Refused(code)
    answer = browser.post(FORM, file=(BytesIO(b"%PDF-"), "a.pdf"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, seconds)
    assert words in browser.page.find(id="file-error").text
    answer = browser.get(f"/apply/{NUMBER}/form.pdf")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, seconds)
    assert words in browser.words
    token = {"X-Application-Token": "t" * 43}
    answer = browser.http.get("/api/v1/applications/current/form.pdf", headers=token)
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, seconds)
    assert answer.json["errors"] == {"refusal": [code]}


def test_who_proved_no_contact_is_led_to_the_codes_and_cannot_upload(browser, everything):
    from gateway.rpc.client import Refused

    draft = an_application()
    missing = [f"contact:{contact['contact']}" for contact in draft["contacts"]]
    everything.answers["accounts.application"] = draft | {"missing": [*missing, "form"]}
    everything.answers["accounts.generate_form"] = Refused("CONTACT_NOT_VERIFIED")
    browser.cookie(f"case-{NUMBER}", "t" * 43).get(FORM)
    assert "請先驗證一項聯絡資料" in browser.words
    assert browser.page.find("a", string="驗證聯絡資料")["href"] == f"/apply/{NUMBER}/code/company_mobile"
    assert not browser.page.find("input", {"type": "file"})
    assert browser.get(f"/apply/{NUMBER}/form.pdf").location == FORM
    everything.answers["accounts.application"] = draft | {"missing": [*missing[1:], "form"]}
    browser.get(FORM)
    assert browser.page.find("input", {"type": "file"})
