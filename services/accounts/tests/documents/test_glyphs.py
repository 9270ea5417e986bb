"""What the application form can print, and what it shows for the rest."""

import subprocess
import unicodedata

import pytest
from accounts import glyphs
from accounts.documents.printing import receipt_pdf
from mtnet_contracts.vocabulary.answers import Answers

from ..builders import applicant, company
from .test_printing import PORTAL, a_form, an_application

pytestmark = pytest.mark.slow


def test_fields_are_named_and_each_character_once():
    answers = {
        "registration": {
            "method": "email",
            "notice_version": "1",
            "agreed": True,
            "email": "\ue000@a.example",
        },
        "identity": {"account_name": "QWERTYUI"},
        "company": company(name_zh="海\ue000航\ue001\ue000", address="𣪋路 1 號"),
        "applicant": applicant(name="王𪃎", title=None, reason="\U000f0001"),
    }
    assert glyphs.unprintable_answers(Answers.read(answers)) == [
        {"field": "company.name_zh", "characters": ["U+E000", "U+E001"]},
        {"field": "applicant.reason", "characters": ["U+F0001"]},
    ]
    assert glyphs.unprintable_answers(Answers()) == []


def pdftotext(document):
    """What a program that copies text out of the PDF finds."""
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=document, capture_output=True, check=True)
    return done.stdout.decode()


def test_documents_show_rare_characters_and_code_points_for_the_others():
    answers = Answers.read(
        {"company": company(name_zh="𣪋𪃎\ue000航運<b>"), "applicant": applicant(name="王\U000f0001")}
    )
    identity = an_application().answers.identity
    application = an_application(answers=answers.with_section(identity))
    form, receipt = pdftotext(a_form(application)), pdftotext(receipt_pdf(application, portal_url=PORTAL))
    assert "𣪋𪃎〔U+E000〕航運<b>" in form
    assert "王〔U+F0001〕" in form
    assert "𣪋𪃎〔U+E000〕航運<b>" in receipt
    assert "王〔U+F0001〕" in receipt
    for text in (form, receipt):
        assert not [c for c in text if unicodedata.category(c) == "Co"]
