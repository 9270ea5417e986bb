"""What each kind may be filled with is declared, as its events bring it: nothing missing, nothing that never comes."""

import re

import pytest
from mtnet_contracts.vocabulary.labels import MESSAGE_KINDS
from notify.templates import actions
from notify.templates.actions import current_version, render_mail, values_for
from notify.templates.declared import (
    OF_EVERY_KIND,
    PLACEHOLDERS,
    placeholders_of,
)
from notify.templates.placeholders import DECIDES
from notify.templates.rules import LOCALES, Kind
from notify.templates.samples import every_sample_of, samples_of

from ..builders import LINKS, SECRETS, an_example

EVERY_KIND = pytest.mark.parametrize("kind", Kind)
# Details that no text needs to name.
BEHIND_A_LINK = {"request_id", "ticket_path", "answered_files", "thread"}


@EVERY_KIND
def test_every_kind_declares_its_placeholders(kind):
    assert kind in PLACEHOLDERS, f"declare the placeholders of {kind} in templates/declared.py"


@EVERY_KIND
def test_what_events_bring_is_what_is_declared(kind):
    brought = values_for(LINKS, kind, an_example(kind).details | SECRETS.get(kind, {}))
    of_the_kind = {each.name for each in PLACEHOLDERS[kind]}
    assert brought.keys() - {each.name for each in OF_EVERY_KIND} - BEHIND_A_LINK - of_the_kind == set()
    missing = {each.name for each in PLACEHOLDERS[kind] if each.has_value(brought)} - brought.keys()
    assert missing == set()


def test_every_text_may_name_what_leads_to_the_portal():
    assert {each.name for each in OF_EVERY_KIND} == LINKS.placeholders().keys()


@EVERY_KIND
@pytest.mark.parametrize("locale", LOCALES)
def test_the_samples_of_every_case_fill_the_release_s_texts(kind, locale):
    for values in every_sample_of(kind, LINKS.portal_url):
        assert render_mail(LINKS, kind, current_version(kind), locale, values).text


@EVERY_KIND
def test_the_choices_are_those_that_the_release_s_text_asks_for(kind):
    source = (actions.FILES / f"{kind}.{current_version(kind)}.html").read_text("utf-8")
    for each in PLACEHOLDERS[kind]:
        if each.form in DECIDES:
            asked = set(re.findall(rf"\b{each.name} [!=]= [\"']([\w]*)[\"']", source))
            assert asked <= each.choices.keys()
            assert each.sample in each.choices


def test_a_choice_is_made_and_what_has_no_value_then_is_left_out():
    values = samples_of(Kind.PASSWORD_RESET, "https://mtnet.example", {"account_state": "frozen"})
    assert values["account_state"] == "frozen"
    assert "reset_url" not in values
    assert values["login_url"] == "https://mtnet.example/login"


@EVERY_KIND
def test_every_placeholder_has_a_meaning_and_a_name_of_its_own(kind):
    names = [each.name for each in (*PLACEHOLDERS[kind], *OF_EVERY_KIND)]
    assert len(names) == len(set(names)) == len(placeholders_of(kind))
    assert all(each.meaning for each in placeholders_of(kind).values())


def test_every_kind_has_a_name_for_operators():
    assert set(MESSAGE_KINDS) == {kind.value for kind in Kind}
