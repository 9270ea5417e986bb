"""The operator's overview: a card for each tool, from the table in navigation.py."""

from __future__ import annotations

from flask import Blueprint, render_template

from gateway.session import require_role

pages = Blueprint("operations", __name__)


@pages.get("/operations")
def overview() -> str:
    require_role("operator")
    return render_template("operations/overview.html")
