"""The operator's overview: a card for each tool, and what the office calendar lacks."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template
from mtnet_contracts.vocabulary.dates import taipei_day
from mtnet_contracts.vocabulary.office_calendar import years_missing, years_to_compare

from gateway.session import require_role

pages = Blueprint("operations", __name__)


@pages.get("/operations")
def overview() -> str:
    require_role("operator")
    today = taipei_day(datetime.now(UTC))
    return render_template(
        "operations/overview.html", missing=years_missing(today), to_compare=years_to_compare(today)
    )
