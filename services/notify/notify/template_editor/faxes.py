"""The fax that a text becomes, as pictures for the editor."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from mtnet_contracts.vocabulary.notices import Category
from PIL import Image

from notify.channels.fax.fonts import FontsMissing
from notify.channels.fax.notice import fax_saying
from notify.channels.fax.pages import DOTS_PER_INCH, drawn
from notify.channels.rules import OutgoingMessage
from notify.template_editor.actions import own_text, release_parts
from notify.templates.rules import Kind, Links
from notify.templates.samples import samples_of

NOBODY = UUID(int=0)
SAMPLE_NUMBER = "+886281927019"
MOST_PAGES, HALF, SHADES = 2, 2, 8


def pages(
    links: Links,
    previewed: Mapping[str, Any],
    kind: Kind,
    locale: str,
    parts: Mapping[str, str],
    now: datetime,
) -> list[str]:
    """The first pages, PNG in base64, of what `actions.preview` found; none of a text that cannot be written yet, or
    that is not faxed.
    """
    own = "fax" in own_text(kind, locale, parts) or "fax" in release_parts(kind)
    words = previewed["fax"] if own else previewed["text"]
    if previewed["fax"] is None or words is None or previewed["subject"] is None:
        return []
    message = OutgoingMessage(
        message_id=NOBODY,
        delivery_id=NOBODY,
        recipient=SAMPLE_NUMBER,
        kind=kind,
        template_version=0,
        locale=locale,
        details=samples_of(kind, links.portal_url),
        urgent=False,
        category=Category.INFORMATION,
    )
    try:
        found = drawn(fax_saying(message, previewed["subject"], words, links, now))
    except FontsMissing:
        return []
    return [_picture(page) for page in found[:MOST_PAGES]]


def _picture(page: Image.Image) -> str:
    """Half as large, with square dots: those of a fax are not."""
    across, down = DOTS_PER_INCH
    size = (page.width // HALF, page.height * across // (down * HALF))
    output = BytesIO()
    page.convert("L").resize(size, Image.Resampling.BOX).quantize(SHADES).save(output, "PNG")
    return b64encode(output.getvalue()).decode()
