"""The calls the gateway makes, one file per service that answers them."""

from mtnet_contracts.calls import accounts, content, notify, review
from mtnet_contracts.calls.call import CALLS, Call, Shape

__all__ = ["CALLS", "Call", "Shape", "accounts", "content", "notify", "review"]
