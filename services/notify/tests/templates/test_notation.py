"""The notation of operators: what it takes, what it refuses, and that what people typed stays what it is."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.templates import actions
from notify.templates.actions import current_version, html_body, plain_text, render_mail, render_text
from notify.templates.checks import faults_of_text
from notify.templates.release import NotInTheNotation, in_notation
from notify.templates.rules import LOCALES, Kind, OperatorsText, sms_parts, text_of_html
from notify.templates.samples import every_sample_of, samples_of

from ..builders import LINKS, an_example

BOTH = pytest.mark.parametrize("locale", LOCALES)
EVERY_KIND = pytest.mark.parametrize("kind", Kind)
PORTAL = LINKS.portal_url
NUMBERS = iter(range(1_000, 1_000_000))


def source_of(kind):
    return (actions.FILES / f"{kind}.{current_version(kind)}.html").read_text("utf-8")


def release_of(kind, locale):
    return in_notation(source_of(kind), actions._texts(locale))


def codes(kind, part, source, locale="zh-Hant"):
    return {fault.code for fault in faults_of_text(kind, locale, {part: source}, PORTAL)}


def kept(kind, locale="zh-Hant", **parts):
    """The number of an operator's text that this process has read."""
    text = OperatorsText(next(NUMBERS), kind, locale, current_version(kind), parts)
    actions.keep_texts([text])
    return text.version


@EVERY_KIND
@BOTH
def test_the_release_s_texts_say_the_same_in_the_notation(kind, locale):
    """In every case that there is: the notation, its reading and its filling, held against the files themselves."""
    parts = release_of(kind, locale)
    assert {"subject", "body"} <= parts.keys()
    version = kept(kind, locale, **parts)
    for values in every_sample_of(kind, PORTAL):
        expected = render_mail(LINKS, kind, current_version(kind), locale, values)
        found = render_mail(LINKS, kind, version, locale, values)
        assert found.subject == expected.subject
        assert found.text == expected.text
        for part in parts.keys() - {"subject", "body"}:
            assert render_text(LINKS, kind, version, locale, values, part) == render_text(
                LINKS, kind, current_version(kind), locale, values, part
            )


@EVERY_KIND
@BOTH
def test_the_release_s_texts_may_be_published(kind, locale):
    assert faults_of_text(kind, locale, release_of(kind, locale), PORTAL) == []


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("{{ nmae }} 您好", "PLACEHOLDER_UNKNOWN"),
        ("{% if nmae %}x{% endif %}", "PLACEHOLDER_UNKNOWN"),
        ("{{ name | upper }}", "NOT_IN_TEXTS"),
        ("{{ name.__class__ }}", "NOT_IN_TEXTS"),
        ("{{ 9 ** 9 ** 9 }}", "NOT_IN_TEXTS"),
        ("{{ 'x' * 10000 }}", "NOT_IN_TEXTS"),
        ("{% for c in name %}{{ c }}{% endfor %}", "NOT_IN_TEXTS"),
        ("{% set name = 1 %}", "NOT_IN_TEXTS"),
        ("{% include 'x' %}", "NOT_IN_TEXTS"),
        ("{% macro m() %}{% endmacro %}", "NOT_IN_TEXTS"),
        ("{% block body %}{% endblock %}", "NOT_IN_TEXTS"),
        ("{{ lipsum() }}", "NOT_IN_TEXTS"),
        ("{% if name is sequence %}x{% endif %}", "NOT_IN_TEXTS"),
        ("{{ name", "PLACEHOLDER_NOT_CLOSED"),
        ("{% if name %}x", "PLACEHOLDER_NOT_CLOSED"),
        ("{% nothing %}", "PLACEHOLDER_NOT_CLOSED"),
        ("{% if name %}" * 2_00 + "{% endif %}" * 200, "TOO_MANY_CONDITIONS"),
        ("{% if " + "(" * 3000 + "name" + ")" * 3000 + " %}x{% endif %}", "TOO_MANY_CONDITIONS"),
        ("x" * 8_001, "TEXT_TOO_LONG"),
        ("<b>x</b>", "HTML_NOT_ALLOWED"),
        ("<script>x", "HTML_NOT_ALLOWED"),
        ("https://evil.example", "ADDRESS_NOT_ALLOWED"),
        ("www.evil.example", "ADDRESS_NOT_ALLOWED"),
        ("[here](https:evil.example)", "PLACEHOLDER_UNKNOWN"),
        ("[here](javascript:x)", "PLACEHOLDER_UNKNOWN"),
        ("[here]({{ case_url }})", "PLACEHOLDER_UNKNOWN"),
        ("[here](name)", "NOT_A_LINK"),
        ("[here](case_url", "LINK_NOT_CLOSED"),
        ("**{{ name }}", "STRONG_NOT_CLOSED"),
        ("Change {{ reasons }}", "LIST_ALONE"),
        ("\ue000name\ue001", "CHARACTER_NOT_ALLOWED"),
        ("{% if note %}{% endif %}", "TEXT_EMPTY"),
        ("{{ name }}", "NECESSARY_MISSING"),
    ],
)
def test_what_a_text_may_not_hold(source, code):
    assert code in codes(Kind.APPLICATION_RETURNED, "body", source)


