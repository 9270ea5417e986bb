"""The page after the right password; and the pages of one's second factors."""

from urllib.parse import urlencode

import pytest
from gateway.rpc.client import Refused

from ..conftest import a_case, a_session, sealed
from ..test_windows import hidden, send

CASE = "d20aa8b5-cc22-4e49-9f2d-7659dca85309"
LOGIN, NEW = "l" * 43, "n" * 43
URI = "otpauth://totp/MTNet:northreviewer?secret=ABCDEFGHIJKLMNOP&issuer=MTNet"


def asked(enrol=False):
    return Refused(
        "SECOND_FACTOR_REQUIRED",
        detail={"login_token": LOGIN, "expires_at": "2026-11-26T02:00:00+00:00", "enrol": enrol},
    )


def a_step(*methods, secret=None):
    return {
        "account_name": "northreviewer",
        "methods": list(methods),
        "expires_at": "2026-11-26T02:00:00+00:00",
        "secret": secret,
        "uri": URI if secret else None,
        "passkey_question": "{}" if "passkey" in methods else None,
    }


@pytest.fixture
def somebody(browser, everything):
    everything.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    everything.answers["accounts.log_in"] = asked()
    everything.answers["accounts.second_step"] = a_step("totp", "recovery")
    everything.answers["accounts.take_second_step"] = a_session("reviewer", unit="north") | {
        "session_token": NEW,
        "device_token": "d" * 43,
        "recovery_codes": [],
    }
    return browser


def log_in(browser, **more):
    browser.get("/login?" + urlencode(more))
    return send(browser, "/login", account_name="northreviewer", password="x")


def cookies(answer):
    return "\n".join(answer.headers.getlist("Set-Cookie"))


def test_the_right_password_leads_to_the_second_step_and_the_code_to_where_one_wanted(somebody, everything):
    answer = log_in(somebody, next="/review/?page=2")
    assert answer.headers["Location"] == "/login/second-step?next=/review/?page%3D2"
    assert f"login={sealed(LOGIN)};" in cookies(answer)
    assert "sid=" not in cookies(answer)
    somebody.get(answer.headers["Location"])
    field = somebody.page.find("input", {"name": "code"})
    assert field["autocomplete"] == "one-time-code"
    entered = send(somebody, "/login/second-step", code="123 456")
    assert (entered.status_code, entered.headers["Location"]) == (303, "/review/?page=2")
    assert f"sid={sealed(NEW)};" in cookies(entered)
    assert "login=;" in cookies(entered)
    assert f"device={sealed('d' * 43)};" in cookies(entered)
    (request,) = everything.requests_to("accounts.take_second_step")
    assert (request["login_token"], request["code"], request["passkey"]) == (LOGIN, "123 456", None)


def test_a_wrong_code_is_told_at_its_field_and_an_empty_one_is_asked_of_nobody(somebody, everything):
    log_in(somebody, next="/review/")
    somebody.get("/login/second-step?next=/review/")
    assert send(somebody, "/login/second-step", code="").status_code == 422
    assert everything.requests_to("accounts.take_second_step") == []
    for refused in (Refused("SECOND_FACTOR_WRONG"), Refused("INVALID", {"code": ["TOO_LONG"]})):
        everything.answers["accounts.take_second_step"] = refused
        assert send(somebody, "/login/second-step", code="1").status_code == 422
        assert "驗證碼錯誤" in somebody.page.find(id="code-error").get_text()
        assert hidden(somebody.page, "/login/second-step")["next"] == "/review/"


def test_what_was_typed_before_the_login_is_there_after_both_steps(somebody, everything):
    everything.answers["accounts.resume_session"] = a_session("reviewer", unit="north")
    everything.answers["review.case"] = a_case(application_id=CASE)
    somebody.cookie("sid", "s" * 43).get(f"/review/{CASE}")
    everything.answers["accounts.resume_session"] = Refused("SESSION_ENDED")
    send(somebody, f"/review/{CASE}/decide", decision="return", note="很長的說明")
    step = send(somebody, "/login", account_name="northreviewer", password="x")
    assert step.status_code == 200
    assert "兩步驟驗證" in somebody.words
    assert f"login={sealed(LOGIN)};" in cookies(step)
    everything.answers["accounts.resume_session"] = a_session("reviewer", unit="north")
    send(somebody, "/login/second-step", code="123456")
    assert somebody.page.find("textarea", id="note").get_text() == "很長的說明"


@pytest.mark.parametrize("invented", [None, LOGIN, f"{LOGIN}.x", "小明"])
def test_an_invented_login_is_asked_of_nobody(somebody, everything, invented):
    header = {"Cookie": f"login={invented}".encode().decode("latin-1")} if invented else {}
    answer = somebody.http.application.test_client(use_cookies=False).get(
        "/login/second-step", headers=header
    )
    assert answer.status_code == 303
    assert everything.requests_to("accounts.second_step") == []


