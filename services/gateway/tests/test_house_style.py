"""One word for one thing, everywhere a person reads it: pages, the printed form, mails, text messages, first content.

Chinese as offices in Taiwan write it; English in one spelling. docs/adr/0027 says why.
"""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from mtnet_contracts.vocabulary.labels import FIELDS, LABELS
from mtnet_contracts.vocabulary.texts import texts_of

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "services/gateway/gateway/templates"
MAILS = ROOT / "services/notify/notify/templates/files"
CATALOGUES = sorted(path for top in ("libs", "services") for path in (ROOT / top).rglob("LC_MESSAGES/*.po"))

# What must not stand in Chinese, and what stands there instead.
CHINESE = {
    r"台": "臺; 此電腦 for 這台電腦",
    r"申請者": "申請人",
    r"領件|未領|放回": "認領, 待認領, 釋出: 領件 is what an applicant does at a counter",
    r"IP 位置": "IP 位址",
    r"手機": "行動電話",
    r"(驗證碼|簡訊)[^。]{0,12}寄到": "傳送至",
    r"寄到": "寄送至",
    r"退件待補(?!正)": "退件待補正",
    r"查詢案件進度|查詢進度": "查詢目前審核進度",
    r"用印申請表|用印檔案|(?<!帳號)申請表": "帳號申請表",
    r"個人資料告知書": "個資告知書",
    r"航港單一窗口(?!服務平臺)": "航港單一窗口服務平臺",
    r"其它": "其他",
    r"登錄|賬|信息|網絡|默認|用戶|點擊|視頻|軟件|質量|數據": "the word used in Taiwan",
    r"[,;!?](?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[,;!?]": "full-width punctuation between Chinese words",
}
ENGLISH = {
    r"[\u3000-\u303f\uff01-\uff60]": "no full-width punctuation",
    r"[«»‹›]": "“quotation marks”",
    r"(?i)\b(organiz|recogniz|customiz|canceled|color\b|license plate|centers?\b)": "British",
    r"(?i)\bauthoriz(?!ation: Bearer)": "British; the header keeps its name",
    r"(?i)way of registering|go on with|nothing arrived|show that this is|is good for": "plain English",
    r"(?i)stamped form\b": "application form",
    r"(?<!MTNet )(?i:maritime single window)": "MTNet Maritime Single Window",
    r"\bemail\b": "e-mail",
    r"(?i)case progress page|follow (the|your|a) case": "Check case progress",
    r"(?i)\bproved?\b": "confirmed",
}
# Set in two lines of the header, the portal's mark beside it; the one notice whose wording is law.
EXCEPT = {
    "portal: Maritime Single Window",
    "applying: I have read and agree to the privacy notice of the MTNet Maritime Single Window",
}


@cache
def said():
    """Where it stands, the language, the text: of everything."""
    return list(texts_said())


def texts_said():
    for catalogue in CATALOGUES:
        for message in read_po(catalogue.read_text().splitlines()):
            for locale, texts in (("en", message.id), ("zh-Hant", message.string)):
                for text in [texts] if isinstance(texts, str) else texts:
                    if text and message.id:
                        yield f"{catalogue.stem}: {message.id}", locale, re.sub(r"<[^>]+>", "", text)
    for kind, entries in tomllib.loads(
        (ROOT / "services/content/content/data/demo.toml").read_text()
    ).items():
        for entry in entries:
            for locale in ("zh-Hant", "en"):
                for part, text in entry[locale].items():
                    yield f"{kind} {entry['slug']} {part}", locale, text


@pytest.mark.parametrize("pattern", CHINESE)
def test_chinese_as_it_is_written_here(pattern):
    assert faults("zh-Hant", pattern) == [], CHINESE[pattern]


@pytest.mark.parametrize("pattern", ENGLISH)
def test_english_in_one_spelling(pattern):
    assert faults("en", pattern) == [], ENGLISH[pattern]


@pytest.mark.parametrize("locale", ["zh-Hant", "en"])
def test_a_text_names_a_limit_by_its_name(locale):
    """So that the limit (vocabulary/limits.py) and what is said of it cannot differ."""
    assert faults(locale, r"[0-9] ?(MB|MiB|KB|KiB|GB)\b") == []


def faults(locale, pattern):
    return [
        f"{place}: {text}"
        for place, of, text in said()
        if of == locale and place not in EXCEPT and re.search(pattern, text)
    ]


def test_a_template_holds_no_words_or_marks_of_its_own():
    """What stands in a template stands in both languages."""
    templates = [*TEMPLATES.rglob("*.html"), *MAILS.glob("*.html")]
    assert templates
    found = {}
    for path in templates:
        text = re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)
        text = text.replace("'、' if locale == 'zh-Hant'", "")
        if own := re.findall(r"[\u3000-\u303f\u3400-\u9fff\uff01-\uff60«»‹›]", text):
            found[path.name] = own
    assert found == {}


def test_the_form_has_one_name():
    printed = "documents: MTNet Maritime Single Window: application form"
    for locale, name in (("zh-Hant", "帳號申請表"), ("en", "Application form")):
        assert texts_of(locale, LABELS)[FIELDS["form"]] == name
        (title,) = [text for place, of, text in said() if (place, of) == (printed, locale)]
        assert name.lower() in title.lower()
