"""Draws HTML as PDF in the worker; nothing is fetched while drawing."""

from __future__ import annotations

from weasyprint import HTML
from weasyprint.urls import URLFetcher


def drawn(html: str) -> bytes:
    """A PDF/UA-1 document with embedded Chinese fonts; of addresses only `data:` is opened, for the QR code."""
    fetcher = URLFetcher(allowed_protocols=("data",))
    document: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1")
    return document
