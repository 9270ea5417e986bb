"""LINE as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls.notify import line
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

LINK_TOKEN = "the token in the link of the chat"  # noqa: S105 - says what it is

OPERATIONS = (
    Operation(
        "line_link", "GET", "/account/line", line.LINE_LINK, N_("See whether LINE is linked"), "account"
    ),
    Operation(
        "line_link_target",
        "POST",
        "/account/line/targets",
        line.LINE_LINK_TARGET,
        N_("See to which LINE user the link in a chat was written"),
        "account",
        example={"link_token": LINK_TOKEN},
    ),
    Operation(
        "start_line_link",
        "POST",
        "/account/line",
        line.START_LINE_LINK,
        N_("Begin to link LINE: LINE asks its user at the address that is answered"),
        "account",
        status=201,
        example={"link_token": LINK_TOKEN},
    ),
    Operation("unlink_line", "DELETE", "/account/line", line.UNLINK_LINE, N_("Unlink LINE"), "account"),
)
