"""The catalogue of what an applicant fills in: one declaration, and everything else is made of it."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path

import mtnet_contracts
import pytest
from marshmallow import ValidationError
from mtnet_contracts import events  # noqa: F401 - they enter the catalogue
from mtnet_contracts.codec import reader_of, writer_of
from mtnet_contracts.event import catalogue
from mtnet_contracts.examples import example_payload
from mtnet_contracts.vocabulary.answers import (
    ANSWERS,
    ASKED_OF,
    QUESTIONS,
    SECTIONS,
    SHOWN_FIELDS,
    Answers,
    Applicant,
    Company,
    Identity,
    Registration,
)
from mtnet_contracts.vocabulary.choices import CONTACTS, IDENTITY_TYPES
from mtnet_contracts.vocabulary.kinds import Line, Mobile, Text
from mtnet_contracts.vocabulary.questions import (
    not_asked,
    question,
    questions_of,
    read,
    section,
    shape_of,
    stored,
)
from mtnet_contracts.vocabulary.reasons import MARKABLE_FIELDS

COMPANY = {
    "unified_business_number": "04595257",
    "name_zh": "範例航運股份有限公司",
    "person_in_charge": "王小明",
    "city": "keelung",
    "address": "港西街 1 號",
    "phone": "+886224201234",
    "email": "office@example.com",
    "mobile": "+886922345678",
}


def test_answers_come_back_from_json_as_they_were():
    answers = Answers(
        registration=Registration(method="email", notice_version="2026-01", agreed=True),
        identity=Identity(account_name="carrier2026", masked_id_number="A123***", person="p"),
        company=Company(**COMPANY, number_as_registered=True),
        applicant=Applicant(
            name="陳小華", email="a@example.com", mobile="+886912345678", systems=("mtnet", "crew")
        ),
    )
    kept = json.loads(json.dumps(answers.stored()))
    assert Answers.read(kept) == answers
    assert kept["applicant"]["systems"] == ["mtnet", "crew"]


def test_what_equals_its_default_is_not_stored():
    assert stored(Company(**COMPANY)) == COMPANY
    assert Answers().stored() == {}


def test_an_id_number_is_never_stored_with_the_other_answers():
    assert stored(Identity(id_number="A123456789", account_name="carrier2026")) == {
        "account_name": "carrier2026"
    }


def test_names_that_are_not_known_and_empty_sections_are_passed_over():
    assert Answers.read(
        {"company": {**COMPANY, "of_next_year": 1}, "applicant": {}, "identity": None}
    ) == Answers(company=Company(**COMPANY))


def test_a_section_is_replaced_by_its_type():
    company = Company(**COMPANY)
    assert Answers().with_section(company) == Answers(company=company)
    assert [name for name, _ in Answers().with_section(company).given()] == ["company"]


def test_the_sections_are_those_of_an_application_in_their_order():
    assert tuple(SECTIONS) == tuple(f.name for f in fields(Answers)) == tuple(ANSWERS) == tuple(ASKED_OF)
    assert all(set(of) <= set(IDENTITY_TYPES) for of in ASKED_OF.values())


def test_what_a_reviewer_may_mark_is_what_is_shown():
    """`number_as_registered` and the registration are neither: nobody corrects them at a mark."""
    shown = [f"{name}.{attribute}" for name, attributes in SHOWN_FIELDS.items() for attribute in attributes]
    assert [*shown, "form"] == list(MARKABLE_FIELDS)


def test_every_mobile_and_address_of_a_company_or_person_can_be_proved():
    proved = {
        f"{name}_{attribute}"
        for name in ("company", "applicant")
        for attribute in questions_of(SECTIONS[name])
        if attribute in ("mobile", "email")
    }
    assert proved == set(CONTACTS)
    assert isinstance(ANSWERS["company"]().fields["mobile"], Mobile)


@pytest.mark.parametrize("event", catalogue(), ids=lambda event: event.event_name())
def test_no_event_holds_what_is_stored_apart(event):
    apart = {path.partition(".")[2] for path, asked in QUESTIONS.items() if asked.apart}
    assert apart == {"id_number"}
    assert not apart & set(re.findall(r'"(\w+)":', json.dumps(example_payload(event))))


# A field more, a field less


@section
@dataclass(frozen=True, kw_only=True)
class Vessel:
    """A section of its own, for the tests."""

    name: str = field(metadata=question(Line, longest=20, marked="text"))
    port_of_registry: str | None = field(default=None, metadata=question(Text, longest=5, required=False))
    secret: str | None = field(
        default=None, metadata=question(Text, longest=9, required=False, in_event=False)
    )
    apart: str | None = field(default=None, metadata=question(Text, longest=9, apart=True))
    worked_out: str = field(default="", metadata=not_asked())


def test_a_shape_asks_what_the_section_asks():
    shape = shape_of(Vessel, "VesselAnswers")
    assert list(shape().fields) == ["name", "port_of_registry", "secret", "apart"]
    assert shape().load({"name": " Ever ", "apart": "x", "unknown": 1}) == {
        "name": "Ever",
        "port_of_registry": None,
        "secret": None,
        "apart": "x",
    }
    with pytest.raises(ValidationError) as refused:
        shape().load({"port_of_registry": "far too long"})
    assert refused.value.messages == {
        "name": ["REQUIRED"],
        "port_of_registry": ["TOO_LONG"],
        "apart": ["REQUIRED"],
    }


def test_what_is_kept_in_does_not_travel():
    vessel = Vessel(name="Ever", secret="s", apart="a", worked_out="w")
    assert writer_of(Vessel)(vessel) == {"name": "Ever"}
    assert reader_of(Vessel)({"name": "Ever", "secret": "s"}) == {"name": "Ever"}
    assert read(Vessel, stored(vessel)) == Vessel(name="Ever", secret="s", worked_out="w")


@pytest.mark.parametrize(
    ("attribute", "complaint"),
    [
        (field(), "says nothing about itself"),
        (field(default=""), "says nothing about itself"),
        (field(metadata=question(Text, required=False)), "needs a default"),
        (field(metadata=question(Text, apart=True)), "needs a default"),
        (field(metadata=not_asked()), "needs a default"),
    ],
)
def test_a_field_declared_by_half_stops_the_import(attribute, complaint):
    namespace = {"__annotations__": {"berth": str}, "berth": attribute}
    made = dataclass(frozen=True, kw_only=True)(type("Berth", (), namespace))
    with pytest.raises(TypeError, match=complaint):
        section(made)


NEW_FIELD = """    website: str | None = field(
        default=None, metadata=question(Text, longest=100, required=False, marked="contact")
    )