def test_a_condition_over_a_choice_that_there_is_not_is_noticed():
    kind = Kind.APPLICATION_WITHDRAWN
    assert "CHOICE_UNKNOWN" in codes(kind, "subject", '{% if why == "LAPSD" %}x{% else %}y{% endif %}')
    assert "PLACEHOLDER_ONLY_DECIDES" in codes(kind, "subject", "{{ why }}")


def test_a_value_that_is_only_sometimes_there_stands_in_its_case_only():
    kind = Kind.PASSWORD_RESET
    faults = faults_of_text(kind, "en", {"body": "[x](reset_url) {{ expires_at }}"}, PORTAL)
    assert ("PLACEHOLDER_WITHOUT_VALUE", "reset_url (account_state = frozen)") in {
        (fault.code, fault.about) for fault in faults
    }
    assert (
        faults_of_text(
            kind,
            "en",
            {"body": '{% if account_state == "active" %}[x](reset_url){% else %}No link.{% endif %}'},
            PORTAL,
        )
        == []
    )


@pytest.mark.parametrize("part", ["body", "sms", "line", "fax"])
def test_no_text_about_a_code_goes_out_without_the_code(part):
    assert "NECESSARY_MISSING" in codes(Kind.VERIFICATION_CODE, part, "Hello.")
    assert codes(Kind.VERIFICATION_CODE, part, "{{ code }} until {{ expires_at }}.") == set()


def test_a_returned_application_is_told_why_and_by_when():
    kind = Kind.APPLICATION_RETURNED
    faults = faults_of_text(kind, "en", {"body": "{{ name }}, see [the case](case_url)."}, PORTAL)
    assert {fault.about for fault in faults if fault.code == "NECESSARY_MISSING"} == {
        "case_number",
        "reasons",
        "resubmit_by",
    }


def test_plain_texts_have_no_markup_and_subjects_one_line():
    kind = Kind.ACCOUNT_FROZEN
    assert codes(kind, "line", "**x** [y](login_url)") == {"NO_MARKUP_HERE"}
    assert codes(kind, "subject", "x\ny") == {"ONE_LINE_ONLY"}
    assert codes(kind, "line", "{{ login_url }}") == set()


def test_a_long_text_message_is_refused_by_its_parts():
    assert codes(Kind.PASSWORD_CHANGED, "sms", "密" * 201) == set()
    assert codes(Kind.PASSWORD_CHANGED, "sms", "密" * 202) == {"SMS_TOO_LONG"}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("密" * 70, 1),
        ("密" * 71, 2),
        ("a" * 69 + "密", 1),
        ("𠀀" * 35, 1),
        ("𠀀" * 36, 2),
        ("密" * 134, 2),
        ("密" * 135, 3),
    ],
)
def test_text_messages_are_counted_as_telephones_count_them(text, parts):
    assert sms_parts(text).parts == parts


