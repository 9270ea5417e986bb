"""The frame is made once for pages that have it alike, and holds nothing of a page or a person."""

import re

import pytest
from flask import g, url_for
from gateway import frame
from gateway.navigation import page_address
from markupsafe import escape

from .conftest import Browser, a_session

TOKENS = re.compile(r'name="csrf_token" value="([^"]+)"')
ADDRESSES = ["/account", "/account?page=2&x=%E8%88%B9+%26", "/account?a=%22b%27%3C%3E%2F%3F~*()!,:;@"]


@pytest.fixture(autouse=True)
def no_frames():
    frame._frame.cache_clear()


def page_of(browser, everything, name, address="/account"):
    """The page as somebody of this name gets it."""
    session = a_session("reviewer", unit="north")
    session["account"]["name"] = name
    everything.answers["accounts.resume_session"] = session
    return browser.cookie("sid", "s" * 43).get(address).text


def test_two_people_get_one_frame_and_nothing_of_each_other(portal, everything):
    first = page_of(Browser(portal), everything, "王小明")
    made = frame._frame.cache_info().misses
    second = page_of(Browser(portal), everything, "陳大文")
    assert frame._frame.cache_info().misses == made, "the second page needs no new frame"
    assert "王小明" in first
    assert "王小明" not in second
    assert "陳大文" in second
    assert not set(TOKENS.findall(first)) & set(TOKENS.findall(second))
    assert frame.MARK not in first + second


def test_no_frame_that_is_kept_holds_a_name_or_a_token(portal, everything, monkeypatch):
    kept = []
    make = frame._frame.__wrapped__
    monkeypatch.setattr(frame, "_frame", lambda facts: kept.append(make(facts)) or kept[-1])
    page = page_of(Browser(portal), everything, "王小明", "/account?secret=1")
    (pieces, holes), *_ = kept
    fixed = "".join(piece for place, piece in enumerate(pieces) if place not in dict(holes))
    assert "王小明" not in fixed
    assert "secret" not in fixed
    assert TOKENS.findall(page)
    assert not TOKENS.findall(fixed)
    assert {name for _, name in holes} >= set(frame.HOLES) - {"before"}


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_switches_lead_back_to_the_page_as_any_link_would(portal, everything, address):
    shown = page_of(Browser(portal), everything, "王小明", address)
    with portal.test_request_context(address):
        back = page_address()
        g.case_number = None
        assert escape(url_for("public.preferences", next=back, size="l")) in shown
    assert f'name="next" value="{escape(back)}"' in shown


def test_a_frame_that_decides_by_a_pages_own_value_or_by_the_request_fails_at_once(portal):
    template = portal.jinja_env.from_string("{% if title %}x{% endif %}")
    with pytest.raises(TypeError, match="facts"):
        template.render(title=frame._hole("title"))
    template = portal.jinja_env.from_string("{{ request.args.name }}")
    with pytest.raises(TypeError, match="no request"):
        template.render(request=frame.OutOfReach())
