"""Every field of every request has its limits, and nothing unseen gets in."""

import json
import sys
import unicodedata

import pytest
from marshmallow import ValidationError, fields, validate
from mtnet_contracts.calls import CALLS
from mtnet_contracts.vocabulary.answers import ANSWERS
from mtnet_contracts.vocabulary.choices import SYSTEMS
from mtnet_contracts.vocabulary.kinds import (
    Characters,
    Choices,
    Credential,
    Day,
    EmailAddress,
    Filename,
    Line,
    Moment,
    Prose,
    RawAnswers,
    Secret,
    Several,
    Text,
    Token,
    Versions,
    Whole,
)
from mtnet_contracts.vocabulary.shapes import Shape
from mtnet_contracts.vocabulary.unseen import name_without_unseen, without_unseen

LONGEST_ALLOWED = 1000
MOST_ALLOWED = 100
# With a certificate of the device's maker in it.
LONGEST_CREDENTIAL_ALLOWED = 8_000
# What is long by its nature, each with its own limit.
LONG = {
    "accounts.accounts_named.account_names": 10_000,
    "content.save_faq_draft.answer_en": 5_000,
    "content.save_faq_draft.answer_zh": 5_000,
    "helpdesk.add_note.text": 10_000,
    "helpdesk.answer_by_link.text": 10_000,
    "helpdesk.answer_ticket.text": 10_000,
    "helpdesk.send_form.text": 10_000,
    # Signed, with names in it.
    "helpdesk.open_reactivation.statement": 4_000,
    "helpdesk.record_fault.ticket_ids": 200,
    "helpdesk.record_fault.workaround_zh": 2_000,
    "helpdesk.record_fault.workaround_en": 2_000,
    "helpdesk.record_fault.cause": 2_000,
    "helpdesk.change_fault.workaround_zh": 2_000,
    "helpdesk.change_fault.workaround_en": 2_000,
    "helpdesk.change_fault.cause": 2_000,
    "helpdesk.add_reports.ticket_ids": 200,
    "helpdesk.add_reports.numbers": 200,
    "helpdesk.announce_fault.text_zh": 2_000,
    "helpdesk.announce_fault.text_en": 2_000,
    "helpdesk.resolve_fault.solution_zh": 2_000,
    "helpdesk.resolve_fault.solution_en": 2_000,
    "helpdesk.resolve_fault.cause": 2_000,
    "helpdesk.write_handover.text": 4_000,
    "helpdesk.log_call.text": 10_000,
    "helpdesk.propose_faq.answer_en": 5_000,
    "helpdesk.propose_faq.answer_zh": 5_000,
    "helpdesk.save_canned_answer.body_en": 4_000,
    "helpdesk.save_canned_answer.body_zh": 4_000,
    "helpdesk.save_quick_answer.answer_en": 5_000,
    "helpdesk.save_quick_answer.answer_zh": 5_000,
    "notify.add_to_broadcast.person_ids": 5_000,
    "notify.receive_line_webhook.body": 350_000,
    "notify.receive_receipts.body": 4_000,
    "notify.write_broadcast.body_zh": 2_000,
    "notify.write_broadcast.body_en": 2_000,
    "notify.change_broadcast.body_zh": 2_000,
    "notify.change_broadcast.body_en": 2_000,
    "notify.preview_template.parts.*": 10_000,
    "notify.save_template_draft.parts.*": 10_000,
    "notify.publish_template.parts.*": 10_000,
    "notify.test_template.parts.*": 10_000,
}
SHAPES = {name: call.request for name, call in CALLS.items()} | {
    f"section {name}": shape for name, shape in ANSWERS.items()
}


def longest(field):
    return min(
        (v.max for v in field.validators if isinstance(v, validate.Length) and v.max is not None),
        default=None,
    )


def unbounded(field, path):
    """The paths of what has no limit."""
    if isinstance(field, fields.Nested):
        for name, inner in field.schema.fields.items():
            yield from unbounded(inner, f"{path}.{name}")
    elif isinstance(field, RawAnswers):
        return
    elif isinstance(field, fields.List):
        if not (longest(field) or 0) or longest(field) > LONG.get(path, MOST_ALLOWED):
            yield path
        yield from unbounded(field.inner, f"{path}.*")
    elif isinstance(field, fields.Dict):
        if not (longest(field) or 0) or longest(field) > MOST_ALLOWED:
            yield path
        for part in (field.key_field, field.value_field):
            if part is None:
                yield path
            else:
                yield from unbounded(part, f"{path}.*")
    elif isinstance(field, Credential):
        if longest(field) > LONGEST_CREDENTIAL_ALLOWED:
            yield path
    elif isinstance(field, Filename):
        if field.longest > LONGEST_ALLOWED:
            yield path
    elif isinstance(field, fields.UUID | fields.Boolean | Day | Moment):
        return
    elif isinstance(field, fields.String):
        chosen = any(isinstance(v, validate.OneOf) for v in field.validators)
        if not chosen and not 0 < (longest(field) or 0) <= LONG.get(path, LONGEST_ALLOWED):
            yield path
    elif isinstance(field, fields.Integer):
        ranges = [v for v in field.validators if isinstance(v, validate.Range)]
        if not any(r.min is not None and r.max is not None and r.max < 2**31 for r in ranges):
            yield path
    else:
        yield path


