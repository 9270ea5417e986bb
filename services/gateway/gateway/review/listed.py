"""The list of cases in the reviewer's queue, kept as it was written.

A reviewer opens the queue again and again, and it is mostly the same as a moment ago. What somebody may see is asked of
review each time; here only the writing is saved.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import current_app
from markupsafe import Markup
from mtnet_contracts.vocabulary.choices import IDENTITY_TYPES

from gateway.locale import locale
from gateway.navigation import address_of
from gateway.review.labels import SORTS, TABS
from gateway.texts import for_templates

# Some 40 kB each.
MOST_KEPT = 100


def listed(wanted: dict[str, Any], found: dict[str, Any]) -> Markup:
    """Tabs, filter and table of a page of the queue. `wanted` is the request of the call, `found` its reply."""
    return _written(locale(), int(time.time() // 60), orjson.dumps([wanted, found]))


@lru_cache(MOST_KEPT)
def _written(locale: str, _minute: int, answered: bytes) -> Markup:
    """All that the list shows is in its arguments, so whoever gets it was answered with the same. How long a case has
    waited is told in minutes."""
    wanted, found = orjson.loads(answered)
    address = address_of("review.queue")
    chosen = {name: value for name, value in wanted.items() if value is not None}
    written = current_app.jinja_env.get_template("review/listed.html").render(
        **for_templates(locale),
        wanted=wanted,
        found=found,
        counts={row["tab"]: row["count"] for row in found["counts"]},
        tabs=TABS,
        sorts=SORTS,
        types=IDENTITY_TYPES,
        queue_address=address,
        here_with=lambda **changes: f"{address}?{urlencode({**chosen, **changes})}",
    )
    return Markup(written)  # noqa: S704 - the template escapes
