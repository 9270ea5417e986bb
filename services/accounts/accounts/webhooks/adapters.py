"""What DNS says of a webhook's host when it is registered. It is asked again at every connection (notify)."""

from __future__ import annotations

from mtnet_chassis.runtime.webhook_hosts import Resolve, judged_by_dns, resolved
from mtnet_contracts.vocabulary.webhook_addresses import AddressRefused, WebhookAddress


def judge_by_dns(address: WebhookAddress, resolve: Resolve = resolved, *, local: bool) -> None:
    """Raises AddressRefused for a name that is unknown, or that leads into a private network."""
    try:
        judged_by_dns(address, resolve, local=local)
    except (OSError, UnicodeError):
        raise AddressRefused(f"{address.host} is not known to DNS.", "WEBHOOK_NAME_UNKNOWN") from None
