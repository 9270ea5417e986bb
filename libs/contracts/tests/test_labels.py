"""What codes are called: each has a label, in both languages."""

import pytest
from mtnet_contracts.calls import content, review
from mtnet_contracts.vocabulary import desk, labels
from mtnet_contracts.vocabulary.answers import ANSWERS, SECTIONS
from mtnet_contracts.vocabulary.choices import (
    CITIES,
    CONTACTS,
    IDENTITY_TYPES,
    ROLES,
    STATUSES,
    SYSTEMS,
    UNITS,
)
from mtnet_contracts.vocabulary.reasons import MARKABLE_FIELDS, RETURN_CODES
from mtnet_contracts.vocabulary.texts import END_OF_CONTEXT, N_, P_, Texts, texts_of

CHINESE = texts_of("zh-Hant", labels.LABELS)
ENGLISH = texts_of("en", labels.LABELS)
FIELDS = [f"{name}.{field}" for name, shape in ANSWERS.items() for field in shape().fields]
TABLES = {name: table for name, table in vars(labels).items() if name.isupper() and isinstance(table, dict)}


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        (labels.IDENTITY_TYPES, IDENTITY_TYPES),
        (labels.SECTIONS, SECTIONS),
        (labels.CONTACTS, CONTACTS),
        (labels.STATUSES, STATUSES),
        (labels.SYSTEMS, SYSTEMS),
        (labels.ROLES, ROLES),
        (labels.CITIES, CITIES),
        (labels.UNITS, UNITS),
        (labels.CASE_STATES, review.cases.CASE_STATES),
        (labels.ACTIONS, review.cases.ACTIONS),
        (labels.TICKET_STATES, desk.TICKET_STATES),
        (labels.TICKET_PRIORITIES, desk.TICKET_PRIORITIES),
        (labels.TICKET_CATEGORIES, desk.TICKET_CATEGORIES),
        (labels.DESK_TEAMS, desk.DESK_TEAMS),
        (labels.DESK_CHANNELS, desk.DESK_CHANNELS),
        (labels.DESK_DELIVERIES, desk.DESK_DELIVERIES),
        (labels.REASONS, RETURN_CODES),
        (labels.CATEGORIES, content.pages.FAQ_CATEGORIES),
        (labels.FIELDS, {*FIELDS, *MARKABLE_FIELDS}),
        (labels.FIELDS_IN_FULL, MARKABLE_FIELDS),
    ],
)
def test_every_code_has_a_label_and_no_label_lacks_its_code(table, codes):
    missing, idle = set(codes) - set(table), set(table) - set(codes)
    assert not missing
    assert not idle or table is labels.FIELDS_IN_FULL


@pytest.mark.parametrize("name", TABLES)
def test_every_label_is_translated(name):
    """English is what stands in the code; MTNet is called MTNet, and LINE is LINE."""
    for text in TABLES[name].values():
        assert ENGLISH[text] == text.rpartition(END_OF_CONTEXT)[2]
        assert CHINESE[text] != ENGLISH[text] or text in ("MTNet", "LINE")


def test_a_context_tells_equal_texts_apart():
    assert CHINESE[labels.FIELDS_ON_PAPER["applicant.phone"]] == "聯絡電話"
    assert CHINESE[labels.FIELDS_ON_PAPER["company.phone"]] == "電話"
    assert ENGLISH[labels.FIELDS_ON_PAPER["company.phone"]] == "Telephone"


def test_what_is_not_translated_stays_english():
    assert CHINESE[N_("Nobody translated this")] == "Nobody translated this"
    assert CHINESE[P_("somewhere", "Nobody translated this")] == "Nobody translated this"
    assert Texts("fr", labels.LABELS)[labels.UNITS["operations"]] == "Operations Centre"


def test_a_number_takes_its_form():
    assert ENGLISH.of_number("%(num)d page", "%(num)d pages", 1) == "%(num)d page"
    assert ENGLISH.of_number("%(num)d page", "%(num)d pages", 2) == "%(num)d pages"