def test_every_field_that_is_sent_has_a_limit():
    found = [
        path
        for name, shape in SHAPES.items()
        for field, kind in shape().fields.items()
        for path in unbounded(kind, f"{name}.{field}")
    ]
    assert found == []


class Unlimited(Shape):
    text = fields.String()
    whole = fields.Integer()
    several = fields.List(Text(longest=5))
    mapping = fields.Dict(keys=Text(longest=5), validate=validate.Length(max=3))
    raw = fields.Raw()
    number = fields.Float()
    day = fields.Date()
    book = Text(longest=10_000)


@pytest.mark.parametrize("name", Unlimited().fields)
def test_a_field_without_a_limit_is_found(name):
    assert list(unbounded(Unlimited().fields[name], name)) == [name]


def codes_of(shape, request):
    try:
        shape().load(request)
    except ValidationError as refused:
        return refused.messages_dict
    return {}


HUGE = {
    "a long text": "字" * 20_000,
    "many entries": ["mtnet"] * 20_000,
    "a number of 4,300 digits": 10**4299,
    "digits": "9" * 4_300,
    "half of a pair": "\ud83d",
    "half of a pair in a list": ["mtnet", "\udc00"],
    "a mapping": {str(n): "x" for n in range(20_000)},
    "infinity": float("inf"),
    "not a number": float("nan"),
    "a deep one": json.loads("[" * 500 + "]" * 500),
}


def too_much(what, path):
    """Also of a field that is long by its nature."""
    given = HUGE[what]
    return given * (1 + LONG.get(path, 0) // len(given)) if what in ("a long text", "digits") else given


@pytest.mark.slow  # texts of 20,000 characters for each of 1,700 fields
@pytest.mark.parametrize("name", SHAPES)
def test_no_field_takes_what_is_too_much(name):
    """Each field for itself answers with codes; nothing raises anything else."""
    taken = [
        f"{name}.{field} takes {what}"
        for field, kind in SHAPES[name]().fields.items()
        if not isinstance(kind, Filename | fields.Boolean)
        for what in HUGE
        if not codes_of(SHAPES[name], {field: too_much(what, f"{name}.{field}")}).get(field)
    ]
    assert taken == []


def test_every_system_may_be_named_once_and_twice_is_once():
    kind = ANSWERS["applicant"]().fields["systems"]
    assert kind.deserialize(list(SYSTEMS)) == list(SYSTEMS)
    assert kind.deserialize(["vessels", "mtnet", "vessels"]) == ["vessels", "mtnet"]
    for given, code in (
        ([], "SYSTEMS_REQUIRED"),
        (["mtnet"] * 101, "TOO_MANY"),
        (["nothing"], "NOT_A_CHOICE"),
    ):
        with pytest.raises(ValidationError) as refused:
            kind.deserialize(given)
        assert code in json.dumps(refused.value.messages)


# What nobody sees

SEEN_NOWHERE = (
    "\u200b\u00ad\u202a\u202e\ufeff\u2060\u200e\u2066\u034f\u061c"
    "\u180e\ufe0f\u3164\u115f\uffa0\u2800\U000e0041\ufffc\U0001d159"
)


@pytest.mark.parametrize("unseen", SEEN_NOWHERE, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Text(longest=20), "A123456789"),
        (Text(longest=20), "PTAPPLY936EC90162340"),
        (Text(longest=6), "123456"),
        (EmailAddress(), "clerk@example.com"),
        (Line(longest=50), "王小明"),
        (Prose(longest=50), "辦理船舶進出港"),
    ],
)
def test_what_cannot_be_seen_is_no_part_of_what_was_typed(kind, typed, unseen):
    for pasted in (unseen + typed, typed + unseen, typed[:2] + unseen + typed[2:], unseen.join(typed)):
        assert kind.deserialize(pasted) == typed


def test_every_format_character_that_this_python_knows_is_cleaned():
    kept = [
        f"U+{n:04X}"
        for n in range(sys.maxunicode + 1)
        if unicodedata.category(chr(n)) == "Cf" and without_unseen(chr(n))
    ]
    assert kept == []