"""
REPORT = """
import json
from mtnet_contracts.catalogue import asyncapi
from mtnet_contracts.calls.review.cases import RETURN_CASE
from mtnet_contracts.event import event_class
from mtnet_contracts.examples import example_of
from mtnet_contracts.vocabulary.answers import ANSWERS, SHOWN_FIELDS, Answers
from mtnet_contracts.vocabulary.reasons import REASONS_THAT_FIT

sent = {**json.loads(COMPANY), "website": " example.com "}
loaded = ANSWERS["company"]().load(sent)
answers = Answers.read({"company": loaded})
message = asyncapi()["components"]["messages"]["accounts.ApplicationSubmitted"]
print(json.dumps({
    "in the shape": loaded.get("website"),
    "in the store": answers.stored()["company"].get("website"),
    "on the pages": "website" in SHOWN_FIELDS["company"],
    "for reviewers": REASONS_THAT_FIT.get("company.website", [])[:1],
    "in the event": "website" in message["payload"]["properties"]["company"]["properties"],
    "older events": example_of(event_class("accounts", "ApplicationSubmitted")).company.name_zh,
}))
"""


@pytest.fixture
def copy_of_the_contracts(tmp_path):
    shutil.copytree(Path(mtnet_contracts.__file__).parent, tmp_path / "mtnet_contracts")
    return tmp_path


def report(folder):
    script = f"COMPANY = {json.dumps(COMPANY)!r}\n{REPORT}"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def with_a_new_field(folder):
    path = folder / "mtnet_contracts" / "vocabulary" / "answers.py"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("    address: str", f"{NEW_FIELD}    address: str", 1), encoding="utf-8")
    return path, before


@pytest.mark.slow  # starts processes
def test_a_new_field_is_one_entry_and_gone_with_it(copy_of_the_contracts):
    path, before = with_a_new_field(copy_of_the_contracts)
    with_it = report(copy_of_the_contracts)
    older = with_it.pop("older events")
    assert with_it == {
        "in the shape": "example.com",
        "in the store": "example.com",
        "on the pages": True,
        "for reviewers": ["WRONG"],
        "in the event": True,
    }
    path.write_text(before, encoding="utf-8")
    assert report(copy_of_the_contracts) == {
        "in the shape": None,
        "in the store": None,
        "on the pages": False,
        "for reviewers": [],
        "in the event": False,
        "older events": older,
    }


@pytest.mark.slow
def test_a_field_that_is_not_declared_fails_the_type_check(copy_of_the_contracts):
    use = copy_of_the_contracts / "use.py"
    use.write_text(
        "from mtnet_contracts.vocabulary.answers import Company\n\n\n"
        "def shown(company: Company) -> str | None:\n    return company.website\n"
    )

    def checked():
        command = [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-incremental",
            "--follow-imports=silent",
            "use.py",
        ]
        return subprocess.run(command, cwd=copy_of_the_contracts, capture_output=True, text=True, check=False)

    refused = checked()
    assert '"Company" has no attribute "website"' in refused.stdout, refused.stdout + refused.stderr
    with_a_new_field(copy_of_the_contracts)
    assert checked().returncode == 0
