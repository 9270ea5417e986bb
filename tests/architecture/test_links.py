"""What a mail links to is a page of the portal: a button that leads nowhere is found here, not by who got the mail."""

import pytest
from flask import Flask
from gateway.topics import PAGES
from gateway.tracking.cases import CaseNumber
from notify.templates.rules import PAGES_OF_TOKENS, Links
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

PORTAL = "https://mtnet.example"
# Their events come with them.
NOT_YET: set[str] = set()


def linked():
    addresses = [value for name, value in Links(PORTAL).placeholders().items() if name.endswith("_url")]
    tokens = [f"{PORTAL}{page}token" for _, page in PAGES_OF_TOKENS.values()]
    return sorted({address.removeprefix(PORTAL) or "/" for address in addresses + tokens})


@pytest.fixture(scope="module")
def pages():
    app = Flask("portal")
    app.url_map.converters["case_number"] = CaseNumber
    for topic in PAGES:
        app.register_blueprint(topic)
    return app.url_map.bind("mtnet.example")


def is_there(pages, path):
    try:
        pages.match(path, method="GET")
    except NotFound:
        return False
    except RequestRedirect:  # to the same with a slash at its end
        return True
    return True


@pytest.mark.parametrize("path", linked())
def test_every_link_of_a_mail_leads_to_a_page(pages, path):
    assert is_there(pages, path) or path in NOT_YET


def test_a_page_that_is_not_there_is_noticed(pages):
    assert not is_there(pages, "/password/reset/token")
