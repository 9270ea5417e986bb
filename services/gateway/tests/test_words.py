"""Every code has its text, in both languages. infra/words.py tells what is not translated."""

import re
from pathlib import Path

import gateway
import pytest
from gateway.api.reference import MEANINGS, TITLES
from gateway.errors.refusals import ERRORS
from gateway.public.pages import SYSTEMS_ABOUT
from gateway.review import pages as reviewing
from gateway.review.labels import DECISIONS, SORTS, TABS
from gateway.texts import TEXTS, for_templates
from gateway.topics import OPERATIONS
from markupsafe import Markup
from marshmallow import fields, validate
from mtnet_contracts.calls import CALLS
from mtnet_contracts.calls.call import COMMON_REFUSALS
from mtnet_contracts.vocabulary.answers import ANSWERS
from mtnet_contracts.vocabulary.choices import (
    SYSTEMS,
)

PACKAGE = Path(gateway.__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")
SUMMARIES = {operation.name: operation.summary for operation in OPERATIONS}


def codes_of(shape):
    """Every code that a shape's validators can answer with."""
    for field in shape().fields.values():
        yield from codes_of_field(field)


def codes_of_field(field):
    for validator in field.validators:
        if isinstance(validator, validate.Validator):
            yield validator.error
    yield from field.error_messages.values()
    if isinstance(field, fields.Nested):
        yield from codes_of(field.nested)
    if isinstance(field, fields.List):
        yield from codes_of_field(field.inner)


def needed_errors():
    wanted = set(COMMON_REFUSALS)
    for call in CALLS.values():
        if call.service in ("accounts", "review", "content"):
            wanted |= {*call.refusals, *codes_of(call.request)}
    for shape in ANSWERS.values():
        wanted |= set(codes_of(shape))
    return wanted


def test_every_code_of_the_contracts_has_a_sentence():
    assert sorted(needed_errors() - set(ERRORS)) == []


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (SYSTEMS_ABOUT, SYSTEMS),
        (DECISIONS, reviewing.DECISIONS),
        (TITLES, {operation.tag for operation in OPERATIONS}),
    ],
)
def test_every_code_of_the_pages_has_a_text(table, codes):
    assert set(codes) <= set(table)


@pytest.mark.parametrize(
    "table", [ERRORS, SYSTEMS_ABOUT, TABS, SORTS, DECISIONS, TITLES, MEANINGS, SUMMARIES]
)
def test_every_text_of_a_table_is_translated(table):
    chinese = TEXTS["zh-Hant"]
    assert [text for text in table.values() if not CHINESE.search(chinese[text])] == []


def test_english_says_what_stands_in_the_code():
    assert TEXTS["en"][ERRORS["CODE_REQUIRED"]] == "Enter the code"
    assert TEXTS["zh-Hant"][ERRORS["CODE_REQUIRED"]] == "請輸入驗證碼"


def test_a_text_in_a_template_keeps_its_marks_and_not_those_of_its_values():
    say = for_templates("en")["_"]
    assert say("Applicant's name") == Markup("Applicant&#39;s name")
    assert say("Case %(number)s", number="<b>") == Markup("Case &lt;b&gt;")
    assert say("! @ # $ %") == "! @ # $ %"


def test_no_template_takes_the_name_of_gettext():
    """`{% set _ = … %}` would hide it from the rest of the template."""
    templates = {path: path.read_text() for path in PACKAGE.rglob("*.html")}
    assert templates
    takes_it = re.compile(r"{%[^%]*\b(set|for)\s[^=%]*\b_\b[^=%]*(=|\bin\b)")
    assert [path.name for path, text in templates.items() if takes_it.search(text)] == []
