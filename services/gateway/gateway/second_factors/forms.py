"""What the pages of second factors read and show alike."""

from __future__ import annotations

import segno
from flask import render_template, request


def proof_typed() -> tuple[str, str | None]:
    """The code that was typed, and what a passkey signed."""
    return request.form.get("code", "").strip(), request.form.get("passkey") or None


def qr_code(uri: str) -> str:
    """The picture that an authenticator app reads, as an address of its own."""
    return str(segno.make(uri, error="m").svg_data_uri(scale=5, border=4, light="white"))


def recovery_codes_page(codes: list[str], *, way_on: str) -> str:
    """The codes, shown once."""
    return render_template("second_factors/recovery_codes.html", codes=codes, way_on=way_on)
