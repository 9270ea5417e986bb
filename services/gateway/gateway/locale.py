"""In which language and text size a page is shown, and its texts."""

from __future__ import annotations

from flask import Response, g, request
from mtnet_contracts.vocabulary.choices import LOCALES
from mtnet_contracts.vocabulary.texts import P_

from gateway.cache.pages import TEXT_SIZES, locale_of
from gateway.cookies import cookie, set_cookie
from gateway.texts import TEXTS

YEAR_SECONDS = 365 * 24 * 3600
# In the WSGI environment of a page that is shown again; nobody outside can put it there.
SWITCHED = "portal.switched"


def locale() -> str:
    """Of the address (?lang=), else of the cookie, else of the browser; Chinese when nobody says."""
    found: str | None = g.get("locale")
    if found is None:
        wanted = switched().get("lang") or request.args.get("lang") or request.cookies.get(cookie("lang"))
        found = g.locale = locale_of(wanted, request.headers.get("Accept-Language", ""))
    return found


def text_size() -> str:
    """Of the address (?size=), else of the cookie: s, m or l."""
    wanted = switched().get("size") or request.args.get("size") or request.cookies.get(cookie("size"))
    return wanted if wanted in TEXT_SIZES else "m"


def remember_switches(response: Response) -> None:
    """Language and size that an address asks for are kept in cookies."""
    if request.args.get("lang") in LOCALES:
        set_cookie(response, "lang", request.args["lang"], seconds=YEAR_SECONDS)
    if request.args.get("size") in TEXT_SIZES:
        set_cookie(response, "size", request.args["size"], seconds=YEAR_SECONDS)


def switched() -> dict[str, str]:
    """The new language or size, while a page is shown again with what is being typed; else nothing."""
    found: dict[str, str] = request.environ.get(SWITCHED, {})
    return found


def gettext(text: str, **values: object) -> str:
    """The text in the language of the page; `values` fill its places, such as %(number)s."""
    found = TEXTS[locale()][text]
    return found % values if values else found


def pgettext(context: str, text: str, **values: object) -> str:
    """As `gettext`, for a text that Chinese says differently in different places."""
    return gettext(P_(context, text), **values)
