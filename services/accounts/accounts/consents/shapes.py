"""What the endpoints about the privacy notice answer with."""

from __future__ import annotations

from accounts.consents.actions import OwnConsents


def own_consents_view(own: OwnConsents) -> dict[str, object]:
    """The call's OwnConsents."""
    return {
        "needed": vars(own.needed) if own.needed else None,
        "agreed": [vars(consent) for consent in own.agreed],
    }
