"""Every notice has its words in both languages: nothing missing, nothing unescaped, no stranger's link."""

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError
from mtnet_contracts.vocabulary.reasons import MARKABLE_FIELDS, RETURN_CODES
from notify.contact_points.rules import EMAIL
from notify.messages.rules import Contact
from notify.templates import actions as templates
from notify.templates.actions import current_version, render_mail, render_text
from notify.templates.rules import EMBLEM_ID, LOCALES, Kind, NoSuchTemplate

from ..builders import CONTACT, LINKS, SECRETS, an_example

BOTH = pytest.mark.parametrize("locale", LOCALES)
EVERY_KIND = pytest.mark.parametrize("kind", Kind)


def mail_of(kind, locale="zh-Hant", contact=CONTACT, **details):
    message = an_example(kind, contact)
    details = message.details | SECRETS.get(kind, {}) | details
    return render_mail(LINKS, kind, current_version(kind), locale, details)


def source_of_mail(kind):
    source = (templates.FILES / f"{kind}.{current_version(kind)}.html").read_text("utf-8")
    return re.sub(r"(?s){#.*?#}|{% block sms %}.*", "", source)


@EVERY_KIND
@BOTH
def test_every_notice_has_all_its_words(kind, locale):
    mail = mail_of(kind, locale)
    for text in (mail.subject, mail.text, mail.html):
        assert text.strip()
        assert "{{" not in text
        assert "{%" not in text
        assert "None" not in text
    assert len(mail.subject) < 80
    assert "\n" not in mail.subject
    assert re.search("[\u4e00-\u9fff]", mail.subject + re.sub("<[^>]+>", "", mail.text)) or locale == "en"


@EVERY_KIND
def test_an_english_notice_has_no_chinese_but_what_people_wrote(kind):
    words = an_example(kind).details
    typed = {name: "Words" for name in ("note", "name", "label", "title", "words") if name in words}
    if "answered_files" in words:
        typed["answered_files"] = [{"name": "guide.pdf", "link": "/contact/x/files/y"}]
    mail = mail_of(kind, "en", **typed)
    assert not re.search("[\u4e00-\u9fff，。：（）]", mail.subject + mail.text)


@EVERY_KIND
@BOTH
def test_every_placeholder_that_has_no_value_is_noticed(kind, locale):
    message = an_example(kind)
    details = message.details | SECRETS.get(kind, {})
    version = current_version(kind)
    source = source_of_mail(kind)
    used = [name for name in details if re.search(rf"\b{name}\b", source)]
    assert used
    for name in used:
        with pytest.raises((UndefinedError, TypeError)):
            render_mail(
                LINKS, kind, version, locale, {key: value for key, value in details.items() if key != name}
            )


@EVERY_KIND
def test_both_languages_say_the_same_things(kind):
    """What is said of each is kept by tests/architecture/test_translations.py; here, what is filled in."""
    chinese, english = (mail_of(kind, locale) for locale in LOCALES)
    details = an_example(kind).details
    facts = [details[name] for name in ("account_name", "case_number", "note") if name in details]
    facts += ["0800-022-120", "service@mtnet.gov.tw", *re.findall(r"https://\S+", english.text)]
    shown = [fact for fact in facts if fact in english.subject + english.text]
    assert shown
    assert [fact for fact in facts if fact in chinese.subject + chinese.text] == shown


def test_a_message_of_a_version_that_is_gone_is_written_by_the_next_one():
    """Of frozen accounts only the newest is kept; of withdrawals also the first, which knows no reason."""
    details = an_example(Kind.ACCOUNT_FROZEN).details
    newest = mail_of(Kind.ACCOUNT_FROZEN)
    assert render_mail(LINKS, Kind.ACCOUNT_FROZEN, 1, "zh-Hant", details) == newest
    details = {k: v for k, v in an_example(Kind.APPLICATION_WITHDRAWN).details.items() if k != "why"}
    assert "撤回" in render_mail(LINKS, Kind.APPLICATION_WITHDRAWN, 1, "zh-Hant", details).subject
    with pytest.raises(UndefinedError):
        render_mail(LINKS, Kind.APPLICATION_WITHDRAWN, 2, "zh-Hant", details)


