"""Lists as CSV files: read by spreadsheets with their Chinese intact, and never as formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from flask import Response

# What a spreadsheet may take for the beginning of a formula (OWASP, CSV Injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A download in UTF-8 with a byte order mark, by which spreadsheets know it. `name` is ASCII, without ending."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([as_cell(heading) for heading in headings])
    writer.writerows([as_cell(value) for value in row] for row in rows)
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.csv")
    response.headers["Cache-Control"] = "no-store"
    return response


def as_cell(value: object) -> str:
    """As text; an apostrophe keeps it from being a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