@pytest.mark.parametrize(
    "name",
    [
        "葛\U000e0100城",  # which shape of the ideograph
        "\u6717\ufe00",
        "\ue000\U000f0000",  # characters of one's own
        "\U00023a8b\U0002a0ce",
        "क्\u200dष",  # a joiner after a virama
        "می\u200cخواهم",  # a non-joiner between Arabic letters
        "陳·O’Neill-Łuk",
    ],
)
def test_a_name_keeps_what_belongs_to_it(name):
    assert name_without_unseen(name) == name
    assert Line(longest=50, required=True).deserialize(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    "text",
    [
        "👨\u200d👩\u200d👧",  # a family
        "一家👨\u200d👩\u200d👧三口",
        "👩🏽\u200d🚀",  # with the colour of a skin
        "👩🏽\u200d❤\ufe0f\u200d👨🏿",
        "🏴\u200d☠\ufe0f",
        "🏳\ufe0f\u200d🌈",
        "❤\ufe0f",
        "☎\ufe0f 02-8192-7111",
        "1\ufe0f\u20e3",  # a digit on a key
    ],
)
def test_what_joins_emoji_to_one_picture_stays_in_names_and_prose(text):
    for kind in (Line(longest=50), Prose(longest=50)):
        assert kind.deserialize(text) == text


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("\u200d👩", "👩"),
        ("👩\u200d", "👩"),
        ("👩\u200d王", "👩王"),
        ("王\u200d👩", "王👩"),
        ("a\u200db", "ab"),
        ("王\u200d小明", "王小明"),
        ("👨\u200d\u200d👩", "👨👩"),
        ("👨\u200b\u200d👩", "👨👩"),
        ("👨 \u200d👩", "👨 👩"),
        ("🏽\u200d王", "🏽王"),
        ("王🏽\u200d\ufe0f", "王🏽"),
        ("王\ufe0f", "王"),
        ("a\ufe0f", "a"),
        ("1\ufe0f", "1"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f"),
        ("\ufe0f\u200d👩", "👩"),
        ("👨\u202e\u200d👩", "👨👩"),
    ],
)
def test_elsewhere_what_joins_emoji_is_unseen(typed, left):
    assert name_without_unseen(typed) == left == name_without_unseen(left)


def test_nothing_joins_emoji_in_what_is_compared():
    assert Text(longest=50).deserialize("👨\u200d👩") == "👨👩"


@pytest.mark.parametrize("kind", [Text, Line, Prose])
@pytest.mark.parametrize(
    "typed", ["", " ", "\u3000", "\u200b", "\u200b \u202e\ufeff", "\u3164", "\u2800", "\n"]
)
def test_nothing_that_can_be_seen_is_nothing(kind, typed):
    with pytest.raises(ValidationError) as refused:
        kind(longest=50, required=True).deserialize(typed)
    assert refused.value.messages == ["REQUIRED"]


MARKS = ["\u0301", "\u20dd", "\u0488", "\u20e3", "\u0e31", "\u3099"]


@pytest.mark.parametrize("mark", MARKS, ids=lambda c: f"U+{ord(c):04X}")
@pytest.mark.parametrize("kind", [Text, Line, Prose])
def test_an_accent_on_nothing_is_nothing(kind, mark):
    for alone in (mark, mark * 3, f" {mark}", f"\u200b{mark}\u3000{mark}"):
        with pytest.raises(ValidationError) as refused:
            kind(longest=50, required=True).deserialize(alone)
        assert refused.value.messages == ["REQUIRED"]
    assert kind(longest=50).deserialize(f"{mark}x {mark}y") == "x y"


def test_an_accent_on_a_letter_stays():
    for text in ("Nguyễn Thị Hồng", "e\u0328\u0301", "か\u3099", "กี้", "ניקוד\u05b8", "王\u0301"):
        composed = unicodedata.normalize("NFC", text)
        assert Line(longest=50).deserialize(text) == composed
        assert Prose(longest=50).deserialize(f"{text}\n{text}") == f"{composed}\n{composed}"


@pytest.mark.parametrize("typed", ["Jean´s Shipping", "O´Brien ¨x¨", "a¯b", "‾‗˝", "c˘d"])
def test_an_accent_in_place_of_an_apostrophe_stays_what_it_is(typed):
    assert Text(longest=50).deserialize(typed) == typed


LINE_ENDS = ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("end", LINE_ENDS)
def test_a_name_stands_on_one_line_and_prose_on_several(end):
    for kind in (Text(longest=50), Line(longest=50)):
        assert kind.deserialize(f"{end}one{end}") == "one"
        with pytest.raises(ValidationError) as refused:
            kind.deserialize(f"one{end}two")
        assert refused.value.messages == ["ONE_LINE"]
    assert Prose(longest=50).deserialize(f"one{end}two") == "one\ntwo"