@BOTH
@pytest.mark.parametrize(
    ("kind", "way"), [(Kind.ACCOUNT_FROZEN, "/reactivate"), (Kind.REMINDER_DUE, "/login")]
)
def test_who_is_frozen_is_shown_the_way_back_and_whom_to_call_where_it_is_closed(kind, way, locale):
    text = mail_of(kind, locale).text
    assert f"https://mtnet.example{way}" in text
    assert "0800-022-120" in text
    assert "service@mtnet.gov.tw" in text
    code_and_password = {"zh-Hant": "驗證碼確認", "en": "with a code and set a new password"}
    assert code_and_password[locale] in text


@BOTH
def test_every_reason_and_every_field_has_words(locale):
    reasons = [{"code": code, "field": field} for code in RETURN_CODES for field in MARKABLE_FIELDS]
    mail = mail_of(Kind.APPLICATION_RETURNED, locale, reasons=reasons)
    assert mail.text.count("\n- ") == len(reasons)
    assert not re.search("|".join(RETURN_CODES), mail.text)


def test_a_returned_application_is_told_what_to_change_by_when_and_where():
    mail = mail_of(Kind.APPLICATION_RETURNED)
    assert "PTAPPLY936EC90162340" in mail.subject
    assert "- 申請人聯絡電話：內容有誤\n- 帳號申請表：未用印" in mail.text
    assert "聯絡電話少一碼，申請表未蓋公司章。" in mail.text
    assert "115年3月22日" in mail.text
    assert mail.text.count("https://mtnet.example/case?number=PTAPPLY936EC90162340") == 1
    assert '<a href="https://mtnet.example/case?number=PTAPPLY936EC90162340"' in mail.html


OF_A_CASE = [kind for kind in Kind if kind.startswith("application_")]


@BOTH
@pytest.mark.parametrize("kind", OF_A_CASE)
def test_every_mail_about_a_case_has_a_button_to_that_case(kind, locale):
    mail = mail_of(kind, locale)
    page = BeautifulSoup(mail.html, "html.parser")
    (button,) = page.select("table.button a")
    assert button["href"] == "https://mtnet.example/case?number=PTAPPLY936EC90162340"
    colon = ":" if locale == "en" else "："
    assert f"{button.get_text()}{colon}\n{button['href']}" in mail.text


@pytest.mark.parametrize("number", ["A&B", 'x"><b>', "a b/../?#"])
def test_a_number_cannot_lead_a_link_elsewhere(number):
    mail = mail_of(Kind.APPLICATION_RECEIVED, case_number=number)
    (button,) = BeautifulSoup(mail.html, "html.parser").select("table.button a")
    assert button["href"].startswith("https://mtnet.example/case?number=")
    assert not set(button["href"].partition("number=")[2]) & set('&"<># /?')


@BOTH
@EVERY_KIND
def test_a_mail_can_be_read_where_styles_and_pictures_are_taken_away(kind, locale):
    mail = mail_of(kind, locale)
    page = BeautifulSoup(mail.html, "html.parser")
    (emblem,) = page.find_all("img")
    assert (emblem["src"], emblem["alt"]) == (f"cid:{EMBLEM_ID}", "MTNet")
    assert emblem["width"]
    assert all(tag.get("style") for tag in page.select(".card p, .card ul, .card li, .card a, img"))
    assert all(table["role"] == "presentation" for table in page.find_all("table"))
    assert page.html["lang"] == locale
    for element in page.find_all(["script", "link", "form", "iframe", "video", "svg"]):
        raise AssertionError(element)
    assert "http://" not in mail.html
    assert {address for address in re.findall(r"https://[^/\"' <]+", mail.html)} == {"https://mtnet.example"}
    for words in page.select_one(".card").stripped_strings:
        assert words in " ".join(mail.text.split()) or words in mail.text, "the text part says all"


@BOTH
@EVERY_KIND
def test_the_words_are_those_of_the_portal(kind, locale):
    mail = mail_of(kind, locale, **({"note": "Words"} if "note" in an_example(kind).details else {}))
    words = mail.subject + mail.text + BeautifulSoup(mail.html, "html.parser").get_text()
    assert not re.search("[«»]|台|申請者|用印申請表|用印檔案|行動號碼", words)
    assert {"zh-Hant": "MTNet 航港單一窗口服務平臺", "en": "MTNet Maritime Single Window"}[
        locale
    ] in mail.html
    assert {"zh-Hant": "MTNet 航港單一窗口服務平臺", "en": "MTNet Maritime Single Window"}[
        locale
    ] in mail.text


