"""The gateway is deployed before a service: what the service's answers lack costs no page more than that."""

from marshmallow import fields
from mtnet_contracts.calls import CALLS

from .conftest import Browser, fields_of, sealed
from .test_pages import KEY, PAGES


def earlier(shape, answer):
    """The answer without what came into its shape later."""
    if not isinstance(answer, dict):
        return answer
    found = {}
    for name, value in answer.items():
        field = fields_of(shape).get(name)
        if field is not None and not field.required:
            continue
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            value = (
                [earlier(type(inner.schema), each) for each in value]
                if isinstance(value, list)
                else earlier(type(inner.schema), value)
            )
        found[name] = value
    return found


class Earlier(dict):
    """Answers as a release before the newest fields gave them."""

    def __getitem__(self, name):
        answer = super().__getitem__(name)
        shape = CALLS[name].reply
        if callable(answer):
            return lambda request: earlier(shape, answer(request))
        return earlier(shape, answer)


def test_every_page_is_shown_with_answers_of_an_earlier_release(portal, everything):
    everything.answers = Earlier({name: everything.answers[name] for name in CALLS})
    browser = Browser(portal, "en").cookie(KEY, "t" * 43).cookie("sid", "s" * 43)
    browser.cookie("login", sealed("l" * 43))
    failed = {path: status for path in PAGES if (status := browser.get(path).status_code) != 200}
    assert failed == {}


def test_incidents_of_an_older_helpdesk_are_shown(portal, everything):
    everything.answers["helpdesk.incidents"] = {"running": [], "groups": []}
    browser = Browser(portal, "en").cookie("sid", "s" * 43)
    assert browser.get("/desk/incidents").status_code == 200
    assert "There is no incident." in browser.words
    assert "were compared" not in browser.words


def test_similar_tickets_are_counted_where_the_helpdesk_does_not(portal, everything):
    fault = everything.answers["helpdesk.fault"]
    similar = fault["similar"][:1] * 3
    fault = {n: v for n, v in fault.items() if n not in ("alike", "compared", "unsorted", "failing")}
    everything.answers["helpdesk.fault"] = fault | {"similar": similar}
    browser = Browser(portal, "en").cookie(KEY, "t" * 43).cookie("sid", "s" * 43)
    assert browser.get("/desk/faults/F2026-000001").status_code == 200
    assert "Open tickets that read like it (3)" in browser.words