@pytest.mark.parametrize(
    "kind",
    [
        *(
            Text(longest=5),
            Line(longest=5),
            Prose(longest=5),
            Secret(),
            EmailAddress(),
            Characters(longest=5),
        ),
    ],
)
def test_half_of_a_surrogate_pair_and_nul_are_no_text(kind):
    for typed in ("\ud83d", "a\udc00b", "\0", "a\0b"):
        with pytest.raises(ValidationError) as refused:
            kind.deserialize(typed)
        assert refused.value.messages == ["NOT_VALID"]


def test_a_limit_counts_what_is_left_after_cleaning():
    assert Text(longest=5).deserialize("\u200b" * 40 + "12345") == "12345"
    for typed in ("123456", "\u200b" * 200_000 + "12345"):
        with pytest.raises(ValidationError) as refused:
            Text(longest=5).deserialize(typed)
        assert refused.value.messages == ["TOO_LONG"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Clerk@Example.COM", "Clerk@example.com"),
        ("ｃｌｅｒｋ＠example.com", "clerk@example.com"),
        ("clerk@bücher.example", "clerk@bücher.example"),
        ("clerk@BÜCHER.example", "clerk@bücher.example"),
        ("clerk@臺灣航運.公司", "clerk@臺灣航運.公司"),
        ("clerk@example。com。tw", "clerk@example.com.tw"),
        ("clerk@example．com", "clerk@example.com"),
        ("a@" + "x" * 63 + ".tw", "a@" + "x" * 63 + ".tw"),
        (" a+b.c_d@mail.example.com ", "a+b.c_d@mail.example.com"),
    ],
)
def test_an_address_is_written_in_one_way(typed, kept):
    assert EmailAddress(required=True).deserialize(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "a@localhost",
        "a@host.localhost",
        "a@printer.local",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a@example",
        "a@.com",
        "a@example.com.",
        "a@exa_mple.com",
        '"a b"@example.com',
        "a@例え。local",
        "a@-x.com",
        "a b@example.com",
        "小明@example.com",
        "a@b@example.com",
        "@example.com",
        "a" * 65 + "@example.com",
        "a..b@example.com",
        "Name <a@example.com>",
        "a@example.com, b@example.com",
        "a@exam\tple.com",
        "a@☃.net",
        "a@💩.la",
        "a@b。。co",
        "a。b@example.com",
        "a@" + ".".join(["港務"] * 80) + ".tw",  # fits as typed, and not as DNS has it
    ],
)
def test_what_no_mail_reaches_is_no_address(typed):
    with pytest.raises(ValidationError) as refused:
        EmailAddress(required=True).deserialize(typed)
    assert refused.value.messages == ["EMAIL_INVALID"]


@pytest.mark.parametrize(
    "typed", [1.5, 1.0, True, "1.0", "1_0", " 1", "９", "", None, [], {}, "1" * 5000, 2**31, -1]
)
def test_what_is_no_whole_number(typed):
    with pytest.raises(ValidationError):
        Whole(least=0).deserialize(typed)


@pytest.mark.parametrize("typed", [7, "7", "07"])
def test_a_whole_number_comes_as_a_number_or_in_digits(typed):
    assert Whole().deserialize(typed) == 7


@pytest.mark.parametrize("typed", ["short", "t" * 201, "t" * 20 + " ", "ｔ" * 20, "t" * 20 + "\x00"])
def test_a_token_is_printable_ascii_of_a_known_length(typed):
    with pytest.raises(ValidationError):
        Token().deserialize(typed)


def test_a_list_is_judged_before_its_items_are():
    with pytest.raises(ValidationError) as refused:
        Several(Text(longest=5), most=3).deserialize(["too long"] * 4)
    assert refused.value.messages == ["TOO_MANY"]


def test_answers_are_few_and_flat():
    kind = RawAnswers(required=True)
    fine = {"name": "王小明", "agreed": True, "systems": ["mtnet"], "fax": None, "count": 3}
    assert kind.deserialize(fine) == fine
    for wrong in ({"a": {}}, {"a": [[]]}, {"a": 1.5}, {"a": 10**12}, {"a" * 41: ""}, {"a": "x" * 10_001}):
        with pytest.raises(ValidationError):
            kind.deserialize(wrong)
    assert codes_of(type("Given", (Shape,), {"answers": kind}), {"answers": {"name": "\ud83d"}}) == {
        "answers": {"name": ["NOT_VALID"]}
    }


def test_versions_name_what_there_is():
    kind = Versions("identity", "form")
    assert kind.deserialize({"identity": "abc", "form": ""}) == {"identity": "abc", "form": ""}
    for wrong in ({"nothing": "abc"}, {"identity": "a" * 101}, {"identity": 7}):
        with pytest.raises(ValidationError):
            kind.deserialize(wrong)


def test_a_list_of_choices_needs_one():
    with pytest.raises(ValidationError) as refused:
        Choices("a", "b", at_least_one="NONE").deserialize([])
    assert refused.value.messages == ["NONE"]