def test_dates_are_the_republic_s_in_chinese_and_iso_in_english():
    assert "115-02-19 17:25:24" in mail_of(Kind.APPLICATION_RECEIVED, "zh-Hant").text
    assert "2026-02-19 17:25:24 (Taipei)" in mail_of(Kind.APPLICATION_RECEIVED, "en").text
    assert "116年2月24日" in mail_of(Kind.REMINDER_DUE, "zh-Hant").text
    assert "2027-02-24" in mail_of(Kind.REMINDER_DUE, "en").text


def test_what_people_typed_is_text_and_never_markup():
    mail = mail_of(Kind.APPLICATION_RETURNED, note="<script>alert(1)</script>\n第二行 & more")
    assert "<script>" not in mail.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>第二行 &amp; more" in mail.html
    assert "<script>alert(1)</script>\n第二行 & more" in mail.text


@pytest.mark.parametrize(
    "name", ["王小明 https://evil.example/x", "www.evil.example 王小明", "王小明\nhttp://evil.example"]
)
def test_a_stranger_s_name_brings_no_link_into_a_mail(name):
    mail = mail_of(Kind.APPLICATION_RECEIVED, name=name)
    assert "evil" not in mail.text + mail.html
    assert "王小明 您好：" in mail.text


def test_a_template_cannot_reach_into_python(monkeypatch):
    source = "{% block subject %}x{% endblock %}{% block body %}{{ name.__class__.__mro__ }}{% endblock %}"
    template = templates._environment("en", True).from_string(source)
    monkeypatch.setattr(templates, "_template", lambda *_: template)
    with pytest.raises(SecurityError):
        render_mail(LINKS, Kind.ACCOUNT_FROZEN, 1, "en", {"name": "x"})


@BOTH
@pytest.mark.parametrize("code", ["000000", "999999"])
def test_a_text_message_ends_in_its_domain_and_code(code, locale):
    message = an_example(Kind.VERIFICATION_CODE)
    text = render_text(LINKS, message.kind, 1, locale, message.details | {"code": code}, "sms")
    assert text.splitlines()[-1] == f"@mtnet.example #{code}"
    assert "17:20" in text
    assert len(text) <= (70 if locale == "zh-Hant" else 160)


def test_only_codes_and_what_every_contact_has_to_know_go_out_as_text_messages():
    for kind in set(Kind) - {Kind.VERIFICATION_CODE, Kind.CONTACT_CHANGED, Kind.PASSWORD_CHANGED}:
        with pytest.raises(NoSuchTemplate):
            render_text(LINKS, kind, 1, "zh-Hant", {}, "sms")


def test_a_language_or_version_nobody_wrote_is_noticed():
    with pytest.raises(NoSuchTemplate):
        render_mail(LINKS, Kind.ACCOUNT_FROZEN, 1, "fr", {})
    with pytest.raises(NoSuchTemplate):
        render_mail(LINKS, Kind.ACCOUNT_FROZEN, 99, "en", {})


def test_the_message_follows_the_applicant_s_language_and_address():
    contact = Contact("Clerk", "clerk@example.com", "en")
    message = an_example(Kind.ACCOUNT_ACTIVATED, contact)
    assert (message.locale, message.named) == ("en", ((EMAIL, "clerk@example.com"),))


def test_no_message_holds_its_secret_in_the_clear():
    for kind in SECRETS:
        message = an_example(kind)
        assert message.sealed_secret
        assert message.secret_context
        assert message.expires_at
        assert not {"code", "token"} & message.details.keys()
        assert replace(message, sealed_secret=None).details == message.details


@pytest.mark.parametrize(
    ("why", "zh", "en"),
    [
        ("", "撤回，不再審核", "was withdrawn"),
        ("LAPSED", "未於期限內補正", "not corrected in time"),
        ("REPLACED", "改由新申請審核", "applied again"),
    ],
)
def test_why_an_application_ended_is_told_as_it_was(why, zh, en):
    mails = [
        mail_of(Kind.APPLICATION_WITHDRAWN, locale, why=why, case_number="PTAPPLY936EC90162340")
        for locale in ("zh-Hant", "en")
    ]
    assert [words in mail.text for words, mail in zip((zh, en), mails, strict=True)] == [True, True]
    assert ("非您本人" in mails[0].text) is (why != "LAPSED")
