"""Deliveries as a program sees them."""

from __future__ import annotations

from mtnet_contracts.calls.notify import delivery_search as calls
from mtnet_contracts.calls.notify import providers
from mtnet_contracts.vocabulary.texts import N_

from gateway.api.operation import Operation

OPERATIONS = (
    Operation(
        "find_deliveries",
        "GET",
        "/operations/messages",
        calls.FIND_DELIVERIES,
        N_("Find what was sent by case number, account name, address, state, channel, kind or day"),
        "operator",
    ),
    Operation(
        "send_delivery_again",
        "POST",
        "/operations/messages/<uuid:delivery_id>/again",
        calls.SEND_AGAIN,
        N_("Send a message once more to the same address, with the text it was written with"),
        "operator",
        example={"reason": "申請人表示沒有收到"},
    ),
    Operation(
        "providers",
        "GET",
        "/operations/providers",
        providers.PROVIDERS,
        N_("See whether each provider takes messages, and how many were sent, arrived and failed by day"),
        "operator",
    ),
    Operation(
        "pause_provider",
        "POST",
        "/operations/providers/<channel>/pause",
        providers.PAUSE_PROVIDER,
        N_("Pause a provider: nothing more goes to it until it is resumed, and nothing is lost"),
        "operator",
        example={"reason": "簡訊業者通知今晚維護"},
    ),
    Operation(
        "resume_provider",
        "POST",
        "/operations/providers/<channel>/resume",
        providers.RESUME_PROVIDER,
        N_("Let a paused provider go on"),
        "operator",
        example={"reason": "維護結束"},
    ),
)