@given(st.text(max_size=80))
def test_what_people_typed_is_neither_markup_nor_a_link_on_any_channel(typed):
    kind, details = Kind.APPLICATION_RETURNED, {}
    body = "{{ name }}\n\n{{ note }}\n\n[x](case_url)"
    values = actions.values_for(
        LINKS, kind, samples_of(kind, PORTAL) | {"name": typed, "note": typed} | details
    )
    html = html_body(kind, body, "en", values)
    assert set(re.findall(r"<\w+", html)) <= {"<p", "<br", "<table", "<tr", "<td", "<a"}
    assert html.count("<a ") == 1
    for plain in (plain_text(kind, "{{ name }} {{ note }}", "en", values), text_of_html(html, "en")):
        rest = plain.replace(values["case_url"], "")
        assert not re.search(r"https?://|www\.|[0-9A-Za-z]\.[A-Za-z]{2}", rest, re.IGNORECASE)


@pytest.mark.parametrize(
    "typed",
    [
        "**x**",
        "[x](case_url)",
        "{{ code }}",
        "{% if x %}",
        "> x\n- y",
        "\ue000note\ue001",
        "<b>x</b>",
        "&lt;",
    ],
)
def test_markup_that_people_typed_is_shown_as_it_is(typed):
    kind = Kind.APPLICATION_RETURNED
    version = kept(kind, body="> {{ note }}\n{{ reasons }}\n{{ resubmit_by }}")
    details = an_example(kind).details | {"note": typed}
    assert typed in render_mail(LINKS, kind, version, "zh-Hant", details).text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("see https://evil.example/x now", "see evil. example/x now"),
        ("a@evil.example", "a@evil. example"),
        ("//evil.example", "evil. example"),
        ("金額 3.5 元，第 2.1 節", "金額 3.5 元，第 2.1 節"),
    ],
)
@pytest.mark.parametrize("part", ["mail", "line", "fax"])
def test_an_address_in_a_note_can_be_read_and_not_followed(part, typed, shown):
    kind, details = Kind.APPLICATION_RETURNED, an_example(Kind.APPLICATION_RETURNED).details | {"note": typed}
    for version in (current_version(kind), kept(kind, body="{{ note }}\n{{ reasons }}\n{{ resubmit_by }}")):
        text = (
            render_mail(LINKS, kind, version, "zh-Hant", details).text
            if part == "mail"
            else render_text(LINKS, kind, version, "zh-Hant", details, part)
        )
        assert shown in text
        assert typed == shown or typed not in text


def test_a_text_of_an_operator_stands_above_the_release_s_part_by_part():
    kind = Kind.VERIFICATION_CODE
    details = an_example(kind).details | {"code": "482913"}
    version = kept(kind, "en", sms="Code {{ code }}")
    assert render_text(LINKS, kind, version, "en", details, "sms") == "Code 482913"
    assert render_mail(LINKS, kind, version, "en", details) == render_mail(LINKS, kind, 2, "en", details)


def test_a_test_says_so_in_its_subject():
    kind = Kind.ACCOUNT_FROZEN
    text = OperatorsText(next(NUMBERS), kind, "zh-Hant", 3, {"subject": "凍結"}, is_test=True)
    actions.keep_texts([text])
    assert (
        render_mail(LINKS, kind, text.version, "zh-Hant", an_example(kind).details).subject == "［測試］凍結"
    )


def test_what_the_largest_text_costs_is_bounded():
    """8,000 characters of conditions and markup are read, decided and filled in well below a second."""
    source = ("{% if note %}**a** [x](case_url) {% endif %}\n\n" * 100)[:4_000]
    source = source[: source.rindex("{% endif %}") + 11] + "{{ name }} **b** " * 230
    began = time.perf_counter()
    assert faults_of_text(Kind.APPLICATION_RETURNED, "en", {"body": source[:8_000]}, PORTAL)
    assert time.perf_counter() - began < 2


def test_a_file_that_cannot_be_written_in_the_notation_is_noticed():
    with pytest.raises(NotInTheNotation):
        in_notation("{% block body %}<p>{{ name.first }}</p>{% endblock %}", actions._texts("en"))
    with pytest.raises(NotInTheNotation):
        in_notation("{% block body %}<blink>x</blink>{% endblock %}", actions._texts("en"))
