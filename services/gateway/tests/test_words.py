"""Every word is there in both languages."""

import re
from pathlib import Path

import gateway
from gateway.words import WORDS
from marshmallow import fields, validate
from mtnet_contracts.calls import CALLS, content, review
from mtnet_contracts.calls.call import COMMON_REFUSALS
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

PACKAGE = Path(gateway.__file__).parent
CHINESE = re.compile(r"[\u3400-\u9fff]")
# Names of things that stay Chinese in English too.
KEPT_CHINESE = {"field.company.unified_business_number", "language.other"}


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


def needed_words():
    wanted = {f"error.{code}" for code in COMMON_REFUSALS}
    for call in CALLS.values():
        if call.service in ("accounts", "review", "content"):
            wanted |= {f"error.{code}" for code in call.refusals}
            wanted |= {f"error.{code}" for code in codes_of(call.request)}
    for name, shape in ANSWERS.items():
        wanted |= {f"error.{code}" for code in codes_of(shape)}
        wanted |= {f"field.{name}.{field}" for field in shape().fields}
    for prefix, codes in {
        "identity": IDENTITY_TYPES,
        "section": SECTIONS,
        "contact": CONTACTS,
        "status": STATUSES,
        "system": SYSTEMS,
        "affairs": SYSTEMS,
        "role": ROLES,
        "city": CITIES,
        "unit": UNITS,
        "state": review.cases.CASE_STATES,
        "action": review.cases.ACTIONS,
        "reason": RETURN_CODES,
        "field": MARKABLE_FIELDS,
        "category": content.pages.FAQ_CATEGORIES,
    }.items():
        wanted |= {f"{prefix}.{code}" for code in codes}
    return wanted


def test_every_code_of_the_contracts_has_words():
    assert sorted(needed_words() - set(WORDS)) == []


def test_every_key_in_templates_and_pages_has_words():
    used = set()
    for path in (*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.py")):
        used |= set(re.findall(r"""\bt\(\s*['"]([a-z0-9_.]+)['"]\s*[,)]""", path.read_text()))
    assert len(used) > 100
    assert sorted(used - set(WORDS)) == []


def test_words_stand_in_both_languages_with_the_same_places():
    faults = []
    for key, (chinese, english) in WORDS.items():
        if not chinese.strip() or not english.strip():
            faults.append(f"{key} lacks a language")
        if set(re.findall(r"\{(\w+)\}", chinese)) != set(re.findall(r"\{(\w+)\}", english)):
            faults.append(f"{key} has other places")
        if key not in KEPT_CHINESE and CHINESE.search(english):
            faults.append(f"{key} is Chinese in English")
    assert faults == []
