"""My account: the overview, and one's own data."""

from __future__ import annotations

from flask import Blueprint, render_template

from gateway.session import require_role

pages = Blueprint("profile", __name__)


@pages.get("/account")
def overview() -> str:
    require_role()
    return render_template("profile/overview.html")
