"""Calls answer with codes."""

import pytest
from marshmallow import ValidationError
from mtnet_contracts.calls import CALLS
from mtnet_contracts.calls.review.cases import REJECT_CASE, RETURN_CASE
from mtnet_contracts.vocabulary.answers import ANSWERS, SECTIONS
from mtnet_contracts.vocabulary.choices import CONTACTS
from mtnet_contracts.vocabulary.kinds import Filename, Prose, Text
from mtnet_contracts.vocabulary.reasons import MARKABLE_FIELDS, REASONS_THAT_FIT, RETURN_CODES
from mtnet_contracts.vocabulary.shapes import flat


def codes(messages):
    for message in messages.values() if isinstance(messages, dict) else messages:
        if isinstance(message, str):
            yield message
        else:
            yield from codes(message)


@pytest.mark.parametrize("name", CALLS)
def test_a_bad_request_is_answered_with_codes_never_sentences(name):
    call = CALLS[name]
    for request in ({}, dict.fromkeys(call.request().fields), dict.fromkeys(call.request().fields, 7)):
        try:
            call.load_request(request)
        except ValidationError as refused:
            found = list(codes(refused.messages))
            assert found
            assert all(c.isupper() and " " not in c for c in found), found


def test_who_waits_for_a_write_waits_longer():
    waits = {name: call.timeout_seconds for name, call in CALLS.items()}
    assert waits == {name: 10.0 if call.writes else 3.0 for name, call in CALLS.items()}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_has_a_shape(section):
    with pytest.raises(ValidationError):
        ANSWERS[section]().load({})


@pytest.mark.parametrize("field", MARKABLE_FIELDS)
def test_what_a_reviewer_can_mark_is_a_field_of_the_application(field):
    section, _, name = field.partition(".")
    assert field == "form" or name in ANSWERS[section]().fields


def test_every_contact_is_a_field_of_its_section():
    for contact in CONTACTS:
        section, _, name = contact.partition("_")
        assert name in ANSWERS[section]().fields


def test_full_width_digits_become_plain_ones():
    assert Text().deserialize("　Ａ１２３４５６７８９　") == "A123456789"


def test_prose_keeps_full_width_punctuation():
    assert Prose(longest=20).deserialize(" 辦理船舶進出港，請查照。 ") == "辦理船舶進出港，請查照。"


@pytest.mark.parametrize("kind", [Text, Prose])
def test_control_characters_are_refused(kind):
    with pytest.raises(ValidationError):
        kind().deserialize("a\x00b")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("用印檔案.pdf", "用印檔案.pdf"),
        ("C:\\Users\\我\\scan 1.pdf", "scan 1.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: x=1\n.pdf", "aSet-Cookie: x=1.pdf"),
        ("in\u202efdp.exe\u2028", "infdp.exe"),
        ("folder/", "file"),
        ("\u0301.pdf", ".pdf"),
        ("e\u0301\u20dd.pdf", "é\u20dd.pdf"),
        ("\x00", "file"),
        ("名" * 300 + ".pdf", "名" * 196 + ".pdf"),
    ],
)
def test_a_filename_loses_folders_and_what_cannot_be_seen(given, kept):
    assert Filename(longest=200).deserialize(given) == kept


CASE = "0190b3c9-0d54-7e0a-b1c2-9d8e7f6a5b43"
OF_A_PICTURE = {"UNREADABLE", "NOT_STAMPED"}


@pytest.mark.parametrize("call", [RETURN_CASE, REJECT_CASE], ids=lambda call: call.name)
@pytest.mark.parametrize("field", MARKABLE_FIELDS)
def test_a_reason_is_taken_where_it_fits_and_refused_at_its_place_elsewhere(call, field):
    fits = {"code": "WRONG", "field": field}
    for code in RETURN_CODES:
        reasons = [fits, {"code": code, "field": field}]
        request = {"application_id": CASE, "version": 1, "note": "x", "reasons": reasons}
        if code in REASONS_THAT_FIT[field]:
            assert call.load_request(request)["reasons"][1] == {"code": code, "field": field}
            continue
        with pytest.raises(ValidationError) as refused:
            call.load_request(request)
        found = flat(refused.value.normalized_messages())
        assert found == {"reasons.1.code": ["REASON_DOES_NOT_FIT"]}, (field, code)


def test_every_reason_fits_somewhere_and_every_field_can_be_wrong():
    assert set(REASONS_THAT_FIT) == set(MARKABLE_FIELDS)
    assert {code for codes in REASONS_THAT_FIT.values() for code in codes} == set(RETURN_CODES)
    for field, codes in REASONS_THAT_FIT.items():
        assert codes[0] == "WRONG"
        assert len(set(codes)) == len(codes)
        assert set(codes) >= OF_A_PICTURE if field == "form" else not OF_A_PICTURE & set(codes)


@pytest.mark.parametrize(
    ("field", "code", "fits"),
    [
        ("company.phone", "NOT_STAMPED", False),
        ("applicant.email", "UNREADABLE", False),
        ("company.city", "DUPLICATE", False),
        ("applicant.name", "DUPLICATE", False),
        ("company.name_zh", "DUPLICATE", True),
        ("company.fax", "EXPIRED", False),
        ("company.unified_business_number", "EXPIRED", True),
        ("form", "DUPLICATE", False),
        ("form", "NOT_STAMPED", True),
    ],
)
def test_which_reasons_fit(field, code, fits):
    assert (code in REASONS_THAT_FIT[field]) is fits
