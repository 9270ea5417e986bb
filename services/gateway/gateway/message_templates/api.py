"""Texts of messages as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls.notify import templates as calls
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

ONE = "/operations/templates/<string:kind>/<string:locale>"
PARTS = {"subject": "您的 MTNet 帳號已凍結"}

OPERATIONS = (
    Operation(
        "templates",
        "GET",
        "/operations/templates",
        calls.TEMPLATES,
        N_("List the texts of messages: which version is in use, who changed it last"),
        "operator",
    ),
    Operation(
        "template",
        "GET",
        ONE,
        calls.TEMPLATE,
        N_("See a text, the release's beside it, and what it may be filled with"),
        "operator",
    ),
    Operation(
        "preview_template",
        "POST",
        f"{ONE}/preview",
        calls.PREVIEW_TEMPLATE,
        N_("See a text on every channel with sample values, and what keeps it from being published"),
        "operator",
        example={"parts": PARTS, "chosen": {}},
    ),
    Operation(
        "save_template_draft",
        "PUT",
        f"{ONE}/draft",
        calls.SAVE_TEMPLATE_DRAFT,
        N_("Save what is being written; nothing is sent with it"),
        "operator",
        example={"parts": PARTS, "revision": 0},
    ),
    Operation(
        "publish_template",
        "POST",
        f"{ONE}/publish",
        calls.PUBLISH_TEMPLATE,
        N_("Publish a text: messages are written with it from now on"),
        "operator",
        example={"parts": PARTS, "revision": 1, "reason": "用語更清楚"},
    ),
    Operation(
        "restore_template",
        "POST",
        f"{ONE}/restore",
        calls.RESTORE_TEMPLATE,
        N_("Take an earlier version back, or with version 0 the release's text"),
        "operator",
        example={"version": 0, "revision": 2, "reason": "恢復原文"},
    ),
    Operation(
        "template_versions",
        "GET",
        f"{ONE}/versions",
        calls.TEMPLATE_VERSIONS,
        N_("List what was published, newest first"),
        "operator",
    ),
    Operation(
        "template_difference",
        "GET",
        f"{ONE}/difference",
        calls.TEMPLATE_DIFFERENCE,
        N_("Compare two versions; 0 is the release's text, -1 what is being written"),
        "operator",
    ),
    Operation(
        "test_template",
        "POST",
        f"{ONE}/test",
        calls.TEST_TEMPLATE,
        N_("Send a text to one's own contacts, with sample values"),
        "operator",
        example={"parts": PARTS, "chosen": {}},
    ),
)