def test_a_login_that_took_too_long_begins_with_the_password(somebody, everything):
    log_in(somebody)
    everything.answers["accounts.second_step"] = Refused("LOGIN_EXPIRED")
    answer = somebody.get("/login/second-step?next=/review/")
    assert answer.status_code == 401
    assert "登入逾時" in somebody.words
    assert hidden(somebody.page, "/login")["next"] == "/review/"


def test_who_has_none_sets_one_up_with_picture_or_key_and_sees_the_recovery_codes(somebody, everything):
    everything.answers["accounts.second_step"] = a_step(secret="ABCDEFGHIJKLMNOP")
    codes = [f"ABCDE-FGHJ{n}" for n in range(2, 12)]
    everything.answers["accounts.take_second_step"] |= {"recovery_codes": codes}
    somebody.get(log_in(somebody, next="/review/").headers["Location"])
    assert somebody.page.find(id="secret").get_text() == "ABCD EFGH IJKL MNOP"
    assert somebody.page.find("img", alt=True, src=lambda src: src.startswith("data:image/svg+xml"))
    # A phone cannot scan its own screen.
    assert somebody.page.find("a", href=URI).get_text() == "在這支行動電話上開啟應用程式"
    answer = send(somebody, "/login/second-step", code="123456")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert [li.get_text(strip=True) for li in somebody.page.find(id="recovery-codes").find_all("li")] == codes
    assert somebody.page.find("a", string=lambda words: words and "我已保存" in words)["href"] == "/review/"
    assert f"sid={sealed(NEW)};" in cookies(answer)


def test_a_program_takes_two_steps(portal, everything):
    everything.answers["accounts.log_in"] = asked()
    everything.answers["accounts.take_second_step"] = a_session("reviewer") | {
        "session_token": NEW,
        "recovery_codes": [],
    }
    api = portal.test_client(use_cookies=False)
    first = api.post("/api/v1/sessions", json={"account_name": "x", "password": "x"})
    assert first.status_code == 401
    assert first.get_json()["errors"] == {"refusal": ["SECOND_FACTOR_REQUIRED"]}
    token = first.get_json()["detail"]["login_token"]
    entered = api.post("/api/v1/sessions/second-step", json={"login_token": token, "code": "123456"})
    assert (entered.status_code, entered.get_json()["session_token"]) == (201, sealed(NEW))


# My account, login protection


@pytest.fixture
def member(browser, everything):
    everything.answers["accounts.resume_session"] = a_session("member")
    everything.answers["accounts.second_factors"] = {
        "required": False,
        "totp_since": "2026-11-01T01:00:00+00:00",
        "passkeys": [
            {
                "passkey_id": CASE,
                "label": "辦公室電腦",
                "created_at": "2026-11-01T01:00:00+00:00",
                "last_used_at": None,
            }
        ],
        "recovery_codes_left": 7,
    }
    return browser.cookie("sid", "s" * 43)


def test_the_page_says_what_protects_the_account(member):
    member.get("/account/security")
    assert "兩步驟驗證已啟用" in member.words
    assert "辦公室電腦" in member.words
    assert "7 組未使用的備用碼" in member.words


def test_an_app_is_set_up_with_a_code_of_it(member, everything):
    everything.answers["accounts.begin_totp"] = {"secret": "ABCDEFGHIJKLMNOP", "uri": URI}
    everything.answers["accounts.confirm_totp"] = Refused("SECOND_FACTOR_WRONG")
    member.get("/account/security/app")
    assert send(member, "/account/security/app", code="1").status_code == 422
    assert member.page.find(id="secret").get_text() == "ABCD EFGH IJKL MNOP"
    assert member.page.find("a", href=URI)
    everything.answers["accounts.confirm_totp"] = {"recovery_codes": ["ABCDE-FGHJK"]}
    send(member, "/account/security/app", code="123456")
    assert "ABCDE-FGHJK" in member.words


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("/account/security/app/remove", "remove_totp"),
        (f"/account/security/passkeys/{CASE}/remove", "remove_passkey"),
    ],
)
def test_the_last_factor_of_a_role_that_needs_one_stays_and_the_page_says_why(
    member, everything, action, name
):
    member.get("/account/security")
    assert send(member, action).headers["Location"] == "/account/security"
    assert len(everything.requests_to(f"accounts.{name}")) == 1
    everything.answers[f"accounts.{name}"] = Refused("SECOND_FACTOR_NEEDED")
    member.get("/account/security")
    assert send(member, action).status_code == 409
    assert "您的角色必須使用兩步驟驗證" in member.words


def test_a_passkey_has_a_name(member, everything):
    action = f"/account/security/passkeys/{CASE}/rename"
    member.get(action)
    assert send(member, action, label=" ").status_code == 422
    assert member.page.find(id="label-error")
    assert send(member, action, label="家裡的筆電").status_code == 303
    (request,) = everything.requests_to("accounts.rename_passkey")
    assert request["label"] == "家裡的筆電"
    member.get("/account/security/passkey")
    assert send(member, "/account/security/passkey", label="").status_code == 422
    assert member.page.find(id="label-error")
    assert everything.requests_to("accounts.add_passkey") == []
