"""Areas of several sections ("My account", "Operations"): the list beside each page, the cards on the overview.

Both are the same for everybody who sees the page, so they are rendered once for each language and page.
"""

from __future__ import annotations

from functools import lru_cache

from flask import Flask, current_app
from markupsafe import Markup

from gateway.locale import locale
from gateway.navigation import Section, address_of, page_address, section_of
from gateway.texts import for_templates

# Two languages, two areas, two kinds of page for each section: far fewer than this.
MOST_KEPT = 500


def register(app: Flask) -> None:
    app.jinja_env.globals.update(sections_beside=sections_beside, section_cards=section_cards)


def sections_beside(sections: tuple[Section, ...], overview: str, title: str) -> Markup:
    """The list of sections, with the one that the shown page belongs to marked."""
    path = page_address().partition("?")[0]
    current = section_of(sections, path)
    on_its_first_page = current is not None and path == address_of(current.endpoint)
    return _sections_beside(locale(), sections, overview, str(title), current, on_its_first_page)


def section_cards(sections: tuple[Section, ...]) -> Markup:
    """A card for each section, with what can be done there."""
    return _section_cards(locale(), sections) if sections else Markup("")


@lru_cache(MOST_KEPT)
def _sections_beside(
    language: str,
    sections: tuple[Section, ...],
    overview: str,
    title: str,
    current: Section | None,
    on_its_first_page: bool,
) -> Markup:
    return _rendered(
        "sections_beside",
        language,
        sections=sections,
        overview=overview,
        title=title,
        current=current,
        on_its_first_page=on_its_first_page,
    )


@lru_cache(MOST_KEPT)
def _section_cards(language: str, sections: tuple[Section, ...]) -> Markup:
    return _rendered("section_cards", language, sections=sections)


def _rendered(name: str, language: str, **values: object) -> Markup:
    """A template that knows nothing of the request."""
    template = current_app.jinja_env.get_template(f"shared/{name}.html")
    return Markup(template.render(**values, **for_templates(language)))  # noqa: S704 - rendered with autoescape
