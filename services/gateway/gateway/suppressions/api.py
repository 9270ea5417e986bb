"""The suppression list as a program sees it."""

from __future__ import annotations

from mtnet_contracts.calls import notify
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "suppressions",
        "GET",
        "/operations/suppressions",
        notify.suppressions.SUPPRESSIONS,
        N_("List the addresses that nothing is sent to, newest first"),
        "operator",
    ),
    Operation(
        "suppress",
        "POST",
        "/operations/suppressions",
        notify.suppressions.SUPPRESS,
        N_("Send nothing more to an address"),
        "operator",
        status=201,
        example={"channel": "email", "address": "clerk@example.com", "note": "本人來電表示地址有誤"},
    ),
    Operation(
        "lift_suppression",
        "POST",
        "/operations/suppressions/<int:position>/lift",
        notify.suppressions.LIFT_SUPPRESSION,
        N_("Take an address off the list"),
        "operator",
        example={"note": "本人來電表示信箱已恢復"},
    ),
)
