"""The rows of the reviewer's queue, kept as they were written.

A reviewer opens the queue again and again, and colleagues see the same cases: most rows are the same as a moment ago.
Which cases somebody may see is asked of review each time; here only the writing is saved.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import current_app
from markupsafe import Markup

from gateway.formatting import waited
from gateway.locale import locale
from gateway.navigation import address_of
from gateway.texts import for_templates

# Some 2 kB each.
MOST_KEPT = 1000


def rows(cases: list[dict[str, Any]]) -> Markup:
    """A table row for each QueueItem, in the language of the page."""
    language = locale()
    return Markup("").join(
        _row(
            language,
            waited(case["waiting_since"]) if case["state"] == "open" else "",
            tuple(case),
            tuple(case.values()),
        )
        for case in cases
    )


@lru_cache(MOST_KEPT)
def _row(locale: str, waiting: str, names: tuple[str, ...], values: tuple[Any, ...]) -> Markup:
    """All that a row shows is in its arguments, so whoever gets it was answered with the same."""
    template = current_app.jinja_env.get_template("review/row.html")
    words = for_templates(locale)
    written = template.render(
        **words,
        i=dict(zip(names, values, strict=True)),
        waiting=waiting,
        queue_address=address_of("review.queue"),
    )
    return Markup(written)  # noqa: S704 - the template escapes
